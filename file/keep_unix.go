//go:build unix

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// OwnerError says that a file cannot have its owner on the filesystem that it is to be
// copied to.
type OwnerError struct{ Path string }

// Error is a sentence for people.
func (e *OwnerError) Error() string {
	return "its owner cannot be kept on the other disk, which takes a move_to on the same disk, or this program run as root"
}

// privateMode is what a file has until it is complete: nobody but its owner may read it.
const privateMode = 0o600

// keepMetadata gives a copy the owner, the mode and the extended attributes of what it is
// a copy of, the mode last, so that at no time may anybody read it who may not read that. A
// filesystem that has no modes (FAT) says itself who may.
func keepMetadata(from, to *os.File) error {
	var want, have unix.Stat_t
	if err := unix.Fstat(int(from.Fd()), &want); err != nil {
		return fmt.Errorf("read the owner of %s: %w", from.Name(), err)
	}
	if err := unix.Fstat(int(to.Fd()), &have); err != nil {
		return fmt.Errorf("read the owner of %s: %w", to.Name(), err)
	}
	if have.Mode&0o7777 != privateMode {
		return nil
	}
	keepAttributes(int(from.Fd()), int(to.Fd()))
	mode := uint32(want.Mode) & 0o7777
	if have.Uid != want.Uid && unix.Fchown(int(to.Fd()), int(want.Uid), -1) != nil {
		return &OwnerError{from.Name()}
	}
	if have.Gid != want.Gid && unix.Fchown(int(to.Fd()), -1, int(want.Gid)) != nil {
		mode = withoutGroup(mode)
	}
	if err := unix.Fchmod(int(to.Fd()), mode); err != nil {
		return &fs.PathError{Op: "chmod", Path: to.Name(), Err: err}
	}
	return nil
}

// withoutGroup is a mode for a file whose group is another than that it was meant for:
// the group may no more than everybody, and set-group-id goes.
func withoutGroup(mode uint32) uint32 {
	return mode&^0o2070 | mode&0o007<<3&mode
}

// keepAttributes copies what extended attributes the other filesystem takes: tags,
// comments, access lists. They are no reason to leave the file where it is.
func keepAttributes(from, to int) {
	size, err := unix.Flistxattr(from, nil)
	if err != nil || size == 0 {
		return
	}
	list := make([]byte, size)
	if size, err = unix.Flistxattr(from, list); err != nil {
		return
	}
	for name := range strings.SplitSeq(string(list[:size]), "\x00") {
		if !kept(name) {
			continue
		}
		n, err := unix.Fgetxattr(from, name, nil)
		if err != nil {
			continue
		}
		value := make([]byte, n)
		if n, err = unix.Fgetxattr(from, name, value); err == nil {
			_ = unix.Fsetxattr(to, name, value[:n], 0)
		}
	}
}

// mayRemove tells at once when nothing may be removed from the directory.
func (d *Dir) mayRemove() error {
	err := unix.Faccessat(d.fd, ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS)
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EROFS) {
		return &fs.PathError{Op: "remove from", Path: d.path, Err: err}
	}
	return nil
}

// syncFile makes a file in the directory durable.
func (d *Dir) syncFile(name string) error {
	f, err := d.openRegular(name)
	if errors.Is(err, fs.ErrPermission) {
		return SyncDir(d.path)
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), SyncDir(d.path))
}

// reservation reports whether a name is an empty file of ours; see renameReserved.
func (d *Dir) reservation(name string) bool {
	var st unix.Stat_t
	return d.stat(name, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG && st.Size == 0 &&
		st.Mode&0o7777 == privateMode && int(st.Uid) == os.Geteuid()
}
