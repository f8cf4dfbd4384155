package watcher

import (
	"os"
	"path/filepath"
	"testing"
)

// An event about a file in a directory that is not entered makes nothing of it: what no scan
// would take is not taken. Windows tells of a whole tree.
func TestHintsBelowWhatIsNotEntered(t *testing.T) {
	root := t.TempDir()
	folder := quick(root)
	folder.Exclude, folder.Skip = []string{"wip"}, []string{filepath.Join(root, "Uploaded")}
	inner := quick(filepath.Join(root, "inner"))
	deep := filepath.Join("d", "x.png")
	for range MaxDepth {
		deep = filepath.Join("d", deep)
	}
	hidden := []string{"wip/x.png", "wip/sub/x.png", "Uploaded/x.png", ".cache/x.png", "autosave/x.png", filepath.ToSlash(deep)}
	for _, name := range append([]string{"inner/x.png"}, hidden...) {
		write(t, filepath.Join(root, filepath.FromSlash(name)), drawing(t))
	}
	sink := newRecorder()
	w := tuned(t, sink, folder, inner)
	start(t, w)
	check := func(name string) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if _, err := os.Lstat(path); err != nil {
			t.Fatal(err)
		}
		w.Check(root, path)
	}
	for _, name := range append([]string{"inner/x.png"}, hidden...) {
		check(name)
	}
	write(t, filepath.Join(root, "last.png"), drawing(t))
	check("last.png")
	eventually(t, "what is entered is ready", func() bool {
		return sink.isReady(filepath.Join(root, "last.png")) && sink.isReady(filepath.Join(root, "inner", "x.png"))
	})
	if got := sink.paths(root); len(got) != 2 {
		t.Errorf("taken: %q", got)
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if n := sink.ready[filepath.Join(root, "inner", "x.png")]; n != 1 {
		t.Errorf("the inner folder's file was taken %d times", n)
	}
}
