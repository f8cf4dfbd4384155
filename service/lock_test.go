package service

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestLockBesideReaders takes a lock that a crashed daemon left behind, while others look who
// holds it, as `status --follow` does.
func TestLockBesideReaders(t *testing.T) {
	dir := t.TempDir()
	end, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-end:
				ended <- nil
				return
			case <-time.After(20 * time.Microsecond):
			}
			if _, _, err := LockHolder(dir); err != nil {
				ended <- err
				return
			}
		}
	}()
	defer func() {
		close(end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for range 300 {
		l, err := lockDir(dir, "run")
		if err != nil {
			t.Fatal(err)
		}
		if err := l.release(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "lock-holder.json"), []byte(`{"pid":7,"doing":"run"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
