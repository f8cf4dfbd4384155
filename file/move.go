package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrChanged is in the chain of errors that say that a file was not moved because it is
// not the version any more that was to be moved.
var ErrChanged = errors.New("it is not the same version any more")

// MoveInto moves the file at path, below the watch folder root, into the directory
// into, with its place below root kept, and returns where it went. Where its name is
// taken there, it gets the first free "name (2).ext" beside it; nothing is ever
// overwritten. Directories on the way are made.
//
// Only the version want is moved: the file is looked at again once it is under its new
// name, and put back when another took its place in the last moment (ErrChanged). No
// link is followed below root, nor below into; where into is below root, it is no link
// itself. So neither a file's name nor a link put in the place of a directory leads
// anywhere else.
//
// Across filesystems the file is copied, made durable and only then removed. On any
// error it stays where it was.
func MoveInto(root, path, into string, want Fingerprint) (string, error) {
	way, name, err := below(root, path)
	if err != nil {
		return "", err
	}
	from, err := openBeneath(root, way, false)
	if err != nil {
		return "", err
	}
	defer from.Close()
	base := into
	if inside, err := filepath.Rel(root, into); err == nil && filepath.IsLocal(inside) {
		base, way = root, filepath.Join(inside, way)
	} else if err := MakeDir(into, 0o777); err != nil {
		return "", err
	}
	to, err := openBeneath(base, way, true)
	if err != nil {
		return "", err
	}
	defer to.Close()
	for n, free := 2, name; ; n, free = n+1, numbered(name, n) {
		err := from.move(name, to, free, want)
		if err == nil {
			return to.join(free), nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
}

// What a name may have, in bytes: more is no extension, or is refused by filesystems.
const (
	longestExt  = 32
	longestName = 255
)

// numbered is "name (2).ext" for a name that is taken, cut before the number where it
// would be too long.
func numbered(name string, n int) string {
	ext := filepath.Ext(name)
	if len(ext) > longestExt {
		ext = ""
	}
	stem, end := strings.TrimSuffix(name, ext), fmt.Sprintf(" (%d)%s", n, ext)
	for len(stem)+len(end) > longestName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + end
}

// move moves the version want to a name that must be free (fs.ErrExist). A rename takes
// whatever is there at that instant, and nothing that comes after: a new version saved
// a moment later is never touched.
func (d *Dir) move(name string, to *Dir, free string, want Fingerprint) error {
	if now, _, err := d.Lstat(name); err != nil {
		return err
	} else if !now.SameContent(want) {
		return ErrChanged
	}
	err := d.rename(name, to, free)
	if otherFilesystem(err) {
		return d.copy(name, to, free, want)
	}
	if err != nil {
		return err
	}
	moved, _, err := to.Lstat(free)
	if err == nil && !moved.SameContent(want) {
		err = ErrChanged
	}
	if err == nil {
		return nil
	}
	if back := to.rename(free, d, name); back != nil {
		return fmt.Errorf("%w, and what was there lies at %s now: %w", ErrChanged, to.join(free), back)
	}
	return err
}

func (d *Dir) copy(name string, to *Dir, free string, want Fingerprint) (err error) {
	in, before, err := d.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	if !before.SameContent(want) {
		return ErrChanged
	}
	out, err := to.create(free)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, to.remove(free))
		}
	}()
	n, err := io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	if err = to.setModTime(free, time.Unix(0, before.ModTime)); err != nil {
		return err
	}
	after, _, err := d.Lstat(name)
	if err != nil {
		return err
	}
	if n != want.Size || !after.SameContent(want) {
		return ErrChanged
	}
	if err = SyncDir(to.path); err != nil { // else a power cut could take both
		return err
	}
	return d.remove(name)
}
