package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// ErrLink is in the chain of errors that say that a link lies where a file of our own
// belongs.
var ErrLink = errors.New("it is a link, and scenario-drop writes none of its own files through one: remove it")

// OpenOwn is os.OpenFile for a file of our own: a link at its name is not followed
// (ErrLink), so that nobody can have us write to another file.
func OpenOwn(path string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag|NoFollow, perm)
	if err != nil && linkAt(path) {
		return nil, fmt.Errorf("open %s: %w", path, ErrLink)
	}
	return f, err
}

// CheckOwn is ErrLink where a link lies at the name of a file or folder of our own.
func CheckOwn(path string) error {
	if linkAt(path) {
		return fmt.Errorf("open %s: %w", path, ErrLink)
	}
	return nil
}

func linkAt(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// WriteOwn puts a small file of our own in place whole, with mode 0600: nobody reads half
// of it, and a link at its name is replaced, not followed. On Windows, where what is open
// cannot be replaced and other accounts can make no links, one that is there is written over.
func WriteOwn(path string, data []byte) error {
	if info, err := os.Lstat(path); runtime.GOOS == "windows" && err == nil && info.Mode().IsRegular() {
		return os.WriteFile(path, data, 0o600)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
