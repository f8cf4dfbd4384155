package watcher

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

// ignoredTree makes one of everything that is ignored, and two files that are not.
func ignoredTree(t *testing.T) (folders []Folder, want map[drop.Reason]IgnoredCount) {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"a.png", "sub/b.png", "a.jpg", "sub/b.jpg", "x.tmp", "Thumbs.db", "a.xmp", ".hidden.png", ".cache/x.png",
		"wip/x.png", "Uploaded/x.png", "inner/x.png"} {
		write(t, filepath.Join(root, filepath.FromSlash(name)), []byte("x"))
	}
	folders = []Folder{
		{Path: root, Recursive: true, Include: []string{"*.png"}, Exclude: []string{"wip"}, Skip: []string{filepath.Join(root, "Uploaded")}},
		{Path: filepath.Join(root, "inner"), Recursive: true},
	}
	want = map[drop.Reason]IgnoredCount{drop.ReasonNotIncluded: {Files: 2}, drop.ReasonBuiltIn: {Files: 2}, drop.ReasonUnlessIncluded: {Files: 1}, drop.ReasonHidden: {1, 1}, drop.ReasonExcluded: {Folders: 1},
		drop.ReasonMoveTarget: {Folders: 1}, drop.ReasonInnerFolder: {Folders: 1}}
	if runtime.GOOS != "windows" {
		if err := os.Symlink("a.png", filepath.Join(root, "link.png")); err != nil {
			t.Fatal(err)
		}
		want[drop.ReasonLink] = IgnoredCount{Files: 1}
	}
	return folders, want
}

// Whatever the rules leave out is counted, by the rule, by a pass and by a walk alike.
func TestIgnoredIsCounted(t *testing.T) {
	folders, want := ignoredTree(t)
	w := New(Options{Folders: folders, Sink: newRecorder(), Patience: 50 * time.Millisecond})
	if err := w.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, n := range want {
		total += n.Files + n.Folders
	}
	if s := w.Folders()[0]; !maps.Equal(s.IgnoredBy, want) || s.Ignored != total || s.Files != 2 || s.Dirs != 2 {
		t.Errorf("a pass counts %+v, want %v", s, want)
	}
	found, err := Survey(folders, folders[0].Path, func() error { return nil })
	if err != nil || !maps.Equal(found.IgnoredBy, want) || found.Ignored != total || found.Files != 2 || found.Dirs != 2 {
		t.Errorf("a walk counts %+v (%v), want %v", found, err, want)
	}
	// Explain calls the rules by the same names.
	for name, rule := range map[string]drop.Reason{"a.jpg": drop.ReasonNotIncluded, "x.tmp": drop.ReasonBuiltIn, "a.xmp": drop.ReasonUnlessIncluded, ".hidden.png": drop.ReasonHidden, "wip/x.png": drop.ReasonExcluded,
		"Uploaded/x.png": drop.ReasonMoveTarget, "link.png": drop.ReasonLink} {
		if _, there := want[rule]; !there {
			continue
		}
		if e := Explain(folders, filepath.Join(folders[0].Path, filepath.FromSlash(name))); e.Rule != rule {
			t.Errorf("%s is explained by %q, want %q", name, e.Rule, rule)
		}
	}
}

// What comes later is counted as well, without a restart.
func TestIgnoredLaterIsCounted(t *testing.T) {
	dir := t.TempDir()
	folder := quick(dir)
	folder.Include = []string{"*.png"}
	folder.Rescan = 200 * time.Millisecond
	w := tuned(t, newRecorder(), folder)
	start(t, w)
	write(t, filepath.Join(dir, "a.jpg"), []byte("x"))
	eventually(t, "it is counted", func() bool { return w.Folders()[0].IgnoredBy[drop.ReasonNotIncluded].Files == 1 })
	if err := os.Remove(filepath.Join(dir, "a.jpg")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is counted no more", func() bool { return w.Folders()[0].Ignored == 0 })
}

// An event about a new file or folder that a rule leaves out brings the next scan forward, but
// not for the files that programs make for themselves.
func TestIgnoredBringsTheScanForward(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(t *testing.T, path string)
	}{
		{"a.jpg", func(t *testing.T, path string) { write(t, path, []byte("x")) }},
		{"hero.xmp", func(t *testing.T, path string) { write(t, path, []byte("x")) }},
		{"tool.exe", func(t *testing.T, path string) { write(t, path, []byte("x")) }},
		{"Song.logicx", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			folder := quick(dir)
			folder.Include = []string{"*.dat"} // of no format that is looked into
			w := tuned(t, newRecorder(), folder)
			start(t, w)
			if w.Folders()[0].Mode != ModeEvents {
				t.Skip("there are no events here")
			}
			far := func() bool { return time.Until(w.Folders()[0].NextScan) > 5*time.Minute }
			write(t, filepath.Join(dir, "a.tmp"), []byte("x"))
			write(t, filepath.Join(dir, "b.dat"), []byte("x"))
			eventually(t, "the other file is accepted", func() bool { return w.PathStatus(t.Context(), filepath.Join(dir, "b.dat")).File == nil && far() })
			tc.make(t, filepath.Join(dir, tc.name))
			eventually(t, "the next scan comes soon", func() bool { return !far() })
		})
	}
}

// Folders are entered down to a depth that no person reaches; what is below is counted as
// ignored, and explained.
func TestTooDeepIsIgnored(t *testing.T) {
	root := t.TempDir()
	at := root
	for range MaxDepth + 1 {
		at = filepath.Join(at, "d")
	}
	long := strings.Repeat("d"+string(filepath.Separator), MaxDepth)
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Skip("such a tree cannot be made here:", err)
	}
	last := filepath.Join(root, long, "last.png")
	write(t, last, drawing(t))
	write(t, filepath.Join(at, "deeper.png"), drawing(t))
	folders := []Folder{{Path: root, Recursive: true}}
	sink := newRecorder()
	w := New(Options{Folders: folders, Sink: sink})
	if err := w.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := w.Folders()[0]; !sink.isReady(last) || len(sink.ready) != 1 || s.IgnoredBy[drop.ReasonTooDeep] != (IgnoredCount{Folders: 1}) {
		t.Errorf("ready: %v, counted: %+v", sink.paths(root), s)
	}
	if e := Explain(folders, filepath.Join(at, "deeper.png")); e.Rule != drop.ReasonTooDeep || e.Accepted || !strings.Contains(texts.Words(e.Detail), "Move it further up") {
		t.Errorf("%+v", e)
	}
}
