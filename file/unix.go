//go:build unix

package file

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Openable reports whether what os.Lstat or a listing calls by this mode is worth an
// Open: a regular file.
func Openable(mode fs.FileMode) bool { return mode.IsRegular() }

// openRegular opens what was just seen to be a regular file. O_NONBLOCK keeps a FIFO
// swapped in meanwhile from waiting for its other end; for regular files it does nothing.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EMLINK) { // EMLINK: FreeBSD
		return nil, &NotRegularError{Path: path, Mode: fs.ModeSymlink}
	}
	return f, err
}

// OpenDir opens a directory for listing. A symlink at the end of the path is followed
// only if follow is set. Anything but a directory is an error (ENOTDIR) and not opened.
func OpenDir(path string, follow bool) (*os.File, error) {
	flags := os.O_RDONLY | unix.O_DIRECTORY
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	return os.OpenFile(path, flags, 0)
}

// InUse reports whether opening failed because another program has the file to itself
// for the moment: a lease being broken, or an executable being written.
func InUse(err error) bool {
	return errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.ETXTBSY) || errors.Is(err, unix.EBUSY)
}
