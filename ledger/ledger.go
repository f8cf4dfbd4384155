// Package ledger remembers what became of every file: one SQLite database that holds
// the files, the items made of them, the uploads, the contents known at Scenario and
// the collections they joined. It alone decides which moves between states are legal,
// and makes each in one conditional UPDATE, durably, before it returns.
//
// A Ledger is safe for concurrent use. One process at a time writes a ledger (the
// daemon's lock sees to that); any number may read it.
package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Ledger is an open ledger.
type Ledger struct {
	path  string
	write *writer // nil when read only
	read  *sql.DB
	now   func() time.Time
}

// Errors a caller can act on; test with errors.Is.
var (
	// ErrNotMoved means that the item was not in the state, or not with the owner,
	// that the caller believed: somebody else moved it. Nothing was changed.
	ErrNotMoved = errors.New("the item has moved on")
	// ErrNewer means that the ledger was written by a newer version of the program.
	ErrNewer = errors.New("the ledger was written by a newer version of scenario-drop; update the program")
	// ErrNotFound means that the ledger knows nothing under that name.
	ErrNotFound = errors.New("not in the ledger")

	errReadOnly = errors.New("the ledger was opened for reading only")
)

// Unwritable reports whether err says that the ledger's disk is full or cannot be
// written, or that another program (a backup, a database browser) holds the ledger
// locked. That passes: nothing is lost, and the work goes on when it clears.
func Unwritable(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	return false
}

// Open opens the ledger at path for reading and writing, makes it if it is not there
// (mode 0600), and brings an older one up to date. now is the clock that stamps rows;
// nil means time.Now.
func Open(ctx context.Context, path string, now func() time.Time) (*Ledger, error) {
	if now == nil {
		now = time.Now
	}
	// SQLite makes its files with 0644 less the umask; made beforehand, they keep 0600,
	// and the journal files take the database's mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	db, err := open(path, "rw")
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), db.Close())
	}
	read, err := open(path, "ro")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Ledger{path: path, write: newWriter(db), read: read, now: now}, nil
}

// OpenReadOnly opens an existing ledger to look at it, beside a daemon that may be
// writing it. It is fs.ErrNotExist when there is none yet.
func OpenReadOnly(ctx context.Context, path string) (*Ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	read, err := open(path, "ro")
	if err != nil {
		return nil, err
	}
	v, err := version(ctx, read)
	if err == nil && v > newest() {
		err = ErrNewer
	}
	if err == nil && v == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), read.Close())
	}
	return &Ledger{path: path, read: read, now: time.Now}, nil
}

// Close closes the ledger. Changes under way are finished first; those that have not
// begun fail.
func (l *Ledger) Close() error {
	err := l.read.Close()
	if l.write != nil {
		err = errors.Join(err, l.write.close())
	}
	return err
}

// readers bounds how many reads run at once, and with it the memory of their caches.
const readers = 4

func open(path, mode string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // file:///C:/…
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(5000)", "synchronous(FULL)", "foreign_keys(1)",
	}}
	if mode == "rw" {
		q["_pragma"] = append(q["_pragma"], "journal_mode(WAL)")
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}
	db := sql.OpenDB(connector{driver: &sqlite.Driver{}, dsn: u.String()})
	conns := readers
	if mode == "rw" {
		conns = 1
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns) // opening one anew costs as much as several reads
	return db, nil
}

// migrationFiles lists the migrations in their order: the first leads to version 1, the
// next to version 2, and so on, as the number before the first underscore says.
func migrationFiles() []string {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	slices.Sort(names)
	return names
}

func newest() int { return len(migrationFiles()) }

func version(ctx context.Context, db *sql.DB) (v int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v)
	return v, err
}

func migrate(ctx context.Context, db *sql.DB) error {
	have, err := version(ctx, db)
	if err != nil {
		return err
	}
	if have > newest() {
		return ErrNewer
	}
	for i, name := range migrationFiles() {
		if i < have {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, string(text)+"\nPRAGMA user_version = "+strconv.Itoa(i+1))
		if err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
		if err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

func (l *Ledger) stamp() int64 { return l.now().UnixMilli() }

// millis is a time as the tables keep it; the zero time is 0, and moment turns it back.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
