package uploader

import (
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/file"
)

// A folder that was missing is another one when it is there again, even if the system
// gives it the number of the old one; until there is something in it, nothing says that
// its files were deleted.
func TestRootOfTheSameNumber(t *testing.T) {
	root := filepath.Join(t.TempDir(), "Drop")
	makeRoot := func() file.ID {
		t.Helper()
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(root)
		if err != nil {
			t.Fatal(err)
		}
		return file.FromInfo(info).ID
	}
	k := newKnownRoots()
	expect := func(when string, want bool) {
		t.Helper()
		away, err := k.missing(root, file.ID{})
		if err != nil || away != want {
			t.Errorf("%s: away %v, %v, want %v", when, away, err, want)
		}
	}
	makeRoot()
	k.here(root)
	expect("emptied", false)
	if err := os.Remove(root); err != nil {
		t.Fatal(err)
	}
	expect("deleted", true)
	made := k.seen[root]
	made.id = makeRoot() // as if it had been that number all along
	k.seen[root] = made
	expect("made anew", true)
	if err := os.WriteFile(filepath.Join(root, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	expect("in use again", false)
	k.here(root)
	if err := os.Remove(filepath.Join(root, "x")); err != nil {
		t.Fatal(err)
	}
	expect("emptied again", false)
}
