package watcher

import "golang.org/x/sys/windows"

func hide(path string) error {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return windows.SetFileAttributes(name, windows.FILE_ATTRIBUTE_HIDDEN)
}

func show(path string) error {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return windows.SetFileAttributes(name, windows.FILE_ATTRIBUTE_NORMAL)
}
