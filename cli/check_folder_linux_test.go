package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/config"
	"scenario-drop/internal/testkit/mounttest"
)

// `check` says of each folder on which filesystem it is, and why it is polled if it is.
func TestCheckNamesTheFilesystem(t *testing.T) {
	for _, c := range []struct {
		name, mode, says string
		mount            func(at string)
	}{
		{"tmpfs", "events", "(tmpfs, 1 directory, 0 files): changes are noticed at once.", func(at string) { mounttest.Tmpfs(t, at, 1<<20) }},
		{"share", "polling", "(fuse, 1 directory, 0 files): it is scanned again and again, since fuse is a network or shared filesystem, which does not tell of changes made elsewhere.",
			func(at string) { mounttest.Bind(t, t.TempDir(), at) }},
	} {
		at := filepath.Join(t.TempDir(), c.name)
		if err := os.Mkdir(at, 0o755); err != nil {
			t.Fatal(err)
		}
		c.mount(at)
		f := checkFolder(&config.Config{Watches: []config.Watch{config.DefaultWatch(at)}}, config.DefaultWatch(at), time.Minute)
		if f.Trouble != "" || f.Mode != c.mode || !strings.Contains(f.text(), c.says) {
			t.Errorf("%s: %+v\n%s", c.name, f, f.text())
		}
		told := strings.Contains(strings.Join(f.Warnings, "\n"), "Let one of them send its files")
		if shared := c.name == "share"; f.Shared != shared || told != shared {
			t.Errorf("%s: shared: %v; %q", c.name, f.Shared, f.Warnings)
		}
	}
}

// A folder that hangs, or whose share died, is said so in bounded time with what to do.
func TestCheckOfAShareInTrouble(t *testing.T) {
	share := mounttest.Bind(t, t.TempDir(), t.TempDir())
	w := config.DefaultWatch(share.Mount)
	share.Hang()
	f := checkFolder(&config.Config{Watches: []config.Watch{w}}, w, 200*time.Millisecond)
	if f.Readable || !strings.Contains(f.Trouble, share.Mount+" has not answered for 200ms. Is the disk or the network share still connected?") {
		t.Errorf("%+v", f)
	}
	share.Resume()
	share.Die()
	f = checkFolder(&config.Config{Watches: []config.Watch{w}}, w, time.Minute)
	if f.Readable || !strings.Contains(f.Trouble, share.Mount+" cannot be read: transport endpoint is not connected. Is the disk or the network share connected?") {
		t.Errorf("%+v", f)
	}
}
