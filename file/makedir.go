package file

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// MakeDir makes a directory, and those above it that are missing, with mode perm, and
// makes them durable: once it returns, a power cut does not take the directory away
// with what is in it. One that is there already is left as it is.
func MakeDir(dir string, perm fs.FileMode) error {
	var missing []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	if err := os.MkdirAll(dir, perm); err != nil {
		return err
	}
	if len(missing) > 0 && perm&0o077 == 0 {
		if err := makePrivate(dir); err != nil {
			return fmt.Errorf("make %s ours alone: %w", dir, err)
		}
	}
	for _, made := range slices.Backward(missing) {
		if err := SyncDir(filepath.Dir(made)); err != nil {
			return err
		}
	}
	return nil
}
