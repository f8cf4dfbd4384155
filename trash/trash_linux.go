package trash

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/file"
)

const (
	infoSuffix = ".trashinfo"
	maxName    = 255 - len(infoSuffix) // bytes
	maxTries   = 10_000                // names for one file
)

// source is the file that is to be moved: a name in a directory held open.
type source struct {
	dir  *file.Dir
	name string
	want file.Fingerprint
}

func put(dir *file.Dir, name string, want file.Fingerprint) error {
	// The directory's true path: it decides about filesystems, and goes into the record.
	way, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(dir.FD()))
	if err != nil {
		return err
	}
	path := filepath.Join(way, name)
	from, err := mountAt(dir.FD(), name)
	if err != nil {
		return err
	}
	src := source{dir, name, want}
	home, homeErr := homeTrash(from.dev)
	if homeErr == nil {
		defer home.close()
		// Equal device numbers promise nothing across bind mounts: EXDEV tells.
		err := home.take(src, path)
		if !errors.Is(err, unix.EXDEV) {
			return err
		}
	}
	top, err := topDir(way, from)
	if err != nil {
		return err
	}
	t, err := topTrash(top)
	if err != nil {
		return noTrashHere(top, homeErr, err)
	}
	defer t.close()
	original, err := filepath.Rel(top, path)
	if err != nil {
		return err
	}
	return t.take(src, original)
}

// noTrashHere says why neither trash can be had, and what to do.
func noTrashHere(top string, home, here error) error {
	switch {
	case errors.Is(home, errNoHome):
		return &noTrash{"the account this program runs as has no home directory to keep a trash in, and none can be made in " +
			top + " (" + here.Error() + `); set XDG_DATA_HOME to a directory of its own on the same filesystem, or choose after_upload = "move" or "keep"`}
	case errors.Is(home, errOtherDevice):
		return &noTrash{"its filesystem, mounted at " + top + ", has no trash that this account may use (" + here.Error() +
			`), and files are not copied to another one; create the directory .Trash-` + strconv.Itoa(os.Getuid()) +
			` there for this account, or choose after_upload = "move" or "keep"`}
	case home != nil:
		return &noTrash{"the trash in the home directory cannot be used (" + home.Error() + "), nor one in " + top + " (" + here.Error() + ")"}
	default: // a bind mount of the home's own filesystem
		return &noTrash{"the trash in the home directory cannot be reached from " + top + ", which is mounted apart, and none can be made there (" +
			here.Error() + `); choose after_upload = "move" or "keep"`}
	}
}

var (
	errNoHome      = errors.New("no home directory")
	errOtherDevice = errors.New("the home directory is on another filesystem")
)

// homeTrash opens $XDG_DATA_HOME/Trash, made if need be, when it is on device dev. The
// home directory itself is never made.
func homeTrash(dev uint64) (*trashDir, error) {
	data := os.Getenv("XDG_DATA_HOME")
	base := data // must exist
	if !filepath.IsAbs(data) {
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return nil, errNoHome
		}
		base, data = home, filepath.Join(home, ".local", "share")
	}
	m, err := mountOf(base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoHome
	case err != nil:
		return nil, err
	}
	if existing, err := mountOf(data); err == nil {
		m = existing
	}
	if m.dev != dev {
		return nil, errOtherDevice
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	// The home trash may be a symlink: it is the user's own business where it is.
	if err := os.Mkdir(filepath.Join(data, "Trash"), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	fd, err := unix.Open(filepath.Join(data, "Trash"), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: filepath.Join(data, "Trash"), Err: err}
	}
	return openTrash(fd)
}

