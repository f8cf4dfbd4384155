package file

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, fp, err := Open(filepath.Dir(path), path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	seen, mode, err := Lstat(filepath.Dir(path), path)
	if err != nil || !mode.IsRegular() || seen != fp {
		t.Errorf("Lstat %+v, Open %+v, %v", seen, fp, err)
	}
	if fp.Size != 5 || fp.ModTime == 0 {
		t.Errorf("fingerprint %+v", fp)
	}
	// Others may rename and delete it meanwhile, on Windows too.
	if err := os.Rename(path, path+"2"); err != nil {
		t.Error(err)
	}
	if err := os.Remove(path + "2"); err != nil {
		t.Error(err)
	}
	if _, _, err := Open(filepath.Dir(path), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestOpenRefusesDirectories(t *testing.T) {
	dir := t.TempDir()
	var not *NotRegularError
	if _, _, err := Open(filepath.Dir(dir), dir); !errors.As(err, &not) || !not.Mode.IsDir() {
		t.Errorf("got %v", err)
	}
}

func TestChangedVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	before, _, err := Lstat(filepath.Dir(path), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("three"), 0o644); err != nil {
		t.Fatal(err)
	}
	after, _, err := Lstat(filepath.Dir(path), path)
	if err != nil {
		t.Fatal(err)
	}
	if before.SameVersion(after) || before.SameContent(after) || !after.SameVersion(after) || !after.SameContent(after) {
		t.Errorf("%+v, %+v", before, after)
	}
}

func TestOpenDir(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.txt")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if names, err := d.Readdirnames(-1); len(names) != 1 || err != nil {
		t.Errorf("%q, %v", names, err)
	}
	if f, err := OpenDir(dir, path); err == nil {
		f.Close()
		t.Error("a file was opened as a directory")
	}
}
