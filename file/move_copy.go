package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// copyPiece is how many bytes are copied between two checks whether it is still wanted.
const copyPiece = 1 << 20

// copy makes a complete, durable copy of the file under the temporary name in the new
// directory, with everything of it that the filesystem there can keep. Until it is
// complete nobody but its owner may read it.
func (v *moving) copy(ctx context.Context) (err error) {
	if err := v.from.mayRemove(); err != nil { // before hours of copying in vain
		return err
	}
	in, before, err := v.from.Open(v.name)
	if err != nil {
		return err
	}
	defer in.Close()
	if !before.SameContent(v.Want) {
		return ErrChanged
	}
	out, err := v.to.create(v.temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.to.remove(v.temporary))
		}
	}()
	err = v.fill(ctx, in, out)
	if err == nil {
		err = keepMetadata(in, out)
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	if err = v.to.setModTime(v.temporary, time.Unix(0, before.ModTime)); err != nil {
		return err
	}
	after, _, err := v.from.Lstat(v.name)
	if err != nil {
		return err
	}
	if !after.SameContent(v.Want) {
		return ErrChanged
	}
	return nil
}

// fill copies the bytes, and makes sure that they are those that were meant.
func (v *moving) fill(ctx context.Context, in io.Reader, out io.Writer) error {
	sum := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(out, sum)}, untilDone{ctx, in}, make([]byte, copyPiece))
	if err != nil {
		return err
	}
	if n != v.Want.Size || v.SHA256 != nil && !bytes.Equal(sum.Sum(nil), v.SHA256) {
		return ErrChanged
	}
	return nil
}

// untilDone reads until ctx ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// dropSource removes the file from its old place, now that it lies, complete, at its new
// one; that is made durable before, else a power cut could take both. It is taken away by
// a rename first, which takes what is there at that instant: if that turns out to be a
// newer version, it is put back, and the copy goes.
func (v *moving) dropSource(free string) error {
	copied, _, err := v.to.Lstat(free)
	if err == nil {
		err = SyncDir(v.to.path)
	}
	if err == nil {
		err = v.from.rename(v.name, v.from, v.temporary)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody else removed it; the copy is the only one now
	}
	if err == nil {
		renamed, _, lerr := v.from.Lstat(v.temporary)
		if err = lerr; err == nil && !renamed.SameContent(v.Want) {
			err = ErrChanged
		}
		if err != nil {
			if back := v.from.rename(v.temporary, v.from, v.name); back != nil {
				return fmt.Errorf("%w, and what was there lies at %s now: %w", err, v.from.join(v.temporary), back)
			}
		}
	}
	if err != nil {
		return errors.Join(err, v.takeBack(free, copied))
	}
	if err := v.from.remove(v.temporary); err != nil {
		return err
	}
	return SyncDir(v.from.path)
}

// takeBack removes a copy that is not to stay, unless somebody has changed it already.
func (v *moving) takeBack(free string, copied Fingerprint) error {
	if now, _, err := v.to.Lstat(free); err != nil || !now.SameContent(copied) {
		return err
	}
	return v.to.remove(free)
}

// sameBytes reports whether a file in the directory has the size and the hash given.
func (d *Dir) sameBytes(ctx context.Context, name string, size int64, sum []byte) (bool, error) {
	f, fp, err := d.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if fp.Size != size {
		return false, nil
	}
	h := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, untilDone{ctx, f}, make([]byte, copyPiece)); err != nil {
		return false, err
	}
	return bytes.Equal(h.Sum(nil), sum), nil
}
