package cli

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/service"
)

// success are words that only a command may say that found all well.
var success = regexp.MustCompile(`agree|Nothing to do|No file|[Nn]o files yet|local database is sound|no local database yet|"ok": true`)

// spoilt is a way in which a data directory with a sound local database is broken.
type spoilt struct {
	name   string
	spoil  func(t *testing.T, dir string)
	says   string // by check: what is wrong …
	todo   string // … and what to do
	mended bool   // the next start or pass mends it, and says so
	late   bool   // only who reads all of it sees the damage
}

func (s spoilt) codes(command string) (code int, orWell bool) {
	if command == "once" && s.mended {
		return codeWell, true
	}
	return codeFailed, s.late && !strings.HasPrefix(command, "check")
}

var spoilts = []spoilt{
	{"newer", func(t *testing.T, dir string) {
		db, err := sql.Open("sqlite", service.LedgerPath(dir))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("PRAGMA user_version = 999"); err != nil {
			t.Fatal(err)
		}
	}, "written by a newer scenario-drop", "Install the newer one again", false, false},
	{"no database", func(t *testing.T, dir string) {
		mustWrite(t, service.LedgerPath(dir), strings.Repeat("this is no database ", 1000))
	}, "damaged", "backup takes its place", true, false},
	{"damaged in all but its head", func(t *testing.T, dir string) {
		path := service.LedgerPath(dir)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 4096; i < len(data); i++ {
			data[i] ^= 0x5a
		}
		mustWrite(t, path, string(data))
	}, "damaged", "backup takes its place", true, true},
	{"lost", func(t *testing.T, dir string) {
		for _, end := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(service.LedgerPath(dir) + end); err != nil {
				t.Fatal(err)
			}
		}
	}, "missing", "backup takes its place", true, false},
	{"empty", func(t *testing.T, dir string) {
		mustWrite(t, service.LedgerPath(dir), "")
	}, "empty", "backup takes its place", true, false},
	{"a directory in its place", func(t *testing.T, dir string) {
		if err := os.Remove(service.LedgerPath(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(service.LedgerPath(dir), "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}, "is a directory", "Move it away", false, false},
	{"unreadable", func(t *testing.T, dir string) {
		if runtime.GOOS == "windows" || os.Geteuid() == 0 {
			t.Skip("this account may read everything")
		}
		if err := os.Chmod(service.LedgerPath(dir), 0); err != nil {
			t.Fatal(err)
		}
	}, "permission denied", "be able to read", false, false},
}

// No command says that all is well, or ends with 0, where the local database could not be
// opened; and check says what is wrong with it and what to do.
func TestBrokenDataDirectories(t *testing.T) {
	for _, s := range spoilts {
		t.Run(s.name, func(t *testing.T) {
			for _, command := range []string{"check --offline", "check --offline --json", "status", "status --json", "history", "history --failed", "why a.png",
				"verify", "verify --json", "retry", "link-existing --all", "once --dry-run", "once"} {
				cfg, data := dataWithAFile(t)
				s.spoil(t, data)
				var out, errs bytes.Buffer
				code := run(t.Context(), Process{Args: append(strings.Fields(command), "--config", cfg), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
					Getenv: func(string) string { return "" }})
				text := fmt.Sprintf("%s ended with %d\n%s%s", command, code, out.String(), errs.String())
				want, orWell := s.codes(command)
				if code != want && !(orWell && code == codeWell) {
					t.Errorf("want %d: %s", want, text)
				}
				if said := success.FindString(out.String()); said != "" && !orWell {
					t.Errorf("%q is said by %s", said, text)
				}
				if command == "check --offline" && (!strings.Contains(text, s.says) || !strings.Contains(text, s.todo)) {
					t.Errorf("want %q and %q: %s", s.says, s.todo, text)
				}
				if command == "once" && s.mended && !strings.Contains(text, "the local database was lost") {
					t.Errorf("nothing tells of the loss: %s", text)
				}
			}
		})
	}
}

// Without a data directory nothing is wrong, and nothing is said to have been compared.
func TestNoDataDirectoryYet(t *testing.T) {
	cfg, data := dataWithAFile(t)
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{"check --offline": "There is no local database yet", "verify": "There is no local database yet", "status": "no files yet"} {
		var out, errs bytes.Buffer
		code := run(t.Context(), Process{Args: append(strings.Fields(command), "--config", cfg), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Getenv: func(string) string { return "" }})
		if code != codeWell || !strings.Contains(out.String(), says) || strings.Contains(out.String(), "agree") {
			t.Errorf("%s ended with %d\n%s%s", command, code, out.String(), errs.String())
		}
	}
}

// dataWithAFile makes a config whose local database is sound and knows a file.
func dataWithAFile(t *testing.T) (cfg, data string) {
	t.Helper()
	dir := t.TempDir()
	cfg, data = filepath.Join(dir, "c.toml"), filepath.Join(dir, "data")
	in := filepath.Join(dir, "in")
	for _, d := range []string{data, in} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, filepath.Join(in, "a.png"), "x")
	mustWrite(t, cfg, fmt.Sprintf("data_dir = '%s'\n[scenario]\nbase_url = 'http://127.0.0.1:1/v1'\napi_key = 'k'\napi_secret = 's'\n[status]\nlisten = 'off'\n[[watch]]\npath = '%s'\nexclude = ['*']\n", data, in))
	l, err := ledger.Open(t.Context(), service.LedgerPath(data), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Admit(t.Context(), []ledger.Observation{{Root: in, Path: filepath.Join(in, "a.png"), State: drop.Held, Reason: drop.ReasonEmpty}}); err != nil {
		t.Fatal(err)
	}
	return cfg, data
}

func mustWrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
