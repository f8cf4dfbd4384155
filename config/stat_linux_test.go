package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/internal/testkit/mounttest"
)

// Paths are checked for a bounded time; one that does not answer goes by its spelling.
func TestStatAllWithAHungShare(t *testing.T) {
	local := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(local, link); err != nil {
		t.Fatal(err)
	}
	share := mounttest.Bind(t, t.TempDir(), t.TempDir())
	share.Write([]byte("x"), "below", "x.txt")
	below := filepath.Join(share.Mount, "below") // not checked yet: no cache of the kernel answers for it
	share.Hang()
	began := time.Now()
	found := statAll([]string{below, link, filepath.Join(local, "nowhere")}, 300*time.Millisecond)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if p := found[below]; p.err != errNoAnswer || p.canonical != below || p.info != nil {
		t.Errorf("what hangs: %+v", p)
	}
	if p := found[link]; p.err != nil || p.canonical != canonical(local) || !p.info.IsDir() {
		t.Errorf("what does not: %+v", p)
	}
	if p := found[filepath.Join(local, "nowhere")]; !os.IsNotExist(p.err) {
		t.Errorf("what is not there: %+v", p)
	}
	share.Resume()
}

// A config with a folder that hangs, or whose share died, loads: the others are to be
// watched. What is wrong is a warning with what to do.
func TestLoadWithAShareInTrouble(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	local := filepath.Join(dir, "local")
	if err := os.Mkdir(local, 0o755); err != nil {
		t.Fatal(err)
	}
	hanging := mounttest.Bind(t, t.TempDir(), t.TempDir())
	hanging.Write([]byte("x"), "below", "x.txt")
	dead := mounttest.Bind(t, t.TempDir(), t.TempDir())
	file := filepath.Join(dir, "config.toml")
	text := "[scenario]\napi_key = 'k'\napi_secret = 's'\n[[watch]]\npath = '" + local + "'\n[[watch]]\npath = '" + filepath.Join(hanging.Mount, "below") + "'\n[[watch]]\npath = '" + dead.Mount + "'\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	hanging.Hang()
	dead.Die()
	began := time.Now()
	c, err := Load(file)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	hanging.Resume()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Watches) != 3 || len(c.Warnings) != 2 {
		t.Fatalf("%d folders, warnings %v", len(c.Watches), c.Warnings)
	}
	for i, want := range []string{"below does not answer; it is watched once it does", "cannot be opened now: transport endpoint is not connected"} {
		if w := c.Warnings[i].String(); !strings.Contains(w, want) || !strings.Contains(w, "is the disk or the network share connected?") {
			t.Errorf("warning %d: %s", i, w)
		}
	}
}
