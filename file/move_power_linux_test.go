package file

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/internal/testkit/powertest"
)

// A file that is moved to another filesystem is on one of the two, whole, whenever the
// power fails, and on the other once it is moved.
func TestMoveSurvivesAPowerCut(t *testing.T) {
	data := bytes.Repeat([]byte("whole "), 100_000)
	// movedTo moves a file to a disk, on which the power fails at the nth sync, and
	// reports whether it is still at its old place, and whether the disk has it.
	movedTo := func(t *testing.T, n int, when powertest.Moment) (here, there, failed bool) {
		disk := powertest.Mount(t, powertest.Empty())
		disk.FailAt(n, when, func() {})
		root := t.TempDir()
		path := filepath.Join(root, "sub", "shot.bin")
		if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
			t.Fatal(err)
		}
		fp, _, err := Lstat(root, path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = moveInto(t, root, path, filepath.Join(disk.Dir(), "Uploaded", "today"), fp)
		failed = disk.Failed()
		if !failed && err != nil {
			t.Fatalf("the power did not fail, and yet: %v", err)
		}
		saved := t.TempDir()
		if err := disk.Image(powertest.LoseUnsynced, 0).Save(saved); err != nil {
			t.Fatal(err)
		}
		_, err = os.Lstat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		got, rerr := os.ReadFile(filepath.Join(saved, "Uploaded", "today", "sub", "shot.bin"))
		return err == nil, rerr == nil && bytes.Equal(got, data), failed
	}
	for n := 1; ; n++ {
		for _, when := range []powertest.Moment{powertest.Before, powertest.After} {
			here, there, failed := movedTo(t, n, when)
			if !here && !there {
				t.Errorf("%s sync %d: the file is lost", when, n)
			}
			if !failed {
				if here || n < 4 {
					t.Errorf("after %d syncs it is moved; still at its old place: %v", n-1, here)
				}
				return
			}
		}
	}
}
