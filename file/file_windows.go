package file

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"unsafe"

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

// openRegular opens the path itself, never what a link at it points to, and lets other
// programs write, rename and delete it meanwhile.
func openRegular(path string) (*os.File, error) {
	h, err := createFile(path, shareAll, windows.FILE_FLAG_OPEN_REPARSE_POINT)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	var tag struct{ Attributes, ReparseTag uint32 } // FILE_ATTRIBUTE_TAG_INFO
	err = windows.GetFileInformationByHandleEx(h, windows.FileAttributeTagInfo,
		(*byte)(unsafe.Pointer(&tag)), uint32(unsafe.Sizeof(tag)))
	if err == nil && tag.Attributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		_ = windows.CloseHandle(h)
		const nameSurrogate = 0x20000000 // set for every reparse point that stands for another name
		if tag.ReparseTag&nameSurrogate != 0 {
			return nil, &NotRegularError{Path: path, Mode: fs.ModeSymlink}
		}
		// A cloud client's file: its content shows only without the flag.
		if h, err = createFile(path, shareAll, 0); err != nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
	}
	return os.NewFile(uintptr(h), path), nil
}

// OpenDir opens a directory for listing. A link at the end of the path is followed only
// if follow is set; without it a link is a *NotRegularError.
func OpenDir(path string, follow bool) (*os.File, error) {
	if !follow {
		info, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, &NotRegularError{Path: path, Mode: info.Mode()}
		}
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
