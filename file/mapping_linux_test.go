package file

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A program that writes through a mapping keeps the file open for writing in the
// kernel's books after it has closed its descriptor, until it unmaps. So the probe sees
// it where no event tells anything, and the file's time only the first write to each page
// (since it was last written back, which on a tmpfs it never is).
func TestHasWriterSeesMappings(t *testing.T) {
	for _, dir := range []string{t.TempDir(), "/dev/shm"} {
		t.Run(dir, func(t *testing.T) {
			dir, err := os.MkdirTemp(dir, "mapping-")
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			path := filepath.Join(dir, "x.bin")
			if err := os.WriteFile(path, make([]byte, 8192), 0o644); err != nil {
				t.Fatal(err)
			}
			r, before, err := Open(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if HasWriter(r) == CannotTell {
				t.Skip("no leases on this filesystem")
			}
			w, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			m, err := unix.Mmap(int(w.Fd()), 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got := HasWriter(r); got != Yes {
				t.Errorf("mapped for writing, descriptor closed: %v", got)
			}
			time.Sleep(20 * time.Millisecond) // a tick of the filesystem's clock
			m[0] = 1
			touched, _, err := Lstat(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			m[1] = 1
			again, _, err := Lstat(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			if err := unix.Msync(m, unix.MS_SYNC); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			m[2] = 1
			synced, _, err := Lstat(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("the modification time moves: with the first write to a page %v, with the next %v, after msync %v",
				touched.ModTime != before.ModTime, again.ModTime != touched.ModTime, synced.ModTime != again.ModTime)
			if err := unix.Munmap(m); err != nil {
				t.Fatal(err)
			}
			if got := HasWriter(r); got != No {
				t.Errorf("unmapped: %v", got)
			}
		})
	}
}
