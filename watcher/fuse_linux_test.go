package watcher

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// mirror shows a new directory at another place through a FUSE program, as a share does:
// what is written to the directory comes up there without an event.
func mirror(t *testing.T) (source, mount string, server *os.Process) {
	t.Helper()
	program, err := exec.LookPath("bindfs")
	if err != nil {
		t.Skip("bindfs is not installed")
	}
	source, mount = t.TempDir(), t.TempDir()
	cmd := exec.Command(program, "-f", source, mount)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(unix.SIGCONT)
		unix.Unmount(mount, unix.MNT_DETACH)
		cmd.Process.Kill()
		<-ended
	})
	for end := time.Now().Add(testLimit); !strings.HasPrefix(mountType(mount), "fuse"); time.Sleep(10 * time.Millisecond) {
		select {
		case <-ended:
			t.Skip("FUSE does not work here")
		default:
		}
		if time.Now().After(end) {
			t.Skip("FUSE does not work here")
		}
	}
	return source, mount, cmd.Process
}

func TestShareIsPolled(t *testing.T) {
	source, mount, _ := mirror(t)
	sink := newRecorder()
	folder := quick(mount)
	folder.Rescan = 100 * time.Millisecond
	w := tuned(t, sink, folder)
	start(t, w)
	write(t, filepath.Join(source, "a", "hero.png"), drawing(t))
	eventually(t, "the file from elsewhere", func() bool { return slices.Equal(sink.paths(mount), []string{"a/hero.png"}) })
	if s := w.Folders()[0]; s.Mode != ModePolling || !strings.Contains(s.Why, "fuse") {
		t.Errorf("mode %s: %s", s.Mode, s.Why)
	}
}

func TestShareWhoseServerDies(t *testing.T) {
	source, mount, server := mirror(t)
	sink := newRecorder()
	folder := quick(mount)
	folder.Rescan = 100 * time.Millisecond
	w := tuned(t, sink, folder)
	write(t, filepath.Join(source, "x.txt"), []byte("x"))
	start(t, w)
	eventually(t, "a file", func() bool { return sink.isReady(filepath.Join(mount, "x.txt")) })
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the trouble is told", func() bool { return w.Folders()[0].Err != "" })
	if err := unix.Unmount(mount, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	// What is there now is a folder on the local disk.
	y := filepath.Join(mount, "y.txt")
	write(t, y, []byte("y"))
	eventually(t, "a file in what is there now", func() bool { return sink.isReady(y) })
	eventually(t, "the trouble is over", func() bool { s := w.Folders()[0]; return s.Err == "" && s.Mode == ModeEvents })
}

// A share that hangs stalls nothing but itself, and does not keep Run from ending.
func TestShareThatHangs(t *testing.T) {
	_, mount, server := mirror(t)
	local, sink := t.TempDir(), newRecorder()
	folder := quick(mount)
	folder.Rescan = 50 * time.Millisecond
	w := tuned(t, sink, folder, quick(local))
	w.limits.stuck, w.limits.leave = 200*time.Millisecond, 200*time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	eventually(t, "the first scan", func() bool { return !w.Folders()[0].LastScan.IsZero() })
	if err := server.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the status says so", func() bool { return strings.Contains(w.Folders()[0].Err, "has not answered") })
	path := filepath.Join(local, "x.txt")
	write(t, path, []byte("x"))
	eventually(t, "the other folder goes on", func() bool { return sink.isReady(path) })
	cancel()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), mount) {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(testLimit):
		t.Fatal("Run does not end")
	}
}
