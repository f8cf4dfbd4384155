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
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"scenario-drop/file"
)

// Ledger is an open ledger.
type Ledger struct {
	path   string
	write  *writer // nil when read only
	read   *sql.DB
	now    func() time.Time
	health *health
	copied *copied
	expiry nowAndThen // when Claim looks for what others let go of

	generation int64
	older      bool // see Older

	keeping       sync.Mutex // held by KeepKnown
	needsDecision sync.Mutex // held by DoAsked
	checkedLast   time.Time  // when it was last checked
}

// Errors a caller can act on; test with errors.Is.
var (
	// ErrNotMoved means that the item was not in the state, or not with the owner,
	// that the caller believed: somebody else moved it. Nothing was changed.
	ErrNotMoved = errors.New("the item has moved on")
	// ErrNewer means that the ledger was written by a newer version of the program.
	ErrNewer = errors.New("the local database was written by a newer version of scenario-drop; update the program")
	// ErrOlder means that the ledger was written by an older version of the program and
	// cannot be read before it has been brought up to date.
	ErrOlder = errors.New("the local database was written by an older version of scenario-drop; it is brought up to date when the daemon starts (restart it if it runs)")
	// ErrNotFound means that the ledger knows nothing under that name.
	ErrNotFound = errors.New("not in the local database")

	errReadOnly = errors.New("the local database was opened for reading only")
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

// Open opens the ledger at path for reading and writing, makes it if there never was
// one (mode 0600), and brings an older one up to date, of which it makes a backup first.
// now is the clock that stamps rows; nil means time.Now. Only whoever holds the daemon's
// lock may call it.
//
// The ledger is checked before it is used, unless nobody wrote to it since that was
// done within a day. The error is a *DamagedError when it is not sound, or not there
// although there was one, and ErrNewer when a newer program wrote it; nothing is changed
// then.
func Open(ctx context.Context, path string, now func() time.Time, opts ...Option) (*Ledger, error) {
	if now == nil {
		now = time.Now
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	changed := changedSince(path)
	v, checkedLast, err := inspect(ctx, path, now())
	if err != nil {
		return nil, err
	}
	if err := create(path); err != nil {
		return nil, err
	}
	last, err := readState(path)
	if err != nil {
		return nil, err
	}
	if v > 0 {
		err = writeState(path, state{known: true, generation: last.generation})
		if err == nil && v < newest() {
			err = backupBefore(ctx, path, now())
		}
		if err != nil {
			return nil, fmt.Errorf("open ledger %s: %w", path, err)
		}
	}
	l, err := openToWrite(ctx, path, now, o)
	if err != nil {
		return nil, err
	}
	l.copied.before, l.checkedLast = changed, checkedLast
	if v == 0 {
		err = file.SyncDir(filepath.Dir(path))
	}
	if err == nil {
		err = l.begin(ctx, last, v == 0) // from here on it is known that there is one
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), l.closeFiles())
	}
	return l, nil
}

// create makes an empty file at path if there is none. SQLite makes its files with 0644
// less the umask; made beforehand, they keep 0600, and the journal files take the
// database's mode.
func create(path string) error {
	f, err := file.OpenOwn(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	return nil
}

func openToWrite(ctx context.Context, path string, now func() time.Time, o options) (*Ledger, error) {
	h := newHealth(path, now, o.publisher)
	db, err := open(path, "rw", h)
	if err != nil {
		return nil, err
	}
	err = migrate(ctx, db, now())
	if err == nil {
		err = o.publisher.begin(db)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), db.Close())
	}
	read, err := open(path, "ro", h)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Ledger{path: path, write: newWriter(db, h, path+"-wal", o.publisher), read: read, now: now, health: h, copied: &copied{}}, nil
}

// OpenReadOnly opens an existing ledger to check it, beside a daemon that may be
// writing it. It is fs.ErrNotExist when there is none yet, and a *DamagedError when
// there was one, or when it turns out to be damaged at once.
func OpenReadOnly(ctx context.Context, path string) (*Ledger, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		if last, _ := readState(path); last.known {
			return nil, &DamagedError{Path: path, What: "is missing or empty, although there was one"}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	h := newHealth(path, time.Now, nil)
	read, err := open(path, "ro", h)
	if err != nil {
		return nil, err
	}
	v, err := version(ctx, read)
	if err == nil && v > newest() {
		err = ErrNewer
	}
	switch {
	case err != nil:
	case v == 0:
		err = fs.ErrNotExist
	case v < newest():
		err = ErrOlder
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), read.Close())
	}
	return &Ledger{path: path, read: read, now: time.Now, health: h}, nil
}

// Close closes the ledger. Changes under way are finished first; those that have not
// begun fail.
func (l *Ledger) Close() error {
	if l.write != nil && l.health.damageSeen() == nil {
		// Without it the ledger is only thought to have been up to date for less long.
		_, _ = l.next(context.Background(), l.allCopied())
	}
	err := l.closeFiles()
	if err == nil && l.write != nil && l.health.damageSeen() == nil {
		closed := closedState(l.path, l.checkedLast)
		closed.generation = l.generation
		err = writeState(l.path, closed)
	}
	return err
}

func (l *Ledger) closeFiles() error {
	err := l.read.Close()
	if l.write != nil {
		err = errors.Join(err, l.write.close())
	}
	return err
}

// busyTimeout is how many milliseconds a connection waits for others to let go.
const busyTimeout = 5000

// readers bounds how many reads run at once, and with it the memory of their caches.
const readers = 4

// open opens a pool of connections, which tell h how they fare (nil: nobody).
func open(path, mode string, h *health) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	slashed := filepath.ToSlash(abs)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // file:///C:/…
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout), "synchronous(FULL)", "foreign_keys(1)",
	}}
	if mode == "rw" {
		q["_pragma"] = append(q["_pragma"], "journal_mode(WAL)", fmt.Sprintf("journal_size_limit(%d)", minJournal))
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: q.Encode()}
	db := sql.OpenDB(connector{driver: &sqlite.Driver{}, dsn: u.String(), health: h})
	conns := readers
	if mode == "rw" {
		conns = 1
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns) // opening one anew costs as much as several reads
	return db, nil
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
