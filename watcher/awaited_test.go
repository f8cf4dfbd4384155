package watcher

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
)

// awaitedNow is what a watcher waits for of one path; nil if it does not.
func awaitedNow(t *testing.T, w *Watcher, path string) *Awaited {
	t.Helper()
	for _, a := range w.Awaited(t.Context()).Files {
		if a.Path == path {
			return &a
		}
	}
	return nil
}

// A file is told of as long as it is written to, with the bytes that are there so far, and no
// longer.
func TestAwaitedWhileBeingWritten(t *testing.T) {
	dir := t.TempDir()
	sink := newRecorder()
	folder := quick(dir)
	folder.Settle = 300 * time.Millisecond
	w := tuned(t, sink, folder)
	start(t, w)
	path := filepath.Join(dir, "film.bin")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var written int64
	grow := func() {
		n, err := f.Write(make([]byte, 1000))
		if err != nil {
			t.Fatal(err)
		}
		written += int64(n)
	}
	for _, minimum := range []int64{1000, 20_000} {
		var a *Awaited
		eventually(t, "it is awaited as being written, with its size", func() bool {
			grow()
			a = awaitedNow(t, w, path)
			return a != nil && a.Reason == drop.ReasonBeingWritten && a.Size >= minimum
		})
		if a.Size > written || a.Folder != dir || a.Since.IsZero() || !a.Until.IsZero() {
			t.Errorf("awaited as %+v, with %d bytes written", a, written)
		}
		if o := w.PathStatus(t.Context(), path); o.File == nil || !o.Answered || o.Folder.Path != dir {
			t.Errorf("asked for the path itself: %+v", o)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is finished", func() bool { return sink.isReady(path) })
	eventually(t, "it is awaited no more", func() bool { return w.Awaited(t.Context()).Count == 0 })
	if o := w.PathStatus(t.Context(), path); o.File != nil || !o.Answered || o.Folder.NextScan.IsZero() {
		t.Errorf("a finished file: %+v", o)
	}
}

// What a file's format misses is told from the first check on, and so is the settle time that is
// left.
func TestAwaitedSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	sink := newRecorder()
	w := New(Options{Folders: []Folder{{Path: dir, Settle: 0}}, Sink: sink, Patience: time.Hour})
	start(t, w)
	cut := filepath.Join(dir, "cut.png")
	complete := drawing(t)
	write(t, cut, complete[:len(complete)-20])
	eventually(t, "the cut file says what is missing", func() bool {
		a := awaitedNow(t, w, cut)
		return a != nil && a.Reason == drop.ReasonLooksCutOff && a.Detail != "" && !a.Held
	})

	slow := t.TempDir()
	w = New(Options{Folders: []Folder{{Path: slow, Settle: time.Hour}}, Sink: sink})
	start(t, w)
	path := filepath.Join(slow, "a.txt")
	write(t, path, []byte("a"))
	eventually(t, "the settle time that is left is told", func() bool {
		a := awaitedNow(t, w, path)
		return a != nil && a.Reason == drop.ReasonSettling && time.Until(a.Until) > 50*time.Minute
	})
}

// Many awaited files are counted, and few are listed: the ones awaited the longest.
func TestAwaitedIsBounded(t *testing.T) {
	dir := t.TempDir()
	const n = 3 * awaitedListed
	for i := range n {
		write(t, filepath.Join(dir, string(rune('a'+i%26)), string(rune('a'+i/26))+".txt"), []byte("x"))
	}
	w := New(Options{Folders: []Folder{{Path: dir, Recursive: true, Settle: time.Hour}}, Sink: newRecorder()})
	start(t, w)
	eventually(t, "all are counted", func() bool { return w.Awaited(t.Context()).Count == n })
	if l := w.Awaited(t.Context()); len(l.Files) != awaitedListed || l.Bytes != n {
		t.Errorf("%d listed, %d bytes", len(l.Files), l.Bytes)
	}
}

// stuckSink lets nothing pass until it is told to.
type stuckSink struct {
	*recorder
	free chan struct{}
}

func (s *stuckSink) Ready(ctx context.Context, found []Candidate) error {
	select {
	case <-s.free:
		return s.recorder.Ready(ctx, found)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A folder that is stuck keeps nobody who asks waiting for it: the others are told of, and the
// stuck one by what it said last.
func TestAwaitedOfAStuckFolder(t *testing.T) {
	stuck, well := t.TempDir(), t.TempDir()
	sink := &stuckSink{newRecorder(), make(chan struct{})}
	w := New(Options{Folders: []Folder{{Path: stuck, Settle: 50 * time.Millisecond}, {Path: well, Settle: time.Hour}}, Sink: sink})
	start(t, w)
	write(t, filepath.Join(stuck, "a.txt"), []byte("a"))
	path := filepath.Join(well, "b.txt")
	write(t, path, []byte("b"))
	eventually(t, "the folder is stuck", func() bool { return !w.PathStatus(t.Context(), filepath.Join(stuck, "a.txt")).Answered })
	eventually(t, "the other is told of", func() bool { return awaitedNow(t, w, path) != nil })
	close(sink.free)
	eventually(t, "it answers again", func() bool { return w.PathStatus(t.Context(), filepath.Join(stuck, "a.txt")).Answered })
}
