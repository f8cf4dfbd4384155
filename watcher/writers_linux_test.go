package watcher

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	texts "scenario-drop/status"
)

// copyTree makes a tree of number tiny files in directories of fifty, three deep, as fast
// as the disk takes them, and returns their paths.
func copyTree(t *testing.T, root string, number int) map[string]bool {
	t.Helper()
	want := make(map[string]bool, number)
	dir := ""
	for i := range number {
		if i%50 == 0 {
			dir = filepath.Join(root, fmt.Sprint(i/5000), fmt.Sprint(i/500%10), fmt.Sprint(i/50%10))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.txt", i))
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		want[path] = true
	}
	return want
}

// A tree is copied in while no more than a few hundred paths can be kept: most events are
// lost, and every file is found all the same.
func TestTreeCopiedInBeyondTheQueue(t *testing.T) {
	if testing.Short() {
		t.Skip("makes thousands of files")
	}
	dir, sink := t.TempDir(), newRecorder()
	w := tuned(t, sink, quick(dir))
	w.limits.hints = 300
	start(t, w)
	want := copyTree(t, filepath.Join(dir, "tree"), treeSize)
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) { // a busy machine takes its time
		sink.mu.Lock()
		found := len(sink.ready)
		sink.mu.Unlock()
		if found >= len(want) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d are ready", found, len(want))
		}
	}
	sink.mu.Lock()
	for path := range sink.ready { // some twice, when a scan and an event came upon them
		if !want[path] {
			t.Errorf("%s was ready", path)
		}
	}
	sink.mu.Unlock()
	// And every directory is watched by now: a file in each is found by events.
	eventually(t, "the scans are over", func() bool { s := w.Folders()[0]; return !s.Scanning && s.Waiting == 0 })
	for i := range treeSize / 50 {
		path := filepath.Join(dir, "tree", fmt.Sprint(i/100), fmt.Sprint(i/10%10), fmt.Sprint(i%10), "later.txt")
		write(t, path, []byte("y"))
		want[path] = true
	}
	eventually(t, "later files", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return len(sink.ready) == len(want)
	})
}

// A file that also has a name outside of the folder may be written under that: no event
// tells, and the next scan does.
func TestWrittenUnderItsOtherName(t *testing.T) {
	parent, sink := t.TempDir(), newRecorder()
	dir, outside := filepath.Join(parent, "drop"), filepath.Join(parent, "outside.txt")
	path := filepath.Join(dir, "x.txt")
	write(t, path, []byte("one"))
	if err := os.Link(path, outside); err != nil {
		t.Skip(err)
	}
	folder := quick(dir)
	folder.Rescan = 200 * time.Millisecond
	start(t, tuned(t, sink, folder))
	eventually(t, "the first version", func() bool { return sink.isReady(path) })
	write(t, outside, []byte("the second"))
	eventually(t, "the second version", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return sink.known[dir]["x.txt"].Size == int64(len("the second"))
	})
}

// Somebody who knows that a file changed may ask for a check of it, with no event and no
// scan. CountDecisions about what is not in a folder, or not there, does nothing.
func TestCheck(t *testing.T) {
	parent, sink := t.TempDir(), newRecorder()
	dir, outside := filepath.Join(parent, "drop"), filepath.Join(parent, "outside.txt")
	path := filepath.Join(dir, "x.txt")
	write(t, path, []byte("one"))
	if err := os.Link(path, outside); err != nil {
		t.Skip(err)
	}
	folder := quick(dir)
	folder.Rescan = time.Hour
	w := tuned(t, sink, folder)
	start(t, w)
	eventually(t, "the first version", func() bool { return sink.isReady(path) })
	time.Sleep(500 * time.Millisecond) // until no scan is on its way
	write(t, outside, []byte("the second"))
	w.Check(dir, outside)
	w.Check(parent, outside)
	w.Check(dir, filepath.Join(dir, "missing.txt"))
	w.Check(dir, path)
	eventually(t, "the second version", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return sink.known[dir]["x.txt"].Size == int64(len("the second"))
	})
	if sink.isReady(outside) {
		t.Error("a file outside was taken")
	}
}

// A directory that may be listed but not entered is in trouble for as long as that lasts,
// not empty: its files are found once it may be entered. An event of a file in one that
// may not be entered leads there too.
func TestListedButNotEntered(t *testing.T) {
	if os.Getuid() == 0 { // who may enter everything
		if !again(t, func(cmd *exec.Cmd) {
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}) {
			return
		}
	}
	dir, sink := t.TempDir(), newRecorder()
	closed := filepath.Join(dir, "closed")
	path := filepath.Join(closed, "x.txt")
	write(t, path, []byte("x"))
	mode := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	mode(closed, 0o600)
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	w := tuned(t, sink, quick(dir))
	start(t, w)
	inTrouble := func() bool { return strings.Contains(texts.Words(w.Folders()[0].Err), closed) }
	eventually(t, "the trouble is told", inTrouble)
	for end := time.Now().Add(500 * time.Millisecond); time.Now().Before(end); time.Sleep(10 * time.Millisecond) { // some checks aside
		if !inTrouble() {
			t.Fatal("the trouble is forgotten while it lasts")
		}
	}
	mode(closed, 0o755)
	eventually(t, "the file", func() bool { return sink.isReady(path) })
	eventually(t, "the trouble is over", func() bool { return w.Folders()[0].Err == "" })

	time.Sleep(500 * time.Millisecond) // until no scan is on its way
	open, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	mode(closed, 0)
	if _, err := open.WriteString("more"); err != nil {
		t.Fatal(err)
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the trouble is told again", inTrouble)
	mode(closed, 0o755)
	eventually(t, "the file's new version", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return sink.known[closed]["x.txt"].Size == 5
	})
}
