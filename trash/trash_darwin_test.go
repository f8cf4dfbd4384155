package trash

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestHomeTrash(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, want := range []string{"a.png", "a 2.png"} {
		mustPut(t, write(t, filepath.Join(t.TempDir(), "a.png")))
		if b, err := os.ReadFile(filepath.Join(home, ".Trash", want)); err != nil || string(b) != "a.png" {
			t.Errorf("%s in the trash: %q, %v", want, b, err)
		}
	}
}

func TestRenameNewReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, filepath.Join(dir, "a")), write(t, filepath.Join(dir, "b"))
	if err := renameNew(unix.AT_FDCWD, a, unix.AT_FDCWD, b); !os.IsExist(err) {
		t.Errorf("%v", err)
	}
	if got, err := os.ReadFile(b); err != nil || string(got) != "b" {
		t.Errorf("%q, %v", got, err)
	}
}
