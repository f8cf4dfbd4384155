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

// OpenDir opens a directory of the watch folder root, or root itself, for listing. Root
// is opened by whatever its path names; below it no symlink is followed, as Beneath has
// it. Anything but a directory is an error (ENOTDIR) and not opened.
func OpenDir(root, path string) (*os.File, error) {
	if path == root {
		return os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY, 0)
	}
	d, name, err := Beneath(root, path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := retry(func() (int, error) { return unix.Openat(d.fd, name, flags, 0) })
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// InUse reports whether opening failed because another program has the file to itself
// for the moment: a lease being broken, or an executable being written.
func InUse(err error) bool {
	return errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.ETXTBSY) || errors.Is(err, unix.EBUSY)
}
