package file

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestHasWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	w, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := Open(filepath.Dir(path), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if HasWriter(r) == CannotTell {
		t.Skip("no leases on this filesystem")
	}
	if got := HasWriter(r); got != Yes {
		t.Errorf("open for writing: %v", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := os.Open(path) // a reader is no writer
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if got := HasWriter(r); got != No {
		t.Errorf("closed: %v", got)
	}
	// The lease was given back.
	if kind, err := unix.FcntlInt(r.Fd(), unix.F_GETLEASE, 0); err != nil || kind != unix.F_UNLCK {
		t.Errorf("lease %d is left, %v", kind, err)
	}
}

// asks asks a question about a file again and again until stop is called, which waits for the
// last one. With refused, it is no failure that a writer has the file to itself at times.
func asks(t *testing.T, path string, question func(*os.File) Answer, refused bool) (stop func()) {
	stopped := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stopped:
				return
			default:
			}
			r, _, err := Open(filepath.Dir(path), path)
			if refused && InUse(err) { // the writer's turn
				continue
			}
			if err != nil {
				t.Error(err)
				return
			}
			question(r)
			r.Close()
		}
	})
	return func() {
		close(stopped)
		wg.Wait()
	}
}

// A program that opens the file for writing just while the lease is held waits for a
// moment, and the SIGIO that this sends does no harm.
func TestHasWriterAgainstWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	stop := asks(t, path, HasWriter, true)
	maximum := time.Duration(0)
	for range 3000 {
		began := time.Now()
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		maximum = max(maximum, time.Since(began))
		w.Close()
	}
	stop()
	if maximum > 5*time.Second { // the kernel's lease-break-time is 45 s
		t.Errorf("a writer had to wait %v", maximum)
	}
}

// SIGIO itself: a lease held while a writer comes.
func TestBrokenLeaseDoesNotKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := unix.FcntlInt(r.Fd(), unix.F_SETLEASE, unix.F_RDLCK); err != nil {
		t.Skipf("no lease: %v", err)
	}
	if fd, err := unix.Open(path, unix.O_WRONLY|unix.O_NONBLOCK, 0); err != unix.EWOULDBLOCK {
		unix.Close(fd)
		t.Fatalf("the lease did not hold: %v", err)
	}
	time.Sleep(10 * time.Millisecond) // the signal is here by now, and this process too
	if _, err := unix.FcntlInt(r.Fd(), unix.F_SETLEASE, unix.F_UNLCK); err != nil {
		t.Error(err)
	}
}

func TestHasWriterOnUntrustedFilesystem(t *testing.T) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	if got := HasWriter(f); got != CannotTell {
		t.Errorf("on procfs: %v", got)
	}
}

// A program that opens the file for reading just while the write lease is held waits for a
// moment, and is not refused.
func TestHasOtherAgainstReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	stop := asks(t, path, HasOther, false)
	maximum := time.Duration(0)
	for range 3000 {
		began := time.Now()
		r, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		maximum = max(maximum, time.Since(began))
		r.Close()
	}
	stop()
	if maximum > 5*time.Second { // the kernel's lease-break-time is 45 s
		t.Errorf("a reader had to wait %v", maximum)
	}
}
