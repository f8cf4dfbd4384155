package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"scenario-drop/file"
)

// copied is what is known of the changes that no backup has.
type copied struct {
	mu      sync.Mutex
	before  bool  // there were some when the ledger was opened
	changes int64 // those of the writing connection that the latest backup has
}

// Backup makes a copy of the ledger in the directory "backups" beside it, unless the
// latest copy has everything already, in which case made is false. The ledger can be read and
// written meanwhile. The copy counts only once it was checked and is durable; on
// an error nothing is left of it. Of older copies some are kept: see kept.
func (l *Ledger) Backup(ctx context.Context) (made bool, err error) {
	if l.write == nil {
		return false, errReadOnly
	}
	l.copied.mu.Lock()
	defer l.copied.mu.Unlock()
	var changes int64
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		return tx.QueryRow("SELECT total_changes()").Scan(&changes)
	})
	if err != nil {
		return false, fmt.Errorf("back up the local database: %w", err)
	}
	if !l.copied.before && changes == l.copied.changes {
		return false, nil
	}
	if err := backup(ctx, l.read, l.path, l.now()); err != nil {
		return false, err
	}
	l.copied.before, l.copied.changes = false, changes
	// Should the copy be put in the ledger's place some day, it is known for what it is.
	if more, err := l.next(ctx, false); err == nil {
		l.copied.changes += more
		err = writeState(l.path, state{known: true, generation: l.generation})
		return true, err
	}
	return true, nil // it is a copy all the same
}

// allCopied reports whether the latest backup has all changes.
func (l *Ledger) allCopied() bool {
	l.copied.mu.Lock()
	defer l.copied.mu.Unlock()
	var changes int64
	err := l.write.do(context.Background(), func(tx *sql.Tx) error { return tx.QueryRow("SELECT total_changes()").Scan(&changes) })
	return err == nil && !l.copied.before && changes == l.copied.changes
}

// LatestBackup returns when the latest backup was made; the zero time when there is none.
func (l *Ledger) LatestBackup() (time.Time, error) {
	all, err := backups(l.path)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	return all[len(all)-1].at, nil
}

// changedSince reports whether the files of the ledger, which nobody has open, were
// written after the latest backup was begun.
func changedSince(path string) bool {
	all, err := backups(path)
	if err != nil || len(all) == 0 {
		return true
	}
	latest, err := os.Stat(all[len(all)-1].path)
	if err != nil {
		return true
	}
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 && info.ModTime().After(latest.ModTime()) {
			return true
		}
	}
	return false
}

// backupBefore makes a backup of a ledger that is about to be brought up to date.
func backupBefore(ctx context.Context, path string, now time.Time) (err error) {
	db, err := open(path, "ro", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return backup(ctx, db, path, now)
}

// backup copies the ledger at path, which db reads.
func backup(ctx context.Context, db *sql.DB, path string, now time.Time) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("back up the local database: %w", err)
		}
	}()
	dir := backupDir(path)
	if err := file.CheckOwn(dir); err != nil {
		return err
	}
	if err := file.MakeDir(dir, 0o700); err != nil {
		return err
	}
	all, err := backups(path)
	if err != nil {
		return err
	}
	removeUnfinished(dir) // of a process that was killed
	at := now.UTC().Truncate(time.Second)
	if n := len(all); n > 0 && !at.After(all[n-1].at) {
		at = all[n-1].at.Add(time.Second) // the clock was put back; names keep the order of making
	}
	to := backupFile{path: filepath.Join(dir, backupPrefix+at.Format(backupTime)+backupSuffix), at: at}
	unfinished := to.path + unfinishedSuffix
	defer removeUnfinished(dir)
	if err := create(unfinished); err != nil { // keeps its mode, 0600
		return err
	}
	begun := time.Now()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", unfinished); err != nil {
		return err
	}
	if _, err := soundCopy(ctx, unfinished); err != nil {
		return fmt.Errorf("the copy is not sound: %v", err) // which says nothing of the ledger
	}
	if err := os.Chtimes(unfinished, begun, begun); err != nil { // see changedSince
		return err
	}
	if err := place(unfinished, to.path); err != nil {
		return err
	}
	for _, old := range superfluous(append(all, to), now) {
		if err := os.Remove(old.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// soundCopy checks a copy of a ledger, which nobody writes to, and returns by
// which version it was written.
func soundCopy(ctx context.Context, path string) (v int, err error) {
	db, err := open(path, "ro", nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if v, err = version(ctx, db); err != nil {
		return 0, err
	}
	if v == 0 {
		return 0, &DamagedError{Path: path, What: "has nothing in it"}
	}
	return v, sound(ctx, db, path, indexesToo)
}

// place makes a finished file durable and gives it its name, durably.
func place(from, to string) error {
	f, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return file.SyncDir(filepath.Dir(to))
}

// The names of backups: ledger-20300102T030405Z.db.
const (
	backupPrefix     = "ledger-"
	backupTime       = "20060102T150405Z"
	backupSuffix     = ".db"
	unfinishedSuffix = ".unfinished"
)

func backupDir(path string) string { return filepath.Join(filepath.Dir(path), "backups") }

type backupFile struct {
	path string
	at   time.Time
	size int64 // bytes
}

// backups lists the backups of the ledger at path, the latest last.
func backups(path string) (all []backupFile, err error) {
	entries, err := os.ReadDir(backupDir(path)) // sorted by name, and so by time
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for backups of the local database: %w", err)
	}
	for _, e := range entries {
		at, err := time.Parse(backupPrefix+backupTime+backupSuffix, e.Name())
		if err != nil || !e.Type().IsRegular() {
			continue
		}
		b := backupFile{path: filepath.Join(backupDir(path), e.Name()), at: at}
		if info, err := e.Info(); err == nil {
			b.size = info.Size()
		}
		all = append(all, b)
	}
	return all, nil
}

// removeUnfinished removes what backups that came to nothing left. What cannot be removed
// now is met again by the next.
func removeUnfinished(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), backupPrefix) && strings.Contains(e.Name(), unfinishedSuffix) { // and its journal
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