// topTrash opens the trash of a filesystem's top directory: $top/.Trash/$uid where an
// administrator prepared .Trash (a true directory with the sticky bit), else
// $top/.Trash-$uid, made if need be. Others may write to top, so no symlink is
// followed, and what is there must be this account's own.
func topTrash(top string) (*trashDir, error) {
	uid := strconv.Itoa(os.Getuid())
	fd, err := unix.Open(top, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if shared, err := openDir(fd, ".Trash", false); err == nil {
		defer unix.Close(shared)
		var st unix.Stat_t
		if unix.Fstat(shared, &st) == nil && st.Mode&unix.S_ISVTX != 0 {
			if own, err := openOwn(shared, uid); err == nil {
				return openTrash(own)
			}
		}
	}
	own, err := openOwn(fd, ".Trash-"+uid)
	if err != nil {
		return nil, err
	}
	return openTrash(own)
}

// openOwn opens a directory of this account in dirfd, made if need be.
func openOwn(dirfd int, name string) (int, error) {
	fd, err := openDir(dirfd, name, true)
	if err != nil {
		return -1, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return -1, err
	}
	if int(st.Uid) != os.Getuid() {
		unix.Close(fd)
		return -1, fmt.Errorf("%s there belongs to another account", name)
	}
	return fd, nil
}

// openDir opens a directory in dirfd, not following a symlink.
func openDir(dirfd int, name string, create bool) (int, error) {
	if create {
		if err := unix.Mkdirat(dirfd, name, 0o700); err != nil && err != unix.EEXIST {
			return -1, err
		}
	}
	return unix.Openat(dirfd, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
}

// trashDir is an open trash: directories of the files and of the records on them.
type trashDir struct{ files, info int }

// openTrash opens the two directories in fd, made if need be, and closes fd.
func openTrash(fd int) (*trashDir, error) {
	defer unix.Close(fd)
	files, err := openDir(fd, "files", true)
	if err != nil {
		return nil, err
	}
	info, err := openDir(fd, "info", true)
	if err != nil {
		unix.Close(files)
		return nil, err
	}
	return &trashDir{files, info}, nil
}

// close can fail in no way that matters: nothing is written through these.
func (t *trashDir) close() {
	unix.Close(t.files)
	unix.Close(t.info)
}

// take moves a file into the trash; original is the path that its record names. The
// record is made first, and exclusively: it reserves the name. What another program put
// in the file's place in the last moment is put back.
func (t *trashDir) take(src source, original string) error {
	record := "[Trash Info]\nPath=" + escape(original) + "\nDeletionDate=" + time.Now().Format("2006-01-02T15:04:05") + "\n"
	for n := 1; n <= maxTries; n++ {
		name := candidate(src.name, n, maxName)
		err := t.writeRecord(name+infoSuffix, record)
		if errors.Is(err, fs.ErrExist) {
			if !t.leftBehind(name, original) {
				continue
			}
			err = nil
		}
		if err != nil {
			return err
		}
		err = renameNew(src.dir.FD(), src.name, t.files, name)
		if err == nil {
			if err = t.check(name, src.want); err == nil {
				return nil
			}
			if back := renameNew(t.files, name, src.dir.FD(), src.name); back != nil {
				return fmt.Errorf("%w, and what was there is in the trash now: %w", err, back)
			}
		}
		if gone := unix.Unlinkat(t.info, name+infoSuffix, 0); gone != nil && !errors.Is(err, fs.ErrExist) {
			return errors.Join(err, fmt.Errorf("its record in the trash stays behind: %w", gone))
		}
		// A file without a record lies under that name.
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return errors.New("the trash is full of files of this name; empty it")
}

// leftBehind reports whether a record is one of ours for the same file, which never came: a
// crash was between the two.
func (t *trashDir) leftBehind(name, original string) bool {
	var st unix.Stat_t
	if unix.Fstatat(t.files, name, &st, unix.AT_SYMLINK_NOFOLLOW) != unix.ENOENT {
		return false
	}
	fd, err := unix.Openat(t.info, name+infoSuffix, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, 64<<10))
	return err == nil && strings.HasPrefix(string(text), "[Trash Info]\nPath="+escape(original)+"\n")
}

// check makes sure that what lies in the trash is the version that was to go there.
func (t *trashDir) check(name string, want file.Fingerprint) error {
	var st unix.Stat_t
	if err := unix.Fstatat(t.files, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if !file.FromStat(&st).SameContent(want) {
		return file.ErrChanged
	}
	return nil
}

func (t *trashDir) writeRecord(name, record string) error {
	fd, err := unix.Openat(t.info, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	_, err = f.WriteString(record)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, unix.Unlinkat(t.info, name, 0))
	}
	return nil
}

// renameNew moves a name to one in dirfd unless something is there (fs.ErrExist).
func renameNew(fromfd int, from string, dirfd int, name string) error {
	err := unix.Renameat2(fromfd, from, dirfd, name, unix.RENAME_NOREPLACE)
	if err != unix.EINVAL && err != unix.ENOSYS {
		return err
	}
	// The filesystem cannot promise it (NFS, some FUSE). The record has reserved the
	// name among all that heed records.
	return renameToVacant(fromfd, from, dirfd, name)
}

// mount tells filesystems apart: the device, and where the kernel knows it (5.8), the
// mount, which differs for bind mounts of one device.
type mount struct{ dev, id uint64 }

func mountOf(path string) (mount, error) { return mountAt(unix.AT_FDCWD, path) }

// mountAt is mountOf for a path that begins at dirfd.
func mountAt(dirfd int, path string) (mount, error) {
	var st unix.Statx_t
	err := unix.Statx(dirfd, path, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, unix.STATX_MNT_ID, &st)
	if err != nil {
		return mount{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	m := mount{dev: unix.Mkdev(st.Dev_major, st.Dev_minor)}
	if st.Mask&unix.STATX_MNT_ID != 0 {
		m.id = st.Mnt_id
	}
	return m, nil
}

// topDir is the highest directory above dir, or dir, that is still of mount m.
func topDir(dir string, m mount) (string, error) {
	for dir != "/" {
		parent := filepath.Dir(dir)
		above, err := mountOf(parent)
		if err != nil {
			return "", err
		}
		if above != m {
			break
		}
		dir = parent
	}
	return dir, nil
}

// escape writes a path as the specification asks: as in a URL, byte by byte.
func escape(path string) string {
	const unreserved = "/-_.!~*'()"
	var b strings.Builder
	for _, c := range []byte(path) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(unreserved, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
