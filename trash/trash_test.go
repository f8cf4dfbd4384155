package trash

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestPutRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := Put(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if err := Put(dir); err == nil {
		t.Error("a directory was moved")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

// write makes a file whose content is its own name.
func write(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(filepath.Base(path)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustPut(t *testing.T, path string) {
	t.Helper()
	if err := Put(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%q is still there: %v", path, err)
	}
}
