package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func TestMigrationsAreNumbered(t *testing.T) {
	for i, name := range migrationFiles() {
		number := regexp.MustCompile(`^migrations/(\d{4})_[a-z_]+\.sql$`).FindStringSubmatch(name)
		if number == nil {
			t.Errorf("%s is not called like 0001_what.sql", name)
		} else if n, _ := strconv.Atoi(number[1]); n != i+1 {
			t.Errorf("%s leads to version %d", name, i+1)
		}
	}
}

func TestOpenTwiceAndVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	for range 2 {
		l, err := Open(t.Context(), path, nil)
		must(t, err)
		if v, err := version(t.Context(), l.read); err != nil || v != newest() || v == 0 {
			t.Errorf("version %d, %v", v, err)
		}
		if l.Path() != path {
			t.Errorf("path %s", l.Path())
		}
		must(t, l.Close())
	}
}

func TestOpenNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), path, nil)
	must(t, err)
	must(t, l.exec(t.Context(), "age", fmt.Sprint("PRAGMA user_version = ", newest()+1)))
	must(t, l.Close())
	before, err := os.ReadFile(path)
	must(t, err)
	if _, err := Open(t.Context(), path, nil); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want ErrNewer with the path", err)
	}
	if _, err := OpenReadOnly(t.Context(), path); !errors.Is(err, ErrNewer) {
		t.Errorf("read only: error %v, want ErrNewer", err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if string(before) != string(after) {
		t.Error("a newer ledger was written to")
	}
}

func TestOpenNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	if _, err := OpenReadOnly(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v, want fs.ErrNotExist", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("a look has made %v, %v", entries, err)
	}
	must(t, os.WriteFile(path, nil, 0o600)) // a daemon about to make it
	if _, err := OpenReadOnly(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty file: %v, want fs.ErrNotExist", err)
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "missing", "ledger.db"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v, want fs.ErrNotExist", err)
	}
}

// TestLookWhileItIsMade checks ledgers while they are made: there is none yet, or a whole
// one.
func TestLookWhileItIsMade(t *testing.T) {
	for range 10 {
		path := filepath.Join(t.TempDir(), "ledger.db")
		made := make(chan struct{})
		var looks sync.WaitGroup
		for range 2 {
			looks.Go(func() {
				for last := false; !last; {
					select {
					case <-made:
						last = true
					default:
					}
					l, err := OpenReadOnly(t.Context(), path)
					if err == nil {
						_, err = l.Counts(t.Context())
						err = errors.Join(err, l.Close())
					} else if !last && errors.Is(err, fs.ErrNotExist) {
						err = nil
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		l, err := Open(t.Context(), path, nil)
		close(made)
		looks.Wait()
		must(t, err)
		must(t, l.Close())
	}
}

func TestOpenNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, os.WriteFile(path, []byte(strings.Repeat("this is a letter, not a ledger\n", 99)), 0o600))
	for what, open := range map[string]func() (*Ledger, error){
		"open":           func() (*Ledger, error) { return Open(t.Context(), path, nil) },
		"open to read":   func() (*Ledger, error) { return OpenReadOnly(t.Context(), path) },
		"open once more": func() (*Ledger, error) { return Open(t.Context(), path, nil) },
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), path) || errors.Is(err, fs.ErrNotExist) || Unwritable(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOpenAtOddPaths(t *testing.T) {
	odd := []string{"with space", "100%25 #1", "semi;colon&x=y", "ünï 日本"}
	if runtime.GOOS != "windows" {
		odd = append(odd, "a?mode=memory", "new\nline", `back\slash"quote'`)
	}
	if runtime.GOOS == "linux" {
		odd = append(odd, "latin1 \xe9")
	}
	for _, name := range odd {
		dir := filepath.Join(t.TempDir(), name)
		must(t, os.Mkdir(dir, 0o700))
		path := filepath.Join(dir, name+".db")
		l, err := Open(t.Context(), path, nil)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		must(t, l.Set(t.Context(), "k", "v"))
		r, err := OpenReadOnly(t.Context(), path)
		must(t, err)
		if v, err := r.Get(t.Context(), "k"); v != "v" || err != nil {
			t.Errorf("%q: read %q, %v", name, v, err)
		}
		made, err := l.Backup(t.Context())
		if all, lerr := backups(path); !made || err != nil || lerr != nil || len(all) != 1 {
			t.Errorf("%q: back up: %v, %v; there are %v, %v", name, made, err, all, lerr)
		}
		must(t, os.RemoveAll(backupDir(path)))
		must(t, errors.Join(r.Close(), l.Close()))
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 || entries[0].Name() != name+".db" || entries[1].Name() != name+".db-state" {
			t.Errorf("%q: in its directory is %v, %v", name, entries, err)
		}
	}
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := Open(t.Context(), "ledger.db", nil)
	must(t, err)
	must(t, l.Close())
	if _, err := os.Stat("ledger.db"); err != nil {
		t.Error(err)
	}
}

func TestReadersSeeCommits(t *testing.T) {
	l, _ := newLedger(t)
	r, err := OpenReadOnly(t.Context(), l.Path())
	must(t, err)
	defer r.Close()
	for n := range int64(5) {
		admit(t, l, observation(num(n), n))
		if it, err := r.Find(t.Context(), inRoot(num(n))); err != nil || it.Fingerprint != fp(n) {
			t.Errorf("%d: %+v, %v", n, it, err)
		}
	}
	for what, err := range map[string]error{
		"set":   r.Set(t.Context(), "k", "v"),
		"admit": errOf(r.Admit(t.Context(), []Observation{observation("x", 1)})),
		"claim": errOf(r.Claim(t.Context(), everything("w", l.now()))),
	} {
		if !errors.Is(err, errReadOnly) {
			t.Errorf("%s through a reader: %v", what, err)
		}
	}
	// A reader in the middle of a long check keeps nobody from writing.
	next, stop := pull(t, r)
	defer stop()
	next()
	admit(t, l, observation("more", 9))
}

func pull(t *testing.T, l *Ledger) (next func(), stop func()) {
	t.Helper()
	rows, err := l.read.QueryContext(t.Context(), "SELECT id FROM items")
	must(t, err)
	return func() { rows.Next() }, func() { must(t, rows.Close()) }
}

func TestReadAfterTheWriterIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), path, nil)
	must(t, err)
	admit(t, l, observation("a", 1))
	must(t, l.Close())
	r, err := OpenReadOnly(t.Context(), path)
	must(t, err)
	defer r.Close()
	found(t, r, inRoot("a"))
}

func TestFileModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	l, _ := newLedger(t)
	admit(t, l, observation("a", 1))
	r, err := OpenReadOnly(t.Context(), l.Path())
	must(t, err)
	defer r.Close()
	found(t, r, inRoot("a"))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(l.Path() + suffix)
		must(t, err)
		if m := info.Mode().Perm(); m != 0o600 {
			t.Errorf("ledger.db%s has mode %o, want 600", suffix, m)
		}
	}
}

