package trash

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/file"
)

func TestPutRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := putFile(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if err := putFile(dir); err == nil {
		t.Error("a directory was moved")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

// A version that nobody asked to be moved stays, and so does what a link on the way
// leads to.
func TestPutMovesOnlyWhatWasMeant(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	path := write(t, filepath.Join(root, "a"))
	before, _, err := file.Lstat(root, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("a newer version"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Put(root, path, before); !errors.Is(err, file.ErrChanged) {
		t.Errorf("a newer version: %v", err)
	}
	secret := write(t, filepath.Join(outside, "a"))
	if err := os.Symlink(outside, filepath.Join(root, "sub")); err != nil {
		t.Skip(err)
	}
	theirs, _, err := file.Lstat(outside, secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := Put(root, filepath.Join(root, "sub", "a"), theirs); err == nil {
		t.Errorf("through a link: %v", err)
	}
	for _, stays := range []string{path, secret} {
		if _, err := os.Lstat(stays); err != nil {
			t.Error(err)
		}
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

// putFile puts the file as it is now into the trash, with its directory as the watch folder.
func putFile(path string) error {
	root := filepath.Dir(path)
	now, _, err := file.Lstat(root, path)
	if err != nil {
		return err
	}
	return Put(root, path, now)
}

func mustPut(t *testing.T, path string) {
	t.Helper()
	if err := putFile(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%q is still there: %v", path, err)
	}
}
