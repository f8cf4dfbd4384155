package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// DamagedError says that a ledger is damaged, or missing although there was one. Recover
// puts a sound one in its place.
type DamagedError struct {
	Path string
	What string // what is wrong, as the end of "the local database …"
	Err  error  // nil when a check of the files told
}

func (e *DamagedError) Error() string { return fmt.Sprintf("the local database %s %s", e.Path, e.What) }

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Damaged reports whether err says that a ledger is damaged or lost, which no waiting
// mends.
func Damaged(err error) bool {
	var d *DamagedError
	return errors.As(err, &d) || corrupt(err)
}

// corrupt reports whether SQLite found that a file is not a sound database.
func corrupt(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// inspect checks the ledger at path before anybody writes to it. It returns the
// version that it was written by, 0 for a ledger that is yet to be made; ErrNewer
// for one that this program does not understand; and a *DamagedError for one that is
// not sound, or not there although there are signs of an earlier one. Nothing is
// changed.
//
// Every page is checked, unless the database is exactly what was closed in good order
// and was checked in the last checkEvery: then its header and journal have to do.
// Whether the indexes have what the tables have, which takes some six times as long, is
// checked when whoever had the ledger open last did not close it in good order, or saw
// that it is damaged. checked is when it was last checked.
func inspect(ctx context.Context, path string, now time.Time) (v int, checkedLast time.Time, err error) {
	last, err := readState(path)
	if err != nil {
		return 0, now, err
	}
	depth := everyPage
	checkedLast = last.checkedAt(path)
	switch age := now.Sub(checkedLast); {
	case !last.closed:
		depth, checkedLast = indexesToo, now
	case age < 0 || age >= checkEvery:
		checkedLast = now
	default:
		depth = headerOnly
	}
	v, err = inspectFiles(ctx, path, last.known, depth)
	return v, checkedLast, err
}

// checkEvery is how long a ledger that only this program writes to is not checked
// again.
const checkEvery = 24 * time.Hour

// depth is how much of a database is checked.
type depth uint8

const (
	headerOnly depth = iota
	everyPage
	indexesToo // against their tables
)

// inspectFiles is inspect to a given depth; known tells that there was a ledger.
func inspectFiles(ctx context.Context, path string, known bool, to depth) (v int, err error) {
	if !known {
		kept, err := backups(path)
		if err != nil {
			return 0, err
		}
		known = len(kept) > 0
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && known:
		return 0, &DamagedError{Path: path, What: "is missing, although there was one"}
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("open ledger: %w", err)
	case info.Size() == 0 && known:
		return 0, &DamagedError{Path: path, What: "is empty, although it was not"}
	case info.Size() == 0:
		return 0, nil
	}
	v, err = inspectDatabase(ctx, path, to)
	if err == nil && v == 0 && known {
		err = &DamagedError{Path: path, What: "has nothing in it, although there was something"}
	}
	if corrupt(err) {
		err = &DamagedError{Path: path, What: "is damaged: " + err.Error(), Err: err}
	}
	if d := (*DamagedError)(nil); err != nil && !errors.As(err, &d) {
		err = fmt.Errorf("open ledger %s: %w", path, err)
	}
	return v, err
}

func inspectDatabase(ctx context.Context, path string, to depth) (v int, err error) {
	mode := "ro"
	if _, err := os.Stat(path + "-journal"); err == nil {
		// The first change of all, to the write-ahead journal, was cut short. Only
		// whoever may write can take it back, and nobody can read before.
		mode = "rw"
	}
	db, err := open(path, mode, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if v, err = version(ctx, db); err != nil {
		return 0, err
	}
	if v > newest() {
		return v, ErrNewer // whatever else is in it
	}
	broken, err := journalBroken(path + "-wal")
	if err != nil {
		return v, err
	}
	if broken {
		return v, &DamagedError{Path: path, What: "has lost changes: its journal is damaged"}
	}
	return v, sound(ctx, db, path, to)
}

// Check checks all pages of the ledger for damage: a *DamagedError if there is any.
func (l *Ledger) Check(ctx context.Context) error {
	err := sound(ctx, l.read, l.path, everyPage)
	if corrupt(err) {
		err = &DamagedError{Path: l.path, What: "is damaged: " + err.Error(), Err: err}
	}
	return err
}

// sound checks a database for damage.
func sound(ctx context.Context, db *sql.DB, path string, to depth) error {
	pragma := "PRAGMA integrity_check(1)"
	switch to {
	case headerOnly:
		return nil // whoever got this far has read it
	case everyPage:
		pragma = "PRAGMA quick_check(1)"
	}
	var found string
	if err := db.QueryRowContext(ctx, pragma).Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return &DamagedError{Path: path, What: "is damaged: " + strings.Join(strings.Fields(found), " ")}
	}
	return nil
}
