package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MoveInto moves a file to a path, or, where that name is taken, to the first free
// "name (2).ext" beside it, and returns where it went. Directories on the way are made.
// Nothing is ever overwritten. Across filesystems the file is copied, made durable and
// only then removed; on any error it stays where it was.
func MoveInto(from, to string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return "", err
	}
	ext := filepath.Ext(to)
	stem := strings.TrimSuffix(to, ext)
	for n, free := 2, to; ; n, free = n+1, fmt.Sprintf("%s (%d)%s", stem, n, ext) {
		err := moveTo(from, free)
		if err == nil {
			return free, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
}

// moveTo moves without overwriting: a hard link fails where the name is taken, which a
// rename would not.
func moveTo(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		if err = os.Remove(from); err != nil {
			return errors.Join(err, os.Remove(to))
		}
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	return copyTo(from, to)
}

func copyTo(from, to string) (err error) {
	in, before, err := Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(to))
		}
	}()
	n, err := io.Copy(out, in)
	if err != nil {
		return err
	}
	after, _, err := Lstat(from)
	if err != nil {
		return err
	}
	if n != before.Size || !after.SameContent(before) {
		return errors.New("it changed while it was being copied")
	}
	if err = out.Sync(); err != nil {
		return err
	}
	if err = os.Chtimes(to, modTime(before), modTime(before)); err != nil {
		return err
	}
	if err = out.Close(); err != nil {
		return err
	}
	return os.Remove(from)
}

func modTime(f Fingerprint) time.Time { return time.Unix(0, f.ModTime) }
