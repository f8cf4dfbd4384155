package file

import (
	"errors"
	"os"
)

// OwnerError is for systems where a copy can be made for another account.
type OwnerError struct{ Path string }

// Error is a sentence for people.
func (e *OwnerError) Error() string { return "its owner cannot be kept on the other disk" }

// keepMetadata does nothing on Windows: as with the Explorer, a copy on another volume has
// the access list of the directory it comes into, and what is moved within a volume keeps
// its own.
func keepMetadata(_, _ *os.File) error { return nil }

func (d *Dir) mayRemove() error { return nil }

// syncFile makes a file in the directory durable, which takes the right to write it. One
// that is read-only was made durable before it became so.
func (d *Dir) syncFile(name string) error {
	f, err := os.OpenFile(d.join(name), os.O_WRONLY, 0)
	if errors.Is(err, os.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// reservation is for systems whose rename may overwrite.
func (d *Dir) reservation(string) bool { return false }
