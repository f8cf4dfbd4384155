// Package trash moves files into the trash of the operating system, from where a
// person can take them back. It never deletes, and never copies a file to another
// filesystem: where a file's own filesystem offers no trash, it says so and leaves the
// file alone.
//
//   - Linux: the freedesktop.org Trash specification 1.0, as the file managers of all
//     desktops have it: the home trash, or that of the filesystem's top directory.
//   - macOS: ~/.Trash, or .Trashes/UID of the volume. The Finder's "Put Back" does not
//     know where such a file came from; it can be dragged out. Volumes of a network
//     have no trash.
//   - Windows: the Recycle Bin of local drives, unless it is turned off for the drive,
//     or the file is larger than the bin: Windows would delete the file for good. A
//     service's files land in the bin of the account that it runs as.
package trash

import (
	"errors"
	"fmt"
	"os"

	"scenario-drop/file"
)

// ErrNoTrash is in the chain of errors that say that there is no trash for a file: it
// will be so at the next attempt, too, until somebody changes something. Their text
// says what.
var ErrNoTrash = errors.New("no trash for this file")

// Put moves the regular file at path, below the watch folder root, into the trash, if
// it is still the version want (else file.ErrChanged). No symlink below root is
// followed; both paths are absolute. Once it returns nil, the file is in the trash,
// under its name or one like it; after an error it is where it was. Its errors name the
// file and are for people to read.
func Put(root, path string, want file.Fingerprint) error {
	if err := putFrom(root, path, want); err != nil {
		return fmt.Errorf("moving %q to the trash: %w", path, reason(err))
	}
	return nil
}

func putFrom(root, path string, want file.Fingerprint) error {
	dir, name, err := file.Beneath(root, path)
	if err != nil {
		return err
	}
	defer dir.Close()
	now, mode, err := dir.Lstat(name)
	switch {
	case err != nil:
		return err
	case !mode.IsRegular():
		return errors.New("only files can be moved there")
	case !now.SameContent(want):
		return file.ErrChanged
	}
	return put(dir, name, want)
}

// reason takes off the layers that repeat paths, one of which the text names already.
func reason(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok && error(e) == err {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok && error(e) == err {
		return e.Err
	}
	return err
}

// noTrash is an ErrNoTrash with a sentence of its own.
type noTrash struct{ text string }

func (e *noTrash) Error() string        { return e.text }
func (e *noTrash) Is(target error) bool { return target == ErrNoTrash }
