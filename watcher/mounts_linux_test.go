package watcher

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/mounttest"
	texts "scenario-drop/status"
)

// Each filesystem is called by its name; whether it is polled follows from it, and why.
func TestInspectNamesFilesystems(t *testing.T) {
	for want, c := range map[string]struct {
		mount  func(t *testing.T, at string)
		polled bool
	}{
		"tmpfs":      {func(t *testing.T, at string) { mounttest.Tmpfs(t, at, 1<<20) }, false},
		"ext4":       {func(t *testing.T, at string) { mounttest.Ext4(t, at, 8<<20) }, false},
		"vfat":       {func(t *testing.T, at string) { mounttest.Vfat(t, at, 8<<20) }, false},
		"overlay":    {func(t *testing.T, at string) { mounttest.Overlay(t, at, nil) }, false},
		"fuse":       {func(t *testing.T, at string) { mounttest.Bind(t, t.TempDir(), at) }, true},
		"fuse.sshfs": {func(t *testing.T, at string) { mounttest.SSH(t, t.TempDir(), at) }, true},
	} {
		t.Run(want, func(t *testing.T) {
			at := filepath.Join(t.TempDir(), "a folder") // a space is written otherwise in the mount table
			if err := os.Mkdir(at, 0o755); err != nil {
				t.Fatal(err)
			}
			c.mount(t, at)
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(at, link); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{at, link} {
				fs, err := Inspect(path)
				if err != nil || fs.Type != want || fs.Events() == c.polled || (fs.Why != "") != c.polled {
					t.Errorf("%s: %+v, %v", path, fs, err)
				}
				if c.polled && !strings.Contains(texts.Words(fs.Why), want) {
					t.Errorf("why: %s", fs.Why)
				}
			}
		})
	}
}

// What lies over a watch folder only for a while is polled for that time, and no longer.
func TestPollingTakesOverAndEnds(t *testing.T) {
	at, sink := t.TempDir(), newRecorder()
	folder := quick(at)
	folder.Rescan = 100 * time.Millisecond
	w := tuned(t, sink, folder)
	start(t, w)
	mode := func(want Mode) {
		t.Helper()
		eventually(t, "the mode "+string(want), func() bool { return w.Folders()[0].Mode == want && !w.Folders()[0].LastScan.IsZero() })
	}
	mode(ModeEvents)
	share := mounttest.Bind(t, t.TempDir(), at)
	mode(ModePolling)
	share.Write([]byte("x"), "remote.txt")
	eventually(t, "the file from elsewhere", func() bool { return sink.isReady(filepath.Join(at, "remote.txt")) })
	share.Unmount()
	mode(ModeEvents)
	write(t, filepath.Join(at, "local.txt"), []byte("x"))
	eventually(t, "the local file", func() bool { return slices.Contains(sink.paths(at), "local.txt") })
}

// poll = "never" is obeyed on a share too: changes made on this machine are events there.
func TestShareThatIsNotPolled(t *testing.T) {
	share := mirror(t)
	sink := newRecorder()
	folder := quick(share.Mount)
	folder.Poll, folder.Rescan = PollNever, time.Hour
	w := tuned(t, sink, folder)
	start(t, w)
	eventually(t, "the first scan", func() bool { return !w.Folders()[0].LastScan.IsZero() })
	path := filepath.Join(share.Mount, "here.txt")
	write(t, path, []byte("x"))
	eventually(t, "what was saved here", func() bool { return sink.isReady(path) })
	if s := w.Folders()[0]; s.Mode != ModeEvents {
		t.Errorf("mode %s: %s", s.Mode, s.Why)
	}
}
