package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A check of an entry tells what a check by its path does, of links too, and looks into the
// directory that is being listed, whatever becomes of its path.
func TestStatEntry(t *testing.T) {
	root := t.TempDir()
	at := filepath.Join(root, "in")
	write := func(path string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("x"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(at, "file.png"))
	write(filepath.Join(at, "dir", "x"))
	write(filepath.Join(at, "vanishes"))
	if err := os.Symlink("file.png", filepath.Join(at, "link")); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	dir, err := OpenDir(root, at)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil || len(entries) < 3 {
		t.Fatal(entries, err)
	}
	want := map[string]Fingerprint{}
	for _, e := range entries {
		info, err := os.Lstat(filepath.Join(at, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		want[e.Name()] = FromInfo(info)
	}
	if runtime.GOOS != "windows" { // where the listing has told it all
		if err := os.Remove(filepath.Join(at, "vanishes")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(at, at+" renamed"); err != nil {
			t.Fatal(err)
		}
		write(filepath.Join(at, "file.png")) // in another directory by that name
	}
	for _, e := range entries {
		at, err := StatEntry(dir, e)
		if e.Name() == "vanishes" && runtime.GOOS != "windows" {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("one that is gone: %v", err)
			}
			continue
		}
		if err != nil || at.Fingerprint != want[e.Name()] || at.Mode.Type() != e.Type() || at.Placeholder || at.Hidden {
			t.Errorf("%s: %+v %v, want %+v %v", e.Name(), at, err, want[e.Name()], e.Type())
		}
	}
}
