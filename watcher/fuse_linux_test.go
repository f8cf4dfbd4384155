package watcher

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/internal/testkit/mounttest"
	texts "scenario-drop/status"
)

// mirror shows a new directory at another place, as a share does.
func mirror(t *testing.T) *mounttest.Share {
	t.Helper()
	return mounttest.Bind(t, t.TempDir(), t.TempDir())
}

func TestShareIsPolled(t *testing.T) {
	share := mirror(t)
	source, mount := share.Source, share.Mount
	sink := newRecorder()
	folder := quick(mount)
	folder.Rescan = 100 * time.Millisecond
	w := tuned(t, sink, folder)
	start(t, w)
	write(t, filepath.Join(source, "a", "hero.png"), drawing(t))
	eventually(t, "the file from elsewhere", func() bool { return slices.Equal(sink.paths(mount), []string{"a/hero.png"}) })
	if s := w.Folders()[0]; s.Mode != ModePolling || !strings.Contains(texts.Words(s.Why), "fuse") {
		t.Errorf("mode %s: %s", s.Mode, s.Why)
	}
}

func TestShareWhoseServerDies(t *testing.T) {
	share := mirror(t)
	source, mount := share.Source, share.Mount
	sink := newRecorder()
	folder := quick(mount)
	folder.Rescan = 100 * time.Millisecond
	w := tuned(t, sink, folder)
	write(t, filepath.Join(source, "x.txt"), []byte("x"))
	start(t, w)
	eventually(t, "a file", func() bool { return sink.isReady(filepath.Join(mount, "x.txt")) })
	share.Die()
	eventually(t, "the trouble is told", func() bool { return w.Folders()[0].Err != "" })
	share.Detach()
	// What is there now is a folder on the local disk.
	y := filepath.Join(mount, "y.txt")
	write(t, y, []byte("y"))
	eventually(t, "a file in what is there now", func() bool { return sink.isReady(y) })
	eventually(t, "the trouble is over", func() bool { s := w.Folders()[0]; return s.Err == "" && s.Mode == ModeEvents })
}

// A share that hangs stalls nothing but itself, and does not keep Run from ending.
func TestShareThatHangs(t *testing.T) {
	share := mirror(t)
	mount := share.Mount
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
	share.Hang()
	eventually(t, "the status says so", func() bool { return strings.Contains(texts.Words(w.Folders()[0].Err), "has not answered") })
	path := filepath.Join(local, "x.txt")
	write(t, path, []byte("x"))
	eventually(t, "the other folder is served", func() bool { return sink.isReady(path) })
	cancel()
	select {
	case err := <-done:
		var unresponsive *UnresponsiveError
		if !errors.As(err, &unresponsive) || !slices.Equal(unresponsive.Folders, []string{mount}) {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(testLimit):
		t.Fatal("Run does not end")
	}
}

// A single pass leaves out a share that hangs, and hands on what the others hold.
func TestScanLeavesOutAShareThatHangs(t *testing.T) {
	share := mirror(t)
	local, sink := t.TempDir(), newRecorder()
	path := filepath.Join(local, "x.txt")
	write(t, path, []byte("x"))
	w := tuned(t, sink, quick(share.Mount), quick(local))
	w.limits.giveUp = 200 * time.Millisecond
	share.Hang()
	err := w.Scan(t.Context())
	var unresponsive *UnresponsiveError
	if !errors.As(err, &unresponsive) || !slices.Equal(unresponsive.Folders, []string{share.Mount}) {
		t.Errorf("Scan: %v", err)
	}
	if !sink.isReady(path) {
		t.Error("the file of the other folder was not handed on")
	}
}

// The log says once that a folder hangs, and once that it does not any more.
func TestShareThatHangsIsLogged(t *testing.T) {
	share := mirror(t)
	sink, lines := newRecorder(), &logtest.Buffer{}
	folder := quick(share.Mount)
	folder.Rescan = 50 * time.Millisecond
	w := New(Options{Folders: []Folder{folder}, Sink: sink, Log: slog.New(slog.NewTextHandler(lines, nil))})
	w.limits.stuck = 200 * time.Millisecond
	start(t, w)
	eventually(t, "the first scan", func() bool { return !w.Folders()[0].LastScan.IsZero() })
	share.Hang()
	eventually(t, "the log says so", func() bool { return strings.Contains(lines.String(), "does not answer") })
	share.Resume()
	eventually(t, "the log says that it is over", func() bool { return strings.Contains(lines.String(), "answers again") })
	eventually(t, "the status is well", func() bool { return w.Folders()[0].Err == "" })
	if n := strings.Count(lines.String(), "does not answer"); n != 1 {
		t.Errorf("%d lines say that it does not answer:\n%s", n, lines)
	}
}

// An edit of the rules of a share that hangs does not wait for it: it is told of as before, and
// goes by the new rules once it answers.
func TestSetFoldersWhileAShareHangs(t *testing.T) {
	share := mirror(t)
	local, sink := t.TempDir(), newRecorder()
	folder := quick(share.Mount)
	folder.Rescan = 50 * time.Millisecond
	w := tuned(t, sink, folder, quick(local))
	w.limits.stuck = 200 * time.Millisecond
	start(t, w)
	share.Hang()
	eventually(t, "the status says so", func() bool { return strings.Contains(texts.Words(w.Folders()[0].Err), "has not answered") })
	folder.Exclude = []string{"*.tmp2"}
	other := t.TempDir()
	path := filepath.Join(other, "x.txt")
	write(t, path, []byte("x"))
	w.SetFolders([]Folder{folder, quick(local), quick(other)})
	eventually(t, "the new folder begins", func() bool { return sink.isReady(path) })
	eventually(t, "the status says so still", func() bool { return strings.Contains(texts.Words(w.Folders()[0].Err), "has not answered") })
	share.Resume()
	eventually(t, "it is well", func() bool { return w.Folders()[0].Err == "" && !w.Folders()[0].LastScan.IsZero() })
}
