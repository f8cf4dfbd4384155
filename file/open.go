package file

import (
	"fmt"
	"io/fs"
)

// NotRegularError says that a path names something that is never opened: a directory,
// a symlink, a FIFO, a device or a socket.
type NotRegularError struct {
	Path  string
	Mode  fs.FileMode // as far as it is known; only the type bits count
	Above bool        // it stands where a directory on the way to the file should be
}

// Error says in words what stands at the path.
func (e *NotRegularError) Error() string {
	if e.Above {
		return fmt.Sprintf("%s is %s, not a folder, and is not followed", e.Path, TypeName(e.Mode))
	}
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
