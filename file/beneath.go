package file

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Beneath opens the directory that holds the file at path, from the watch folder root
// down, and returns it with the file's name in it. The root is opened by whatever its
// path names, links included, since that is what the config says. From there on no
// symlink is followed, so that whoever may write to the folder cannot lead us out of it
// by putting a link in the place of a directory: that is a *NotRegularError. What is
// done through the Dir is done in that very directory, whatever becomes of its path.
//
// A path that is not below root, or is root itself, is an error. Close the Dir.
func Beneath(root, path string) (d *Dir, name string, err error) {
	way, name, err := below(root, path)
	if err != nil {
		return nil, "", err
	}
	d, err = openBeneath(root, way, false)
	return d, name, err
}

// below splits a path into the way from root to its directory ("." for root) and its name.
func below(root, path string) (way, name string, err error) {
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return "", "", fmt.Errorf("%s is not in %s", path, root)
	}
	return filepath.Dir(rel), filepath.Base(rel), nil
}

// Lstat checks a file below the watch folder root without following any link below
// it, and without opening the file. Errors are those of Beneath and of os.Lstat.
func Lstat(root, path string) (Fingerprint, fs.FileMode, error) {
	d, name, err := Beneath(root, path)
	if err != nil {
		return Fingerprint{}, 0, err
	}
	defer d.Close()
	return d.Lstat(name)
}

// Open opens a regular file below the watch folder root for reading and tells its
// fingerprint as of the open file. Other programs may write, rename and delete it
// meanwhile, on Windows too. What is not a regular file is not opened (a
// *NotRegularError), nor what a link at or on the way to its name leads to: its type is
// checked before, the opening itself neither follows a symlink nor waits, and the
// opened file is checked again, so that a swap in between does no harm.
func Open(root, path string) (*os.File, Fingerprint, error) {
	d, name, err := Beneath(root, path)
	if err != nil {
		return nil, Fingerprint{}, err
	}
	defer d.Close()
	return d.Open(name)
}

// Open is the function Open for a name in the directory.
func (d *Dir) Open(name string) (*os.File, Fingerprint, error) {
	_, mode, err := d.Lstat(name)
	if err != nil {
		return nil, Fingerprint{}, err
	}
	if !Openable(mode) {
		return nil, Fingerprint{}, &NotRegularError{Path: d.join(name), Mode: mode}
	}
	f, err := d.openRegular(name)
	if err != nil {
		return nil, Fingerprint{}, err
	}
	info, err := f.Stat()
	if err == nil && !Openable(info.Mode()) {
		err = &NotRegularError{Path: d.join(name), Mode: info.Mode()}
	}
	if err != nil {
		_ = f.Close() // nothing was written to it; the error before it says more
		return nil, Fingerprint{}, err
	}
	return f, FromInfo(info), nil
}

func (d *Dir) join(name string) string { return filepath.Join(d.path, name) }
