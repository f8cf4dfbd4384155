package disk

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func stuckDisk(wakes *atomic.Int64) *Disk {
	return New(Options{Within: time.Second, Wake: func() { wakes.Add(1) }})
}

// A call that is not answered is left behind after the patience, and nothing more is
// asked of its folder until it returns; other folders are asked all the same.
func TestUnresponsiveFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wakes atomic.Int64
		d := stuckDisk(&wakes)
		answer := make(chan int)
		var late atomic.Int64
		began := time.Now()
		_, err := Call(t.Context(), d, "/share", func() (int, error) { return <-answer, nil }, func(n int) { late.Store(int64(n)) })
		var dead *UnresponsiveError
		if !errors.As(err, &dead) || dead.Root != "/share" || time.Since(began) != time.Second {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		if got := d.Busy(); !slices.Equal(got, []string{"/share"}) {
			t.Errorf("unresponsive: %v", got)
		}
		if _, err := Call(t.Context(), d, "/share", func() (int, error) { t.Error("it was asked"); return 0, nil }, nil); !errors.As(err, &dead) {
			t.Errorf("asked again: %v", err)
		}
		if n, err := Call(t.Context(), d, "/local", func() (int, error) { return 7, nil }, nil); n != 7 || err != nil {
			t.Errorf("another folder: %d, %v", n, err)
		}
		answer <- 3
		synctest.Wait()
		if len(d.Busy()) != 0 || late.Load() != 3 || wakes.Load() != 1 {
			t.Errorf("after its answer: unresponsive %v, late %d, %d wakes", d.Busy(), late.Load(), wakes.Load())
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
		if _, err := Call(ctx, d, "/share", func() (int, error) { return <-answer, nil }, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if got := d.Busy(); len(got) != 0 {
			t.Errorf("unresponsive: %v", got)
		}
		answer <- 0
	})
}

// A share that was mounted anew answers, though the calls to the old one never return.
func TestUnresponsiveFolderMountedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wakes atomic.Int64
		d := stuckDisk(&wakes)
		dir := t.TempDir()
		never := make(chan int)
		if _, err := Call(t.Context(), d, dir, func() (int, error) { return <-never, nil }, nil); err == nil {
			t.Fatal("it answered")
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Run(ctx) }()
		time.Sleep(askAgainEvery + time.Second)
		synctest.Wait()
		if got := d.Busy(); len(got) != 0 || wakes.Load() != 1 {
			t.Errorf("unresponsive: %v, %d wakes", got, wakes.Load())
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
		for range maxMoving {
			if len(d.Busy()) != 0 {
				t.Fatal("the folder is left alone too early")
			}
			go func() { done <- d.Move(t.Context(), "/art", func() error { return <-finish }, func() { aside.Add(1) }) }()
			time.Sleep(2 * time.Second)
		}
		if aside.Load() != maxMoving || len(d.Busy()) != 1 {
			t.Errorf("%d were set aside; left alone: %v", aside.Load(), d.Busy())
		}
		full := errors.New("no space")
		for range maxMoving {
			finish <- full
			if err := <-done; err != full {
				t.Errorf("got %v", err)
			}
		}
		synctest.Wait()
		if len(d.Busy()) != 0 || wakes.Load() != maxMoving {
			t.Errorf("afterwards: %v, %d wakes", d.Busy(), wakes.Load())
		}
	})
}

// noise is n bytes that compress to nothing.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// written is a file of a version that is on the disk.
func written(t *testing.T, d *Disk, data []byte) (f *File, path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "x")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	version, err := d.Lstat(t.Context(), dir, path)
	if err != nil {
		t.Fatal(err)
	}
	return d.File(dir, path, version), path
}

// Reading through a disk is reading, however large the piece, up to the end; a file that is
// kept in memory is read from there.
func TestFileRead(t *testing.T) {
	for name, size := range map[string]int{"in pieces": 2*PieceSize + 100, "small": 1000} {
		for _, keep := range []int{0, 1, 2} { // not, for a moment, and while the network is waited for
			data := noise(size)
			f, _ := written(t, stuckDisk(new(atomic.Int64)), data)
			if keep > 0 {
				if _, err := f.Keep(t.Context(), func() {}); err != nil {
					t.Fatal(err)
				}
			}
			if keep == 2 {
				f.KeepIfRoom()
			}
			var got []byte
			for len(got) < size {
				b, release, err := f.Read(t.Context(), int64(len(got)), int64(size-len(got)))
				if err != nil || len(b) == 0 || len(b) > PieceSize {
					t.Fatalf("%s: %d bytes at %d: %v", name, len(b), len(got), err)
				}
				got = append(got, b...)
				release()
			}
			if !slices.Equal(got, data) {
				t.Errorf("%s, keep %d: other bytes", name, keep)
			}
			f.Close()
			if f.all != nil || len(f.d.kept) != 0 {
				t.Errorf("%s: after Close %d are kept", name, len(f.d.kept))
			}
		}
	}
}

// No more files are kept in memory than there is room for.
func TestKeepIfRoom(t *testing.T) {
	d := stuckDisk(new(atomic.Int64))
	var all []*File
	for range maxKept + 2 {
		f, _ := written(t, d, noise(10))
		if _, err := f.Keep(t.Context(), func() {}); err != nil {
			t.Fatal(err)
		}
		f.KeepIfRoom()
		all = append(all, f)
	}
	if all[maxKept-1].all == nil || all[maxKept].all != nil || len(d.kept) != maxKept {
		t.Errorf("%d are kept", len(d.kept))
	}
	for _, f := range all {
		f.Close()
	}
	if len(d.kept) != 0 {
		t.Errorf("after Close %d are kept", len(d.kept))
	}
}

// Another version at the path is noticed before a byte of it is handed out.
func TestFileChanged(t *testing.T) {
	later := time.Now().Add(time.Hour)
	for name, change := range map[string]func(path string) error{
		"written to": func(path string) error { return os.Chtimes(path, later, later) },
		"shorter":    func(path string) error { return os.Truncate(path, 5) },
		"replaced by a copy": func(path string) error {
			info, err := os.Stat(path)
			if err == nil {
				err = os.WriteFile(path+".new", noise(1000), 0o600)
			}
			if err == nil {
				err = os.Chtimes(path+".new", info.ModTime(), info.ModTime())
			}
			if err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, path := written(t, stuckDisk(new(atomic.Int64)), noise(1000))
			if _, release, err := f.Read(t.Context(), 0, 10); err != nil {
				t.Fatal(err)
			} else {
				release()
			}
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			if b, _, err := f.Read(t.Context(), 10, 10); !errors.Is(err, ErrChanged) {
				t.Errorf("it reads %d bytes, %v", len(b), err)
			}
			if _, err := f.Check(t.Context()); !errors.Is(err, ErrChanged) {
				t.Errorf("a look: %v", err)
			}
			if _, err := f.Keep(t.Context(), func() {}); !errors.Is(err, ErrChanged) || f.all != nil {
				t.Errorf("to keep it: %v", err)
			}
		})
	}
}
