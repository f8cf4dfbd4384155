package watcher

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Folders come, go and change while others are watched, which go on undisturbed.
func TestSetFoldersWhileWatching(t *testing.T) {
	dir := t.TempDir()
	folder := func(name string) Folder {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		return quick(path)
	}
	stays, goes := folder("stays"), folder("goes")
	sink := newRecorder()
	w := tuned(t, sink, stays, goes)
	w.SetFolders([]Folder{stays, goes}) // before it runs
	start(t, w)
	kept, gone := w.list()[0], w.list()[1]

	inner := folder(filepath.Join("comes", "inner"))
	comes := folder("comes")
	write(t, filepath.Join(comes.Path, "before.dat"), []byte("x"))
	write(t, filepath.Join(inner.Path, "inner.dat"), []byte("x"))
	w.SetFolders([]Folder{comes, stays, inner})
	eventually(t, "what was there is taken", func() bool {
		return sink.isReady(filepath.Join(comes.Path, "before.dat")) && sink.isReady(filepath.Join(inner.Path, "inner.dat"))
	})
	if w.list()[1] != kept {
		t.Error("a folder that stays as it was is another")
	}
	eventually(t, "the one that is gone holds nothing", func() bool { _, _, busy := gone.status.unresponsive(time.Now(), 0); return !busy })
	write(t, filepath.Join(goes.Path, "late.dat"), []byte("x"))
	write(t, filepath.Join(stays.Path, "late.dat"), []byte("x"))
	eventually(t, "the others go on", func() bool { return sink.isReady(filepath.Join(stays.Path, "late.dat")) })

	// It comes back, and begins with a scan; another changes its rules.
	comes.Exclude = []string{"*.tmp2"}
	w.SetFolders([]Folder{stays, goes, comes, inner})
	eventually(t, "what came meanwhile is taken", func() bool { return sink.isReady(filepath.Join(goes.Path, "late.dat")) })
	write(t, filepath.Join(comes.Path, "a.tmp2"), []byte("x"))
	write(t, filepath.Join(comes.Path, "b.dat"), []byte("x"))
	eventually(t, "the new rule holds", func() bool { return sink.isReady(filepath.Join(comes.Path, "b.dat")) })
	if sink.isReady(filepath.Join(comes.Path, "a.tmp2")) {
		t.Error("the old rule holds")
	}
	for _, f := range w.Folders() {
		if f.Err != "" {
			t.Error(f.Err)
		}
	}
}

// A share whose rules are edited is not taken for a disk of this computer's until it is
// inspected again: its files would go without being compared.
func TestASharedFolderStaysOneWhileItsRulesChange(t *testing.T) {
	share := quick(t.TempDir())
	w := tuned(t, newRecorder(), share)
	w.list()[0].status.set(func(s *FolderStatus) { s.Remote = true })
	share.Exclude = []string{"*.tmp2"}
	w.SetFolders([]Folder{share})
	if !w.Shared(share.Path) {
		t.Error("it is not shared any more")
	}
	w.SetFolders([]Folder{quick(t.TempDir())})
	if w.Shared(w.list()[0].Path) {
		t.Error("another folder is shared")
	}
}
