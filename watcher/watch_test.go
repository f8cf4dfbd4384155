package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	texts "scenario-drop/status"
)

func TestDroppedFileIsReady(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	start(t, tuned(t, sink, Folder{Path: dir, Recursive: true, SettleAuto: true}))
	path := filepath.Join(dir, "hero.png")
	write(t, path, drawing(t))
	eventually(t, "the drawing is ready", func() bool { return sink.isReady(path) })
}

// mkdir -p a/b/c with a file in the deepest is over before the first event is read.
func TestBurstOfNewDirectories(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	start(t, tuned(t, sink, quick(dir)))
	var want []string
	for i := range 20 {
		rel := fmt.Sprintf("a%d/b/c/deepest.txt", i)
		write(t, filepath.Join(dir, filepath.FromSlash(rel)), []byte("x"))
		want = append(want, rel)
	}
	slices.Sort(want)
	eventually(t, "the files in the deepest are ready", func() bool { return slices.Equal(sink.paths(dir), want) })
	// And the watches are where they should be: what comes later is seen too.
	later := filepath.Join(dir, "a7", "b", "c", "later.txt")
	write(t, later, []byte("x"))
	eventually(t, "a later file", func() bool { return sink.isReady(later) })
}

func TestRenamedDirectoryIsStillWatched(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	write(t, filepath.Join(dir, "old", "sub", "one.txt"), []byte("x"))
	start(t, tuned(t, sink, quick(dir)))
	if err := os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	// Under its new name the file is a new path.
	moved := filepath.Join(dir, "new", "sub", "one.txt")
	eventually(t, "the file in the renamed directory", func() bool { return sink.isReady(moved) })
	// Long enough after for no scan to be still on its way: only events tell now.
	time.Sleep(time.Second)
	for _, rel := range []string{"new/two.txt", "new/sub/three.txt", "new/sub/deep/four.txt"} {
		path := filepath.Join(dir, filepath.FromSlash(rel))
		write(t, path, []byte("x"))
		eventually(t, rel, func() bool { return sink.isReady(path) })
	}
	// The old name, taken again, is watched too.
	again := filepath.Join(dir, "old", "sub", "five.txt")
	write(t, again, []byte("x"))
	eventually(t, "a file under the old name", func() bool { return sink.isReady(again) })
}

func TestTreeMovedIn(t *testing.T) {
	parent, sink := t.TempDir(), newRecorder()
	dir := filepath.Join(parent, "drop")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(parent, "outside", "a", "b", "x.txt"), []byte("x"))
	start(t, tuned(t, sink, quick(dir)))
	if err := os.Rename(filepath.Join(parent, "outside"), filepath.Join(dir, "inside")); err != nil {
		t.Fatal(err)
	}
	x := filepath.Join(dir, "inside", "a", "b", "x.txt")
	eventually(t, "the file moved in", func() bool { return sink.isReady(x) })
	y := filepath.Join(dir, "inside", "a", "b", "y.txt")
	write(t, y, []byte("y"))
	eventually(t, "a file made there later", func() bool { return sink.isReady(y) })
}

func TestRootDeletedAndRecreated(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps a deleted directory until the last handle on it is closed")
	}
	dir, sink := filepath.Join(t.TempDir(), "drop"), newRecorder()
	write(t, filepath.Join(dir, "sub", "one.txt"), []byte("x"))
	w := tuned(t, sink, quick(dir))
	start(t, w)
	eventually(t, "the first file", func() bool { return sink.isReady(filepath.Join(dir, "sub", "one.txt")) })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the trouble is told", func() bool {
		return strings.Contains(texts.Words(w.Folders()[0].Err), "is not there")
	})
	two := filepath.Join(dir, "sub", "two.txt")
	write(t, two, []byte("x"))
	eventually(t, "a file in the new folder", func() bool { return sink.isReady(two) })
	eventually(t, "the trouble is over", func() bool { return w.Folders()[0].Err == "" })
	three := filepath.Join(dir, "sub", "three.txt")
	write(t, three, []byte("x"))
	eventually(t, "a file by events", func() bool { return sink.isReady(three) })
}

