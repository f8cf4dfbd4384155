package trash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"scenario-drop/file"
)

const (
	maxName  = 255 // bytes
	maxTries = 10_000
)

// source is the file that is to be moved: a name in a directory held open.
type source struct {
	dir  *file.Dir
	name string
	want file.Fingerprint
}

func put(dir *file.Dir, name string, want file.Fingerprint) error {
	src := source{dir, name, want}
	var volume unix.Statfs_t
	if err := unix.Fstatfs(dir.FD(), &volume); err != nil {
		return err
	}
	if volume.Flags&unix.MNT_LOCAL == 0 {
		return &noTrash{`a volume of the network has no trash; choose after_upload = "move" or "keep"`}
	}
	home, homeErr := homeTrash()
	if homeErr == nil {
		// Whether it is the same volume is for rename to say: the firmlinks of the system
		// volume deceive all other tests.
		err := src.move(home)
		if !errors.Is(err, unix.EXDEV) {
			return err
		}
	}
	top := unix.ByteSliceToString(volume.Mntonname[:])
	own, err := volumeTrash(top)
	if err != nil {
		text := "its volume, " + top + ", has no trash that this account may use (" + err.Error() + ")"
		if homeErr != nil {
			text += ", and neither is there one in a home directory (" + homeErr.Error() + ")"
		}
		return &noTrash{text + `; choose after_upload = "move" or "keep"`}
	}
	return src.move(own)
}

// homeTrash is ~/.Trash, made if need be. The home directory itself is never made.
func homeTrash() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("the account this program runs as has none")
	}
	return ownDir(filepath.Join(home, ".Trash"))
}

// volumeTrash is .Trashes/UID of a volume, made if need be, with the Finder's modes.
func volumeTrash(top string) (string, error) {
	shared := filepath.Join(top, ".Trashes")
	if err := unix.Mkdir(shared, 0o1333); err == nil {
		if err := unix.Chmod(shared, 0o1333); err != nil { // past the umask
			return "", err
		}
	} else if err != unix.EEXIST {
		return "", err
	}
	info, err := os.Lstat(shared)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", errors.New(".Trashes is no directory")
	}
	return ownDir(filepath.Join(shared, strconv.Itoa(os.Getuid())))
}

// ownDir makes sure of a directory of this account, which is no symlink.
func ownDir(dir string) (string, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return "", err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR || int(st.Uid) != os.Getuid() {
		return "", errors.New("it belongs to another account")
	}
	return dir, nil
}

// move gives the file the first free name in the trash. What another program put in its
// place in the last moment is put back.
func (s source) move(trash string) error {
	for n := 1; n <= maxTries; n++ {
		target := filepath.Join(trash, candidate(s.name, n, maxName))
		err := renameNew(s.dir.FD(), s.name, unix.AT_FDCWD, target)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		var st unix.Stat_t
		err = unix.Lstat(target, &st)
		if err == nil && !file.FromStat(&st).SameContent(s.want) {
			err = file.ErrChanged
		}
		if err == nil {
			return nil
		}
		if back := renameNew(unix.AT_FDCWD, target, s.dir.FD(), s.name); back != nil {
			return fmt.Errorf("%w, and what was there is in the trash now: %w", err, back)
		}
		return err
	}
	return errors.New("the trash is full of files of this name; empty it")
}

// renameNew moves a name to another, each from where its descriptor stands, unless
// something is there (fs.ErrExist).
func renameNew(fromfd int, from string, tofd int, to string) error {
	err := unix.RenameatxNp(fromfd, from, tofd, to, unix.RENAME_EXCL)
	if err != unix.ENOTSUP && err != unix.EINVAL {
		return err
	}
	// FAT and the like cannot promise it.
	return renameToVacant(fromfd, from, tofd, to)
}
