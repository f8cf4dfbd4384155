package watcher

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	texts "scenario-drop/status"
)

// A tree of many directories, one of them with more files than are taken at a time: each
// file is found once, what the rules leave out is counted, and what is known is passed over.
func TestScanOfManyDirectories(t *testing.T) {
	t.Parallel()
	dir, sink := t.TempDir(), newRecorder()
	var want []string
	put := func(name string) {
		write(t, filepath.Join(dir, name), []byte("x"))
		want = append(want, name)
	}
	for i := range 2*chunk + 100 {
		put(fmt.Sprintf("many/%d.txt", i))
	}
	for d := range 3 * pieceDirs {
		for i := range 2 * checksPerWorker {
			put(fmt.Sprintf("%d/in/%d.txt", d, i))
		}
		write(t, filepath.Join(dir, fmt.Sprint(d), "ignored.tmp"), nil)
		if err := os.Symlink("in", filepath.Join(dir, fmt.Sprint(d), "link")); err != nil && runtime.GOOS != "windows" {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	w := tuned(t, sink, quick(dir))
	dirs := 2 + 2*3*pieceDirs
	for pass := range 3 {
		sink.lookups = 0
		if err := w.Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := sink.paths(dir); !slices.Equal(got, want) {
			t.Fatalf("pass %d found %d files, want %d", pass, len(got), len(want))
		}
		ignored := 3 * pieceDirs
		if runtime.GOOS != "windows" {
			ignored *= 2
		}
		if s := w.Folders()[0]; s.Files != len(want) || s.Dirs != dirs || s.Ignored != ignored || sink.lookups != dirs {
			t.Errorf("pass %d: %d files, %d ignored, %d directories, asked of %d; want %d, %d, %d", pass, s.Files, s.Ignored, s.Dirs, sink.lookups, len(want), ignored, dirs)
		}
		for _, name := range want {
			times, all := sink.ready[filepath.Join(dir, filepath.FromSlash(name))], pass+1
			if changes := strings.HasSuffix(name, "7.txt"); changes && times != all || !changes && times != 1 {
				t.Fatalf("pass %d: %s was handed on %d times", pass, name, times)
			}
			if strings.HasSuffix(name, "7.txt") {
				write(t, filepath.Join(dir, name), fmt.Append(nil, "changed", pass))
			}
		}
	}
}

// listOne lists the first entries of a directory of a folder.
func listOne(t *testing.T, r *run, path string) *batch {
	t.Helper()
	r.scan.push(job{path: path, full: true})
	if err := r.openNext(t.Context()); err != nil || r.scan.current == nil {
		t.Fatal(err, r.problem())
	}
	return r.list(r.scan.current)
}

// Several check the files of a directory at the same moment.
func TestChecksGoOnSideBySide(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range workers * checksPerWorker {
		write(t, filepath.Join(dir, fmt.Sprintf("%d.txt", i)), []byte("x"))
	}
	r := New(Options{Folders: []Folder{quick(dir)}, Sink: newRecorder()}).folders[0].newRun(true)
	r.scan.push(job{path: dir, full: true})
	if err := r.openNext(t.Context()); err != nil || r.scan.current == nil {
		t.Fatal(err, r.problem())
	}
	var asked atomic.Int32
	start, all := time.Now(), make(chan struct{})
	r.now = func() time.Time { // asked once before the listing, and before each check
		switch n := asked.Add(1); {
		case n == 1:
			return start
		case n == workers:
			close(all)
		}
		select {
		case <-all:
		case <-time.After(testLimit):
			t.Error("they wait for each other")
		}
		return start
	}
	if err := r.finish(t.Context(), []*batch{r.list(r.scan.current)}); err != nil {
		t.Fatal(err)
	}
	if n := r.queue.active(); n != workers*checksPerWorker || len(r.workers) != workers-1 {
		t.Errorf("%d files were found; %d lookers are idle", n, len(r.workers))
	}
	if path, _, unresponsive := r.f.status.unresponsive(start.Add(time.Hour), time.Second); unresponsive {
		t.Errorf("the check of %s has not ended", path)
	}
}

// Of several checks, the one that has not been answered for longest is told.
func TestTheLongestCheckIsNamed(t *testing.T) {
	var s status
	at := func(sec int) time.Time { return time.Unix(int64(sec), 0) }
	s.beginOne(2, "/art", "late.png", at(7))
	s.beginOne(5, "/art", "first.png", at(3))
	s.begin("/art/sub", at(5))
	for _, want := range []struct {
		path string
		at   int
	}{{"/art/first.png", 3}, {"/art/sub", 5}, {"/art/late.png", 7}} {
		want.path = filepath.FromSlash(want.path)
		path, since, unresponsive := s.unresponsive(at(want.at+10), 10*time.Second)
		if filepath.FromSlash(path) != want.path || !since.Equal(at(want.at)) || !unresponsive {
			t.Errorf("%s since %v, unresponsive: %v; want %s", path, since, unresponsive, want.path)
		}
		if _, _, unresponsive := s.unresponsive(at(want.at+9), 10*time.Second); unresponsive {
			t.Errorf("%s counts as unresponsive too soon", path)
		}
		if got := s.get(at(want.at+10), 10*time.Second); !strings.Contains(filepath.FromSlash(texts.Words(got.Err)), want.path) || !got.ErrSince.Equal(at(want.at)) {
			t.Errorf("the status is %+v", got)
		}
		switch want.at {
		case 3:
			s.endOne(5)
		case 5:
			s.end()
		}
	}
	s.endOne(2)
	if path, _, unresponsive := s.unresponsive(at(1000), time.Second); unresponsive {
		t.Errorf("%s is unresponsive after its end", path)
	}
}

// A folder that goes away while several of its directories are listed fails once.
func TestFolderRemovedWhileAPieceOfItIsListed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "art")
	for d := range 4 {
		write(t, filepath.Join(dir, fmt.Sprint(d), "x.txt"), []byte("x"))
	}
	f := New(Options{Folders: []Folder{quick(dir)}, Sink: newRecorder()}).folders[0]
	r := f.newRun(true)
	var piece []*batch
	for d := range 4 {
		b := listOne(t, r, filepath.Join(dir, fmt.Sprint(d)))
		b.err, r.scan.current = syscall.EIO, nil
		piece = append(piece, b)
	}
	if err := os.Rename(dir, dir+" elsewhere"); err != nil {
		t.Fatal(err)
	}
	if err := r.finish(t.Context(), piece); err != nil {
		t.Fatal(err)
	}
	if r.fails != 1 || !r.scan.idle() || r.scan.running() {
		t.Errorf("it failed %d times; scan %+v", r.fails, r.scan)
	}
	for _, b := range piece {
		if err := b.dir.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("a directory was left open: %v", err)
		}
	}
}