func TestSaveThroughTemporaryFile(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	start(t, tuned(t, sink, quick(dir)))
	path := filepath.Join(dir, "scene.txt")
	for i := range 3 {
		temp := filepath.Join(dir, "scene.txt.tmp")
		write(t, temp, []byte(strings.Repeat("x", i+1)))
		if err := os.Rename(temp, path); err != nil {
			t.Fatal(err)
		}
		eventually(t, "each save", func() bool {
			sink.mu.Lock()
			defer sink.mu.Unlock()
			return sink.known[dir]["scene.txt"].Size == int64(i+1)
		})
	}
	if got := sink.paths(dir); !slices.Equal(got, []string{"scene.txt"}) {
		t.Errorf("ready: %q", got)
	}
}

func TestCutOffPNG(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	start(t, tuned(t, sink, quick(dir)))
	path, data := filepath.Join(dir, "hero.png"), drawing(t)
	write(t, path, data[:len(data)-20])
	eventually(t, "it is held", func() bool { return sink.reason(path) == drop.ReasonLooksCutOff })
	if sink.isReady(path) {
		t.Fatal("a file cut off was ready")
	}
	write(t, path, data)
	eventually(t, "the whole file is ready", func() bool { return sink.isReady(path) })
}

func TestEmptyFileIsHeldUntilItIsGone(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	w := tuned(t, sink, quick(dir))
	start(t, w)
	path := filepath.Join(dir, "empty.txt")
	write(t, path, nil)
	eventually(t, "it is held", func() bool { return sink.reason(path) == drop.ReasonEmpty })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its end is told", func() bool { return sink.reason(path) == drop.ReasonGone })
	eventually(t, "it is forgotten", func() bool { s := w.Folders()[0]; return s.Held == 0 && s.Waiting == 0 })
}

