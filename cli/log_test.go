package cli

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"scenario-drop/logging"
)

func TestLogFileTurns(t *testing.T) {
	dir := t.TempDir()
	l := newLogFile(filepath.Join(dir, "data"))
	l.limit = 100
	for _, text := range []string{strings.Repeat("a", 60), strings.Repeat("b", 60), strings.Repeat("c", 30)} {
		if _, err := l.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{logFileName + ".1": strings.Repeat("a", 60), logFileName: strings.Repeat("b", 60) + strings.Repeat("c", 30)} {
		if got, err := os.ReadFile(filepath.Join(dir, "data", name)); err != nil || string(got) != want {
			t.Errorf("%s has %q (%v)", name, got, err)
		}
	}
	// A new start goes on with the log there is.
	again := newLogFile(filepath.Join(dir, "data"))
	if _, err := again.Write([]byte("d")); err != nil || again.size != 91 {
		t.Errorf("size %d (%v)", again.size, err)
	}
	again.Close()
}

// A log whose place is not to be had is begun once it is.
func TestLogFileComesLater(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := newLogFile(dir)
	defer l.Close()
	if _, err := l.Write([]byte("lost\n")); err == nil {
		t.Error("a line went into a file in a file")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte("there\n")); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, logFileName)); err != nil || string(text) != "there\n" {
		t.Errorf("%q (%v)", text, err)
	}
}

// A storm of lines from many sides fills two files of ten MiB and no more, which only
// their owner can read, and no line is torn.
func TestLogFileIsBounded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	l := newLogFile(dir)
	log, _ := newLog(l, "text", slog.LevelInfo)
	why := strings.Repeat("x", 2000)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 4000 {
				log.Warn("file failed", "item", i, "why", why)
			}
		})
	}
	all.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("there are %d files (%v), want 2", len(entries), err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxLogFile {
			t.Errorf("%s has %d bytes", e.Name(), info.Size())
		}
		if runtime.GOOS != "windows" && info.Mode() != fs.FileMode(0o600) {
			t.Errorf("%s has the mode %v", e.Name(), info.Mode())
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "x\n") {
				t.Fatalf("%s has a torn line: %.80q", e.Name(), line)
			}
		}
	}
}

// Ten thousand files put off for one reason are two lines of the daemon's log by its
// end, and ten thousand that failed one line each.
func TestDaemonLogIsFolded(t *testing.T) {
	var text strings.Builder
	to, _ := newLog(&text, "text", slog.LevelInfo)
	log, stop := deduplicated(to)
	for i := range 10_000 {
		log.Warn("file postponed", logging.Failure("put-off:server-fault"), "item", i)
		log.Warn("file failed", "item", i)
	}
	stop()
	if n := strings.Count(text.String(), "file postponed"); n != 2 && n != 3 {
		t.Errorf("%d lines of files put off", n)
	}
	if n := strings.Count(text.String(), "file failed"); n != 10_000 {
		t.Errorf("%d lines of files that failed", n)
	}
}

// What the service manager keeps of stderr does not grow without end either.
func TestStderrIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stderr.log")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1000, maxLogFile + 1} {
		if _, err := f.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		boundFile(f)
	}
	if _, err := f.WriteString("goes on"); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "goes on" {
		t.Errorf("%d bytes are left (%v)", len(data), err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	boundFile(w) // is no file, and left alone
}
