package file

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
)

// MarksHidden tells whether files can be Hidden on this platform at all.
const MarksHidden = true

// Hidden reports whether the system marks a file or directory as one that people are not
// shown: by the hidden attribute or, of a file, the system attribute. Explorer sets the
// latter on directories that were given an icon of their own, which people do see.
func Hidden(info fs.FileInfo) bool {
	data, ok := info.Sys().(*syscall.Win32FileAttributeData)
	if !ok {
		return false
	}
	marks := uint32(windows.FILE_ATTRIBUTE_HIDDEN)
	if !info.IsDir() {
		marks |= windows.FILE_ATTRIBUTE_SYSTEM
	}
	return data.FileAttributes&marks != 0
}
