package file

import (
	"fmt"
	"io/fs"
	"os"
)

// NotRegularError says that a path names something that is never opened: a directory,
// a symlink, a FIFO, a device or a socket.
type NotRegularError struct {
	Path string
	Mode fs.FileMode // as far as it is known; only the type bits count
}

// Error says in words what stands at the path.
func (e *NotRegularError) Error() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Path, TypeName(e.Mode))
}

// TypeName names the type bits of a mode in words an artist understands, with their
// article: "a folder", "a symbolic link", "a named pipe".
func TypeName(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a regular file"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// Lstat looks at a path without following a symlink at its end and without opening it.
// Errors are those of os.Lstat.
func Lstat(path string) (Fingerprint, fs.FileMode, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Fingerprint{}, 0, err
	}
	return FromInfo(info), info.Mode(), nil
}

// Open opens a regular file for reading and tells its fingerprint as of the open file.
// Other programs may write, rename and delete it meanwhile, on Windows too. What is not
// a regular file is not opened (a *NotRegularError): its type is looked at before, the
// opening itself neither follows a symlink nor waits, and the opened file is looked at
// again, so that a swap in between does no harm.
func Open(path string) (*os.File, Fingerprint, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, Fingerprint{}, err
	}
	if !Openable(info.Mode()) {
		return nil, Fingerprint{}, &NotRegularError{Path: path, Mode: info.Mode()}
	}
	f, err := openRegular(path)
	if err != nil {
		return nil, Fingerprint{}, err
	}
	info, err = f.Stat()
	if err == nil && !Openable(info.Mode()) {
		err = &NotRegularError{Path: path, Mode: info.Mode()}
	}
	if err != nil {
		_ = f.Close() // nothing was written to it; the error before it says more
		return nil, Fingerprint{}, err
	}
	return f, FromInfo(info), nil
}