func TestDurabilitySettings(t *testing.T) {
	l, _ := newLedger(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		must(t, l.write.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
	if n := l.write.db.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writing connections", n)
	}
}

func TestUnwritable(t *testing.T) {
	l, _ := newLedger(t)
	if Unwritable(nil) || Unwritable(ErrNotMoved) || Unwritable(fs.ErrPermission) {
		t.Error("an error of another kind counts")
	}
	constraint := l.exec(t.Context(), "x", "INSERT INTO meta (key, value) VALUES ('k', NULL)")
	var e *sqlite.Error
	if !errors.As(constraint, &e) || Unwritable(constraint) {
		t.Errorf("a broken constraint counts: %v", constraint)
	}
	_, readOnly := l.read.Exec("DELETE FROM meta")
	if !errors.As(readOnly, &e) || e.Code()&0xff != sqlite3.SQLITE_READONLY || !Unwritable(fmt.Errorf("x: %w", readOnly)) {
		t.Errorf("read only does not count: %v", readOnly)
	}
}

// Another program that holds the ledger locked (a backup, a database browser) is waited
// for, and passes.
func TestLockedByAnother(t *testing.T) {
	l, _ := newLedger(t)
	must(t, func() error { _, err := l.write.db.Exec("PRAGMA busy_timeout = 20"); return err }())
	other, err := sql.Open("sqlite", l.Path()+"?_txlock=immediate")
	must(t, err)
	defer other.Close()
	tx, err := other.Begin()
	must(t, err)
	if err := l.Set(t.Context(), "k", "v"); !Unwritable(err) {
		t.Errorf("while it is locked: %v", err)
	}
	must(t, tx.Rollback())
	must(t, l.Set(t.Context(), "k", "v"))
}

// The journal is emptied again and again beside readers, since no read stays open.
func TestJournalStaysSmall(t *testing.T) {
	l, _ := newLedger(t)
	admit(t, l, observation("a", 1))
	written := 0
	for n := range 150 {
		value := strings.Repeat(num(int64(n%10)), 200_000) // SQLite writes only what differs
		must(t, l.Set(t.Context(), num(int64(n%3)), value))
		written += len(value)
		found(t, l, inRoot("a")) // stops at the first of possibly more rows
		for _, err := range l.Newest(t.Context()) {
			must(t, err)
		}
		knownIn(t, l, root)
	}
	info, err := os.Stat(l.Path() + "-wal")
	must(t, err)
	if info.Size() > int64(written)/3 {
		t.Errorf("the journal has %d bytes after %d were written", info.Size(), written)
	}
}
