package watcher

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
)

// nest makes so many directories one in another, deeper than any path may be long.
func nest(t *testing.T, root string, levels int) {
	t.Helper()
	fd, err := unix.Open(root, unix.O_DIRECTORY|unix.O_RDONLY, 0)
	for range levels {
		if err == nil {
			err = unix.Mkdirat(fd, "d", 0o755)
		}
		var next int
		if err == nil {
			next, err = unix.Openat(fd, "d", unix.O_DIRECTORY|unix.O_RDONLY, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = unix.Close(fd) // it was only gone through
		fd = next
	}
	_ = unix.Close(fd) // likewise
}

// Three thousand nested directories cost no more than the bound: neither the other folders nor
// the folder's own files wait for them, and they are told of.
func TestThreeThousandNestedFolders(t *testing.T) {
	deep, well := t.TempDir(), t.TempDir()
	nest(t, deep, 3000)
	for _, dir := range []string{deep, filepath.Join(deep, "z"), well} {
		write(t, filepath.Join(dir, "a.png"), drawing(t))
	}
	sink := newRecorder()
	w := tuned(t, sink, quick(deep), quick(well))
	begun := time.Now()
	start(t, w)
	eventually(t, "the other files are ready", func() bool {
		return sink.isReady(filepath.Join(deep, "a.png")) && sink.isReady(filepath.Join(deep, "z", "a.png")) && sink.isReady(filepath.Join(well, "a.png"))
	})
	t.Log(time.Since(begun))
	s := w.Folders()[0]
	if s.Dirs != MaxDepth+2 || s.IgnoredBy[drop.ReasonTooDeep].Folders != 1 || s.Err != "" {
		t.Errorf("%+v", s)
	}
	// One that appears below the bound later is not watched either.
	at := deep
	for range MaxDepth + 1 {
		at = filepath.Join(at, "e")
	}
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(at, "b.png"), drawing(t))
	write(t, filepath.Join(filepath.Dir(at), "c.png"), drawing(t))
	eventually(t, "the last one within the bound is ready", func() bool { return sink.isReady(filepath.Join(filepath.Dir(at), "c.png")) })
	if sink.isReady(filepath.Join(at, "b.png")) {
		t.Error("a file below the bound was taken")
	}
}
