package file

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

const (
	shareAll = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE

	// Attributes of files that a cloud client or tape system fetches when they are read.
	recalled = windows.FILE_ATTRIBUTE_OFFLINE | windows.FILE_ATTRIBUTE_RECALL_ON_OPEN |
		windows.FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS
)

// FromInfo takes size and modification time. Windows tells neither a change time nor an
// identity without opening the file, so both are zero, for opened files too.
func FromInfo(info fs.FileInfo) Fingerprint {
	return Fingerprint{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
}

// Placeholder reports whether a file's content is not on this disk (OneDrive, Dropbox,
// tape archives) and would be fetched by reading it.
func Placeholder(info fs.FileInfo) bool {
	data, ok := info.Sys().(*syscall.Win32FileAttributeData)
	return ok && data.FileAttributes&recalled != 0
}

// Openable reports whether what os.Lstat or a listing calls by this mode is worth an
// Open: a regular file, or a reparse point that is no link, as which a cloud client's
// file may show. Open tells what it is.
func Openable(mode fs.FileMode) bool {
	return mode&^fs.ModeIrregular&fs.ModeType == 0
}

// OpenDir opens a directory of the watch folder root, or root itself, for listing. Root
// is opened by whatever its path names; below it no link is followed, as Beneath has it,
// and a link at the end is a *NotRegularError.
func OpenDir(root, path string) (*os.File, error) {
	if path == root {
		return os.Open(path)
	}
	d, name, err := Beneath(root, path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if _, mode, err := d.Lstat(name); err != nil {
		return nil, err
	} else if !mode.IsDir() {
		return nil, &NotRegularError{Path: path, Mode: mode}
	}
	return os.Open(path)
}

// HasWriter tells whether any program has the file open for writing: opening it once
// more without allowing others to write is refused with a sharing violation then. The
// second handle is closed at once.
func HasWriter(f *os.File) Answer {
	h, err := createFile(f.Name(), windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, windows.FILE_FLAG_OPEN_REPARSE_POINT)
	switch {
	case err == nil:
		_ = windows.CloseHandle(h)
		return No
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION):
		return Yes
	}
	return CannotTell
}

// HasOther is CannotTell on Windows: it could be told only by opening the file without
// letting anybody else have it, and a program that opens it then fails.
func HasOther(*os.File) Answer { return CannotTell }

// InUse reports whether opening failed because another program has the file to itself
// for the moment.
func InUse(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

func createFile(path string, share, flags uint32) (windows.Handle, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return windows.InvalidHandle, err
	}
	return windows.CreateFile(name, windows.GENERIC_READ, share, nil, windows.OPEN_EXISTING, flags, 0)
}