func TestNestedFolders(t *testing.T) {
	outer, sink := t.TempDir(), newRecorder()
	inner := filepath.Join(outer, "chars")
	write(t, filepath.Join(inner, "scan.txt"), []byte("x"))
	write(t, filepath.Join(outer, "scan.txt"), []byte("x"))
	folders := &byFolder{recorder: sink, folder: map[string]string{}}
	start(t, tuned(t, folders, quick(outer), quick(inner)))
	write(t, filepath.Join(inner, "deep", "event.txt"), []byte("x"))
	write(t, filepath.Join(outer, "deep", "event.txt"), []byte("x"))
	want := map[string]string{
		filepath.Join(inner, "scan.txt"): inner, filepath.Join(inner, "deep", "event.txt"): inner,
		filepath.Join(outer, "scan.txt"): outer, filepath.Join(outer, "deep", "event.txt"): outer,
	}
	for path, folder := range want {
		eventually(t, path, func() bool { return folders.of(path) == folder })
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	for path, times := range sink.ready {
		if times != 1 {
			t.Errorf("%s was ready %d times", path, times)
		}
	}
}

// byFolder notes which folder each file was found by.
type byFolder struct {
	*recorder
	folder map[string]string
}

func (b *byFolder) Ready(ctx context.Context, found []Candidate) error {
	b.mu.Lock()
	for _, c := range found {
		b.folder[c.Path] = c.Folder
	}
	b.mu.Unlock()
	return b.recorder.Ready(ctx, found)
}

func (b *byFolder) of(path string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.folder[path]
}

func TestLostEventsLeadToAScan(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	w := tuned(t, sink, quick(dir))
	w.limits.hints = 10 // a burst beyond this is lost
	w.limits.active = 20
	start(t, w)
	var want []string
	for i := range 500 {
		name := fmt.Sprintf("%03d.txt", i)
		write(t, filepath.Join(dir, name), []byte("x"))
		want = append(want, name)
	}
	eventually(t, "all files are ready", func() bool { return slices.Equal(sink.paths(dir), want) })
}

func TestPolling(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	f := quick(dir)
	f.Poll, f.Rescan = PollAlways, 50*time.Millisecond
	w := tuned(t, sink, f)
	start(t, w)
	path := filepath.Join(dir, "a", "hero.png")
	write(t, path, drawing(t))
	eventually(t, "the drawing is ready", func() bool { return sink.isReady(path) })
	if s := w.Folders()[0]; s.Mode != ModePolling || s.Why == "" {
		t.Errorf("status: %+v", s)
	}
	// A version that is known is not handed on again.
	scanned := w.Folders()[0].LastScan
	eventually(t, "some more scans", func() bool { return w.Folders()[0].LastScan.Sub(scanned) > 300*time.Millisecond })
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if sink.ready[path] != 1 {
		t.Errorf("ready %d times", sink.ready[path])
	}
}

func TestSinkThatFailsIsAskedAgain(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	w := tuned(t, sink, quick(dir))
	start(t, w)
	sink.setFail(errSink)
	path, other := filepath.Join(dir, "a", "x.txt"), filepath.Join(dir, "empty.txt")
	write(t, path, []byte("x"))
	write(t, other, nil)
	eventually(t, "the trouble is told", func() bool { return w.Folders()[0].Err != "" })
	sink.setFail(nil)
	eventually(t, "the file is ready", func() bool { return sink.isReady(path) && sink.reason(other) == drop.ReasonEmpty })
	eventually(t, "the trouble is over", func() bool { return w.Folders()[0].Err == "" })
}

func TestMissingFolderIsTriedAgain(t *testing.T) {
	parent, sink := t.TempDir(), newRecorder()
	missing, well := filepath.Join(parent, "missing"), filepath.Join(parent, "well")
	if err := os.Mkdir(well, 0o755); err != nil {
		t.Fatal(err)
	}
	w := tuned(t, sink, quick(missing), quick(well))
	start(t, w)
	path := filepath.Join(well, "x.txt")
	write(t, path, []byte("x"))
	eventually(t, "the other folder works", func() bool { return sink.isReady(path) })
	path = filepath.Join(missing, "x.txt")
	write(t, path, []byte("x"))
	eventually(t, "it works once it is there", func() bool { return sink.isReady(path) })
}

func TestRescan(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	w := tuned(t, sink, quick(dir))
	start(t, w)
	before := w.Folders()[0].LastScan
	w.Rescan()
	eventually(t, "another scan", func() bool { return w.Folders()[0].LastScan.After(before) })
}

func TestScanOnce(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	data := drawing(t)
	write(t, filepath.Join(dir, "a", "hero.png"), data)
	write(t, filepath.Join(dir, "a", "cut.png"), data[:len(data)-20])
	write(t, filepath.Join(dir, "empty.txt"), nil)
	write(t, filepath.Join(dir, "x.tmp"), []byte("x"))
	missing := filepath.Join(dir, "missing")
	w := tuned(t, sink, quick(dir), quick(missing))
	err := w.Scan(t.Context())
	if err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("the missing folder is not told: %v", err)
	}
	if got := sink.paths(dir); !slices.Equal(got, []string{"a/hero.png"}) {
		t.Errorf("ready: %q", got)
	}
	for path, want := range map[string]drop.Reason{"a/cut.png": drop.ReasonLooksCutOff, "empty.txt": drop.ReasonEmpty} {
		if got := sink.reason(filepath.Join(dir, filepath.FromSlash(path))); got != want {
			t.Errorf("%s: held for %q, want %q", path, got, want)
		}
	}
	if s := w.Folders()[0]; s.Files != 3 || s.Dirs != 2 || s.Ignored != 1 {
		t.Errorf("counts: %+v", s)
	}
	sink.setFail(errSink)
	if err := w.Scan(t.Context()); !errors.Is(err, errSink) {
		t.Errorf("the sink's error is not told: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Scan(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

func TestTenThousandFilesAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 10 000 files")
	}
	number := 10_000
	if runtime.GOOS == "windows" {
		number = 1_000 // under wine the disk takes half a minute for more
	}
	dir, sink := t.TempDir(), newRecorder()
	w := tuned(t, sink, quick(dir))
	start(t, w)
	before := runtime.NumGoroutine()
	peak := before
	for i := range number {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.txt", i)), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if i%500 == 0 {
			peak = max(peak, runtime.NumGoroutine())
		}
	}
	eventually(t, "all are ready", func() bool {
		peak = max(peak, runtime.NumGoroutine())
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return len(sink.ready) == number
	})
	if peak-before > 2*w.limits.probes {
		t.Errorf("%d goroutines more than before", peak-before)
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if peak := slices.Max(sink.batches); peak > w.limits.batch {
		t.Errorf("a batch of %d", peak)
	}
}

func TestHeldFilesBeyondTheLimitAreForgotten(t *testing.T) {
	dir, sink := t.TempDir(), newRecorder()
	for i := range 50 {
		write(t, filepath.Join(dir, fmt.Sprintf("%02d.txt", i)), nil)
	}
	w := tuned(t, sink, quick(dir))
	w.limits.held = 10
	start(t, w)
	eventually(t, "all are told", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return len(sink.held) == 50
	})
	if held := w.Folders()[0].Held; held > 10 {
		t.Errorf("%d are kept", held)
	}
}
