package powertest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func syncFile(t *testing.T, path string) error {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	return f.Sync()
}

// contents lists what an image holds: names with their bytes, of directories a slash.
func contents(t *testing.T, i *Image) map[string]string {
	t.Helper()
	dir := t.TempDir()
	must(t, i.Save(dir))
	all := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || e.IsDir() {
			all[name] = "/"
			return err
		}
		b, err := os.ReadFile(path)
		all[name] = string(b)
		return err
	}))
	return all
}

func wantContents(t *testing.T, what string, i *Image, want map[string]string) {
	t.Helper()
	got := contents(t, i)
	for name, text := range want {
		if had, ok := got[name]; !ok || had != text {
			t.Errorf("%s: %s holds %q, there is %v; want %q", what, name, had, ok, text)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s: there is %s", what, name)
	}
}

// Without a sync a disk keeps nothing; a file's sync keeps its bytes, its directory's
// sync its name.
func TestWhatASyncKeeps(t *testing.T) {
	d := Mount(t, Empty())
	in := func(name string) string { return filepath.Join(d.Dir(), name) }
	must(t, os.Mkdir(in("dir"), 0o700))
	must(t, os.WriteFile(in("dir/named"), []byte("one"), 0o600))
	must(t, os.WriteFile(in("dir/synced"), []byte("one"), 0o600))
	must(t, os.WriteFile(in("dir/both"), []byte("one"), 0o600))
	must(t, os.WriteFile(in("dir/old"), []byte("one"), 0o600))
	must(t, syncFile(t, in("dir/both")))
	must(t, syncFile(t, in("dir/old")))
	must(t, syncFile(t, in("dir")))
	must(t, syncFile(t, in("dir/synced")))
	must(t, os.WriteFile(in("dir/late"), []byte("one"), 0o600))
	must(t, syncFile(t, in("dir/late")))
	must(t, os.WriteFile(in("dir/both"), []byte("second"), 0o600))
	must(t, os.Rename(in("dir/old"), in("dir/new")))
	wantContents(t, "the parent is not synced", d.Image(LoseUnsynced, 0), nil)
	must(t, syncFile(t, d.Dir()))
	wantContents(t, "all unsynced is lost", d.Image(LoseUnsynced, 0), map[string]string{
		"dir": "/", "dir/named": "", "dir/synced": "one", "dir/both": "one", "dir/old": "one"})
	wantContents(t, "nothing is lost", d.Image(LoseNothing, 0), map[string]string{
		"dir": "/", "dir/named": "one", "dir/synced": "one", "dir/both": "second", "dir/new": "one", "dir/late": "one"})
}

// The power fails on either side of a sync, and the disk takes nothing after it.
func TestFailAt(t *testing.T) {
	for _, when := range []Moment{Before, After} {
		d := Mount(t, Empty())
		path := filepath.Join(d.Dir(), "a")
		offs := 0
		d.FailAt(2, when, func() { offs++ })
		must(t, os.WriteFile(path, []byte("a"), 0o600))
		must(t, syncFile(t, d.Dir()))
		if syncFile(t, path) == nil || os.WriteFile(filepath.Join(d.Dir(), "b"), nil, 0o600) == nil || syncFile(t, d.Dir()) == nil {
			t.Errorf("%s: the disk works on after the power failed", when)
		}
		want := map[Moment]string{Before: "", After: "a"}[when]
		wantContents(t, string(when), d.Image(LoseUnsynced, 0), map[string]string{"a": want})
		if offs != 1 || !d.Failed() || len(d.Syncs()) != 2 || d.Syncs()[1] != "a" {
			t.Errorf("%s: off was called %d times; synced: %v", when, offs, d.Syncs())
		}
	}
}

// Some of what was not synced is lost in pieces of a sector, the same for one seed.
func TestLoseSome(t *testing.T) {
	d := Mount(t, Empty())
	path := filepath.Join(d.Dir(), "a")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("."), 20*sector), 0o600))
	must(t, syncFile(t, path))
	must(t, syncFile(t, d.Dir()))
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	defer f.Close()
	_, err = f.WriteAt(bytes.Repeat([]byte("x"), 10*sector), 100)
	must(t, err)
	images := map[string]bool{}
	for seed := range uint64(8) {
		got := contents(t, d.Image(LoseSome, seed))["a"]
		if got != contents(t, d.Image(LoseSome, seed))["a"] {
			t.Errorf("seed %d gives two images", seed)
		}
		images[got] = true
	}
	if len(images) < 8 {
		t.Errorf("8 seeds gave %d images", len(images))
	}
	whole := strings.Repeat("x", sector)
	for image := range images {
		for s := 1; s < 10; s++ { // the first and the last sector were written in part
			if piece := image[s*sector : (s+1)*sector]; piece != whole && strings.Contains(piece, "x") {
				t.Errorf("sector %d is torn", s)
			}
		}
	}
}

// An image that is mounted again has its files, and a file of two names stays one.
func TestMountAgain(t *testing.T) {
	d := Mount(t, Empty())
	must(t, os.WriteFile(filepath.Join(d.Dir(), "a"), []byte("a"), 0o640))
	must(t, os.Link(filepath.Join(d.Dir(), "a"), filepath.Join(d.Dir(), "b")))
	again := Mount(t, d.Image(LoseNothing, 0))
	a, err := os.Stat(filepath.Join(again.Dir(), "a"))
	must(t, err)
	b, err := os.Stat(filepath.Join(again.Dir(), "b"))
	must(t, err)
	if !os.SameFile(a, b) || a.Mode() != 0o640 {
		t.Errorf("a is %v, b %v", a, b)
	}
	must(t, os.WriteFile(filepath.Join(again.Dir(), "c"), []byte("c"), 0o600))
	wantContents(t, "mounted again", again.Image(LoseNothing, 0), map[string]string{"a": "a", "b": "a", "c": "c"})
	wantContents(t, "the first", d.Image(LoseNothing, 0), map[string]string{"a": "a", "b": "a"})
}
