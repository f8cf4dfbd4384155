package uploader

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func stuckDisk(wakes *atomic.Int64) *disk {
	return newDisk(func() time.Duration { return time.Second }, func() { wakes.Add(1) })
}

// A call that is not answered is left behind after the patience, and nothing more is
// asked of its folder until it returns; other folders are asked all the same.
func TestSilentFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wakes atomic.Int64
		d := stuckDisk(&wakes)
		answer := make(chan int)
		var late atomic.Int64
		began := time.Now()
		_, err := onDisk(t.Context(), d, "/share", func() (int, error) { return <-answer, nil }, func(n int) { late.Store(int64(n)) })
		var silent *silentError
		if !errors.As(err, &silent) || silent.root != "/share" || time.Since(began) != time.Second {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		if got := d.silent(); !slices.Equal(got, []string{"/share"}) {
			t.Errorf("silent: %v", got)
		}
		if _, err := onDisk(t.Context(), d, "/share", func() (int, error) { t.Error("it was asked"); return 0, nil }, nil); !errors.As(err, &silent) {
			t.Errorf("asked again: %v", err)
		}
		if n, err := onDisk(t.Context(), d, "/local", func() (int, error) { return 7, nil }, nil); n != 7 || err != nil {
			t.Errorf("another folder: %d, %v", n, err)
		}
		answer <- 3
		synctest.Wait()
		if len(d.silent()) != 0 || late.Load() != 3 || wakes.Load() != 1 {
			t.Errorf("after its answer: silent %v, late %d, %d wakes", d.silent(), late.Load(), wakes.Load())
		}
	})
}

// The end of a context leaves a call behind at once, which says nothing about its folder.
func TestCallLeftBehindAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wakes atomic.Int64
		d := stuckDisk(&wakes)
		answer := make(chan int)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := onDisk(ctx, d, "/share", func() (int, error) { return <-answer, nil }, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if got := d.silent(); len(got) != 0 {
			t.Errorf("silent: %v", got)
		}
		answer <- 0
	})
}

// A share that was mounted anew answers, though the calls to the old one never return.
func TestSilentFolderMountedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wakes atomic.Int64
		d := stuckDisk(&wakes)
		dir := t.TempDir()
		never := make(chan int)
		if _, err := onDisk(t.Context(), d, dir, func() (int, error) { return <-never, nil }, nil); err == nil {
			t.Fatal("it answered")
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.askSilent(ctx) }()
		time.Sleep(askAgainEvery + time.Second)
		synctest.Wait()
		if got := d.silent(); len(got) != 0 || wakes.Load() != 1 {
			t.Errorf("silent: %v, %d wakes", got, wakes.Load())
		}
		cancel()
		<-ended
		never <- 0
	})
}

// A move that takes long lets go of its place; too many of one folder keep more of its
// files from being taken up.
func TestLongMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wakes, aside atomic.Int64
		d := stuckDisk(&wakes)
		finish, done := make(chan error), make(chan error)
		for range mostMoving {
			if len(d.silent()) != 0 {
				t.Fatal("the folder is left alone too early")
			}
			go func() { done <- d.move(t.Context(), "/art", func() error { return <-finish }, func() { aside.Add(1) }) }()
			time.Sleep(2 * time.Second)
		}
		if aside.Load() != mostMoving || len(d.silent()) != 1 {
			t.Errorf("%d were set aside; left alone: %v", aside.Load(), d.silent())
		}
		full := errors.New("no space")
		for range mostMoving {
			finish <- full
			if err := <-done; err != full {
				t.Errorf("got %v", err)
			}
		}
		synctest.Wait()
		if len(d.silent()) != 0 || wakes.Load() != mostMoving {
			t.Errorf("afterwards: %v, %d wakes", d.silent(), wakes.Load())
		}
	})
}

// Reading through a disk is reading, however large the piece, up to the end.
func TestDiskReader(t *testing.T) {
	var wakes atomic.Int64
	d := stuckDisk(&wakes)
	dir := t.TempDir()
	data := noise(2*readSize+100, 1)
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := d.open(t.Context(), dir, path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := f.reader(t.Context())
	for _, c := range []struct{ off, size, want int }{{0, len(data), len(data)}, {5, readSize + 7, readSize + 7}, {len(data) - 3, 10, 3}, {len(data), 1, 0}} {
		p := make([]byte, c.size)
		n, err := r.ReadAt(p, int64(c.off))
		if n != c.want || (err != nil) != (n < c.size) || !slices.Equal(p[:n], data[c.off:c.off+n]) {
			t.Errorf("%d at %d: %d, %v", c.size, c.off, n, err)
		}
	}
}
