package file

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// ErrChanged is in the chain of errors that say that a file was not moved because it is
// not the version any more that was to be moved.
var ErrChanged = errors.New("it is not the same version any more")

// Move says which file goes where.
type Move struct {
	Root, Path string      // the file, below the watch folder Root
	Into       string      // the directory that it goes into
	Want       Fingerprint // the version that is meant; no other is moved
	SHA256     []byte      // of its bytes; nil where that is not known

	// Begin is called before the file is about to get a name in Into, with all that a
	// later call of Resume needs to finish or undo what a crash leaves of that. It must
	// return only when that is durable. nil: nobody is told.
	Begin func(Begun) error
}

// Begun is a move that has begun, and may have been cut off anywhere.
type Begun struct {
	To        string // where the file is going
	Temporary string // the hidden name, in its old and its new directory, of what is not done yet
}

// Moved is where a file went, and its fingerprint there.
type Moved struct {
	Path        string
	Fingerprint Fingerprint
}

// MoveInto moves a file into the directory Into, with its place below Root kept. Where
// its name is taken there, it gets the first free "name (2).ext" beside it; nothing is
// ever overwritten. Directories on the way are made.
//
// Only the version Want is moved: the file is checked again once it is under its new
// name, and put back when another took its place in the last moment (ErrChanged). No
// link is followed below Root, nor below Into; where Into is below Root, it is no link
// itself. So neither a file's name nor a link put in the place of a directory leads
// anywhere else.
//
// Across filesystems the file is copied under a temporary name, with its owner, mode and
// time, made durable, renamed, and only then removed from its old place. On any error,
// and when ctx ends, it stays where it was, and nothing of it lies in Into.
func MoveInto(ctx context.Context, m Move) (Moved, error) {
	way, name, err := below(m.Root, m.Path)
	if err != nil {
		return Moved{}, err
	}
	from, err := openBeneath(m.Root, way, false)
	if err != nil {
		return Moved{}, err
	}
	defer from.Close()
	base := m.Into
	if inside, err := filepath.Rel(m.Root, m.Into); err == nil && filepath.IsLocal(inside) {
		base, way = m.Root, filepath.Join(inside, way)
	} else if err := MakeDir(m.Into, 0o777); err != nil {
		return Moved{}, err
	}
	to, err := openBeneath(base, way, true)
	if err != nil {
		return Moved{}, err
	}
	defer to.Close()
	v := &moving{Move: m, from: from, name: name, to: to, temporary: temporaryName()}
	for n, free := 2, name; ; n, free = n+1, numbered(name, n) {
		if _, _, err := to.Lstat(free); err == nil {
			continue // the name is taken
		}
		err := v.under(ctx, free)
		if err == nil {
			return v.moved(free)
		}
		if !errors.Is(err, fs.ErrExist) {
			return Moved{}, v.undone(err)
		}
	}
}

// temporaryName is a name that no one else has or will have. The watcher ignores it, since
// it is hidden.
func temporaryName() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return temporaryPrefix + hex.EncodeToString(random[:]) + ".tmp"
}

const temporaryPrefix = ".scenario-drop-"

// What a name may have, in bytes: more is no extension, or is refused by filesystems.
const (
	maxExt  = 32
	maxName = 255
)

// numbered is "name (2).ext" for a name that is taken, cut before the number where it
// would be too long.
func numbered(name string, n int) string {
	ext := filepath.Ext(name)
	if len(ext) > maxExt {
		ext = ""
	}
	stem, end := strings.TrimSuffix(name, ext), fmt.Sprintf(" (%d)%s", n, ext)
	for len(stem)+len(end) > maxName {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	return stem + end
}

// moving is a move under way.
type moving struct {
	Move
	from      *Dir
	name      string
	to        *Dir
	temporary string
	copied    bool // it lies, complete, under the temporary name
}

// under moves the file to a name that must be free (fs.ErrExist).
func (v *moving) under(ctx context.Context, free string) error {
	if v.Begin != nil {
		if err := v.Begin(Begun{To: v.to.join(free), Temporary: v.temporary}); err != nil {
			return err
		}
	}
	if !v.copied {
		err := v.from.move(v.name, v.to, free, v.Want)
		if !otherFilesystem(err) {
			return err
		}
		if err := v.copy(ctx); err != nil {
			return err
		}
		v.copied = true
	}
	if err := ctx.Err(); err != nil { // making it durable may have taken long
		return err
	}
	if err := v.to.rename(v.temporary, v.to, free); err != nil {
		return err
	}
	v.copied = false
	return v.dropSource(free)
}

// moved is the result once the file has its new name.
func (v *moving) moved(free string) (Moved, error) {
	fp, _, err := v.to.Lstat(free)
	if err == nil {
		err = SyncDir(v.to.path)
	}
	return Moved{v.to.join(free), fp}, err
}

// undone takes away what is not to stay after an error.
func (v *moving) undone(err error) error {
	if v.copied {
		return errors.Join(err, v.to.remove(v.temporary))
	}
	return err
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
	if err := d.rename(name, to, free); err != nil {
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
