//go:build unix

package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Dir is a directory held open.
type Dir struct {
	fd   int
	path string // for messages
}

// openBeneath opens the directory at way below root, which is made with all on the way
// if that is asked. It goes one element at a time: os.Root would follow links that stay
// inside, and would wait for a FIFO in a directory's place.
func openBeneath(root, way string, create bool) (*Dir, error) {
	const flags = searchOnly | unix.O_DIRECTORY | unix.O_CLOEXEC
	fd, err := retry(func() (int, error) { return unix.Open(root, flags, 0) })
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: root, Err: err}
	}
	d := &Dir{fd, root}
	if way == "." {
		return d, nil
	}
	// The paths of the directories on the way are beginnings of the whole one: joining each
	// from its parts costs the square of the depth.
	full := filepath.Join(root, way)
	end := len(full) - len(way) - 1 // before the first element
	for name := range strings.SplitSeq(way, "/") {
		end += 1 + len(name)
		open := func() (int, error) { return unix.Openat(d.fd, name, flags|unix.O_NOFOLLOW, 0) }
		next, err := retry(open)
		if create && err == unix.ENOENT {
			if err = unix.Mkdirat(d.fd, name, 0o777); err == nil || err == unix.EEXIST {
				next, err = retry(open)
			}
			if serr := SyncDir(d.path); err == nil && serr != nil {
				_ = unix.Close(next)
				d.Close()
				return nil, serr
			}
		}
		if err != nil {
			err = d.noDirectory(name, err)
			d.Close()
			return nil, err
		}
		d.Close()
		d = &Dir{next, full[:end]}
	}
	return d, nil
}

// noDirectory is the error of a directory that could not be opened.
func (d *Dir) noDirectory(name string, err error) error {
	if err == unix.ENOTDIR || isLink(err) {
		if _, mode, lerr := d.Lstat(name); lerr == nil && !mode.IsDir() {
			return &NotRegularError{Path: d.join(name), Mode: mode, Above: true}
		}
	}
	return &fs.PathError{Op: "open", Path: d.join(name), Err: err}
}

// Close gives the directory up. It can fail in no way that matters: nothing is written
// through it.
func (d *Dir) Close() { _ = unix.Close(d.fd) }

// FD is the directory's descriptor, good until Close. On Linux it is an O_PATH one.
func (d *Dir) FD() int { return d.fd }

// Lstat checks a name in the directory, without following a link at it and without
// opening it. Errors are those of os.Lstat.
func (d *Dir) Lstat(name string) (Fingerprint, fs.FileMode, error) {
	var st unix.Stat_t
	if err := d.stat(name, &st); err != nil {
		return Fingerprint{}, 0, err
	}
	return FromStat(&st), modeOf(&st), nil
}

func (d *Dir) stat(name string, st *unix.Stat_t) error {
	for {
		switch err := unix.Fstatat(d.fd, name, st, unix.AT_SYMLINK_NOFOLLOW); err {
		case nil:
			return nil
		case unix.EINTR: // see retry
		default:
			return &fs.PathError{Op: "lstat", Path: d.join(name), Err: err}
		}
	}
}

// openRegular opens what was just seen to be a regular file. O_NONBLOCK keeps a FIFO
// swapped in meanwhile from waiting for its other end; for regular files it does nothing.
func (d *Dir) openRegular(name string) (*os.File, error) {
	const flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC
	fd, err := retry(func() (int, error) { return unix.Openat(d.fd, name, flags, 0) })
	switch {
	case isLink(err):
		return nil, &NotRegularError{Path: d.join(name), Mode: fs.ModeSymlink}
	case err != nil:
		return nil, &fs.PathError{Op: "open", Path: d.join(name), Err: err}
	}
	return os.NewFile(uintptr(fd), d.join(name)), nil
}

// create makes a new file that nobody else may read; fs.ErrExist where the name is taken.
func (d *Dir) create(name string) (*os.File, error) {
	const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := retry(func() (int, error) { return unix.Openat(d.fd, name, flags, privateMode) })
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: d.join(name), Err: err}
	}
	return os.NewFile(uintptr(fd), d.join(name)), nil
}

// rename moves a name to one in another directory, which must be free (fs.ErrExist).
func (d *Dir) rename(name string, to *Dir, free string) error {
	err := renameNew(d.fd, name, to.fd, free)
	if err == unix.EINVAL || err == unix.ENOSYS || err == unix.ENOTSUP {
		err = renameReserved(d.fd, name, to.fd, free) // NFS, some FUSE
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: d.join(name), New: to.join(free), Err: err}
	}
	return nil
}

// renameReserved is renameNew where the filesystem cannot promise not to overwrite: an
// empty file of ours, made exclusively, is what the rename takes the place of.
func renameReserved(fromFD int, from string, toFD int, to string) error {
	fd, err := retry(func() (int, error) {
		return unix.Openat(toFD, to, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, privateMode)
	})
	if err != nil {
		return err
	}
	_ = unix.Close(fd) // nothing was written
	if err := unix.Renameat(fromFD, from, toFD, to); err != nil {
		return errors.Join(err, unix.Unlinkat(toFD, to, 0))
	}
	return nil
}

func (d *Dir) remove(name string) error {
	if err := unix.Unlinkat(d.fd, name, 0); err != nil {
		return &fs.PathError{Op: "remove", Path: d.join(name), Err: err}
	}
	return nil
}

func (d *Dir) setModTime(name string, t time.Time) error {
	at := unix.NsecToTimespec(t.UnixNano())
	return unix.UtimesNanoAt(d.fd, name, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
}

// otherFilesystem reports whether a rename failed because it would cross filesystems.
func otherFilesystem(err error) bool { return errors.Is(err, unix.EXDEV) }

// retry calls again what a signal interrupted, as it happens on network filesystems.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}

// isLink reports whether opening failed for the symlink at the end of the path.
func isLink(err error) bool {
	return errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EMLINK) // EMLINK: FreeBSD
}

// modeOf gives the type bits as package fs has them; permissions are left out.
func modeOf(st *unix.Stat_t) fs.FileMode {
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFCHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.S_IFBLK:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}
