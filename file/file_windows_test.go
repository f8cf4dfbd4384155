package file

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

func TestHasWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := Open(filepath.Dir(path), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := HasWriter(r); got != Yes {
		t.Errorf("open for writing: %v", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := HasWriter(r); got != No {
		t.Errorf("closed: %v", got)
	}
}

func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_WRITE, 0, nil, windows.CREATE_ALWAYS, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(h)
	if _, _, err := Open(filepath.Dir(path), path); !InUse(err) {
		t.Errorf("held exclusively: %v", err)
	}
}
