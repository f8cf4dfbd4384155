package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// coarsest is how much the times that a filesystem keeps may differ from those it was
// given: FAT has whole, even seconds.
const coarsest = 2 * time.Second

// Resume looks after a move that began and was cut off, by a crash, a power cut or a
// kill. Where the file, whole, has its new name, the move is finished, and done is true.
// Otherwise what it left is taken away, and everything is as before it began. It goes by
// the content alone, so that nobody else's file is taken for what we left, or touched.
func Resume(ctx context.Context, m Move, b Begun) (moved Moved, done bool, err error) {
	way, name, err := below(m.Root, m.Path)
	if err != nil {
		return Moved{}, false, err
	}
	if !strings.HasPrefix(b.Temporary, temporaryPrefix) || filepath.Base(b.Temporary) != b.Temporary {
		return Moved{}, false, fmt.Errorf("%q is no name for a temporary file", b.Temporary)
	}
	from, err := openBeneath(m.Root, way, false)
	if errors.Is(err, fs.ErrNotExist) {
		return Moved{}, false, nil
	}
	if err != nil {
		return Moved{}, false, err
	}
	defer from.Close()
	to, err := openTarget(m.Root, way, filepath.Dir(b.To))
	if errors.Is(err, fs.ErrNotExist) {
		return Moved{}, false, from.putBack(b.Temporary, name)
	}
	if err != nil {
		return Moved{}, false, err
	}
	defer to.Close()
	v := &moving{Move: m, from: from, name: name, to: to, temporary: b.Temporary}
	free := filepath.Base(b.To)
	arrived, err := v.arrived(ctx, free)
	if err == nil && arrived {
		err = v.finish(free)
	} else if err == nil {
		err = v.undo(free)
	}
	if err != nil || !arrived {
		return Moved{}, false, err
	}
	moved, err = v.moved(free)
	return moved, err == nil, err
}

// openTarget opens the directory that a file, at way below root, was moved to.
func openTarget(root, way, dir string) (*Dir, error) {
	if inside, err := filepath.Rel(root, dir); err == nil && filepath.IsLocal(inside) {
		return openBeneath(root, inside, false)
	}
	if base, ok := strings.CutSuffix(dir, string(filepath.Separator)+way); ok {
		return openBeneath(base, way, false)
	}
	return openBeneath(dir, ".", false)
}

// arrived reports whether the file, whole, has its new name.
func (v *moving) arrived(ctx context.Context, free string) (bool, error) {
	there, mode, err := v.to.Lstat(free)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !Openable(mode) || there.Size != v.Want.Size || (time.Duration(there.ModTime-v.Want.ModTime)).Abs() > coarsest:
		return false, nil
	case there.ID != (ID{}) && there.ID == v.Want.ID: // it was renamed
		return true, nil
	case v.SHA256 == nil:
		return false, nil
	}
	return v.to.sameBytes(ctx, free, v.Want.Size, v.SHA256)
}

// finish removes what is left at the old place of a file that has its new name.
func (v *moving) finish(free string) error {
	if err := v.to.removeIfThere(v.temporary); err != nil {
		return err
	}
	if err := v.to.syncFile(free); err != nil {
		return err
	}
	renamed, _, err := v.from.Lstat(v.temporary)
	if err == nil {
		if renamed.SameContent(v.Want) {
			return v.from.remove(v.temporary)
		}
		return v.from.putBack(v.temporary, v.name)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	now, _, err := v.from.Lstat(v.name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !now.SameContent(v.Want) {
		return nil // it went, or a newer version lies there
	}
	if err != nil {
		return err
	}
	if same, _, err := v.to.Lstat(free); err != nil || same.ID != (ID{}) && same.ID == now.ID {
		return err // two names of one file: neither is a copy
	}
	err = v.dropSource(free)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrChanged) {
		return nil
	}
	return err
}

// undo takes away what was left of a move that did not arrive.
func (v *moving) undo(free string) error {
	if err := v.to.removeIfThere(v.temporary); err != nil {
		return err
	}
	if err := v.from.putBack(v.temporary, v.name); err != nil {
		return err
	}
	// Where a rename may overwrite, an empty file of ours reserves the name.
	if v.Want.Size > 0 && v.to.reservation(free) {
		return v.to.remove(free)
	}
	return nil
}

func (d *Dir) removeIfThere(name string) error {
	if _, _, err := d.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return d.remove(name)
}

// putBack gives a file that lies under a temporary name its own again, or where a newer
// one has that by now, one like it.
func (d *Dir) putBack(temporary, name string) error {
	if _, _, err := d.Lstat(temporary); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for n, free := 2, name; ; n, free = n+1, numbered(name, n) {
		if err := d.rename(temporary, d, free); !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}
