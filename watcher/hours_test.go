package watcher

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Twelve hours of a polled folder in which files and folders come and go, a part of them
// never whole, leave nothing behind in what the watcher remembers. Its timers are virtual,
// the files real.
func TestTwelveHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := t.TempDir()
		sink := newRecorder()
		w := New(Options{Folders: []Folder{{Path: root, Recursive: true, Poll: PollAlways, Rescan: time.Minute}}, Sink: sink})
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Hour)
		defer cancel()
		var writing sync.WaitGroup
		writing.Go(func() { comeAndGo(ctx, t, root) })
		r := w.folders[0].newRun(false)
		if err := r.loop(ctx); ctx.Err() == nil {
			t.Fatal(err)
		}
		writing.Wait()
		t.Logf("%d files were ready; %d are waited for", len(sink.ready), len(r.queue.byPath))
		if len(sink.ready) < 500 {
			t.Errorf("%d files were ready in twelve hours", len(sink.ready))
		}
		// The files of the last minutes are there, or were at the last check.
		if n := len(r.queue.byPath); n > 10 || len(r.queue.due) != n || r.queue.held > n {
			t.Errorf("%d files are waited for, %d of them held, %d by time", n, r.queue.held, len(r.queue.due))
		}
		if n := len(r.unwatched) + len(r.bad) + len(r.fresh); n > 0 {
			t.Errorf("%d folders are remembered: %v %v %v", n, r.unwatched, r.bad, r.fresh)
		}
	})
}

// comeAndGo makes a folder with a whole file and a cut one each minute, and removes it
// again three minutes later; the last one goes long before the end.
func comeAndGo(ctx context.Context, t *testing.T, root string) {
	var dirs []string
	for i := range 11 * 60 {
		dir := filepath.Join(root, fmt.Sprint(i))
		complete := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 100)
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "whole.txt"), complete, 0o644)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "cut.png"), []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), 0o644)
		}
		dirs = append(dirs, dir)
		if len(dirs) > 3 && err == nil {
			err = os.RemoveAll(dirs[0])
			dirs = dirs[1:]
		}
		if err != nil {
			t.Error(err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
	}
	for _, dir := range dirs {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
}

// A folder that does not answer is told in the log, and told again when it does.
func TestUnresponsiveFolderIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer // read once all have written
		w := New(Options{Folders: []Folder{{Path: "/art"}, {Path: "/well"}}, Sink: newRecorder(), Log: slog.New(slog.NewTextHandler(&text, nil))})
		ctx, cancel := context.WithCancel(t.Context())
		var telling sync.WaitGroup
		telling.Go(func() { w.logUnresponsive(ctx) })
		w.folders[0].status.begin("/art/orc.png", time.Now())
		time.Sleep(w.limits.stuck + time.Minute)
		w.folders[0].status.end()
		time.Sleep(time.Minute)
		cancel()
		telling.Wait()
		got := text.String()
		first, _, _ := strings.Cut(got, "\n")
		// The first line comes as soon as the folder counts as unresponsive.
		if !strings.Contains(first, fmt.Sprintf("failure=unresponsive:/art at=/art/orc.png for=%v", w.limits.stuck)) || strings.Count(got, "folder answers again") != 1 || strings.Contains(got, "/well") {
			t.Errorf("the log is\n%s", got)
		}
	})
}
