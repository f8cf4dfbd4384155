package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// Cleanup is what after_upload does, or did, with the file of an imported item.
type Cleanup struct {
	Target string     // the move_to; "" for the trash
	Begun  file.Begun // see file.MoveInto; zero for the trash
	Done   bool
}

// ToTrash reports whether the file goes into the trash.
func (c Cleanup) ToTrash() bool { return c.Target == "" }

const cleanupBeginsQuery = `INSERT INTO moves (item, target, path, temporary, size, mtime, ino)
	SELECT id, ?, ?, ?, size, mtime, ino FROM items WHERE id = ? AND state = 'cleaning_up' AND owner = ?
	ON CONFLICT (item) DO UPDATE SET target = excluded.target, path = excluded.path, temporary = excluded.temporary,
		size = excluded.size, mtime = excluded.mtime, ino = excluded.ino WHERE done = 0`

// CleanupBegins writes down what is about to become of the file of an item in CleaningUp, before
// it is touched. Only who holds the claim may: ErrNotMoved else. So a file has one mover.
func (l *Ledger) CleanupBegins(ctx context.Context, it Item, owner string, c Cleanup) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(cleanupBeginsQuery, []byte(c.Target), []byte(c.Begun.To), c.Begun.Temporary, it.ID, owner)
		if err != nil {
			return fmt.Errorf("record that %q is about to be moved: %w", it.Path, err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("record that item %d is about to be moved: %w", it.ID, ErrNotMoved)
		}
		if c.Target == "" {
			return nil
		}
		if _, err = tx.Exec("INSERT INTO move_targets (dir) VALUES (?) ON CONFLICT DO NOTHING", []byte(c.Target)); err != nil {
			return fmt.Errorf("record where %q is moved to: %w", it.Path, err)
		}
		return nil
	})
}

// CleanupOf returns what was begun with the file of an item; ok is false when nothing was.
func (l *Ledger) CleanupOf(ctx context.Context, it Item) (c Cleanup, ok bool, err error) {
	var target, path []byte
	err = l.one(ctx, "SELECT target, path, temporary, done FROM moves WHERE item = ?", it.ID).Scan(&target, &path, &c.Begun.Temporary, &c.Done)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("read what was begun with %q: %w", it.Path, err)
	}
	c.Target, c.Begun.To = string(target), string(path)
	return c, true, nil
}

// CleanedUp ends an item's way: what CleanupBegins wrote down came about. moved is where
// the file went; zero for the trash.
func (l *Ledger) CleanedUp(ctx context.Context, it Item, owner string, moved file.Moved, why drop.Why) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		fp := moved.Fingerprint
		if moved.Path == "" {
			fp = it.Fingerprint
		}
		_, err := tx.Exec("UPDATE moves SET path = ?, size = ?, mtime = ?, ino = ?, done = 1 WHERE item = ?",
			[]byte(moved.Path), fp.Size, fp.ModTime, int64(fp.ID.Ino), it.ID)
		if err != nil {
			return fmt.Errorf("record that %q was moved: %w", it.Path, err)
		}
		return done(it, owner, why).apply(tx, l.stamp())
	})
}

// MoveTargets returns every directory that files were ever moved into.
func (l *Ledger) MoveTargets(ctx context.Context) (dirs []string, err error) {
	rows, err := l.read.QueryContext(ctx, "SELECT dir FROM move_targets ORDER BY dir")
	if err != nil {
		return nil, fmt.Errorf("read where files were moved to: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var dir []byte
		if err := rows.Scan(&dir); err != nil {
			return nil, fmt.Errorf("read where files were moved to: %w", err)
		}
		dirs = append(dirs, string(dir))
	}
	return dirs, rows.Err()
}

const movedBeforeQuery = `SELECT m.path, m.ino FROM moves m INDEXED BY moves_by_version JOIN items o ON o.id = m.item JOIN items i ON i.id = ?
	WHERE m.done = 1 AND m.mtime = ? AND m.size = ? AND o.id <> i.id AND o.sha256 = i.sha256 LIMIT 100`

// Earlier is a file with the bytes, size and time of an item's, which was moved or trashed
// before.
type Earlier struct {
	Path string // where it was moved to; "" for the trash
	Ino  uint64 // its inode there; 0 where the platform gives none
}

// MovedBefore returns the files that were moved or trashed before and may be the very file
// that an item is about, brought back or renamed by a person.
func (l *Ledger) MovedBefore(ctx context.Context, it Item) (all []Earlier, err error) {
	rows, err := l.read.QueryContext(ctx, movedBeforeQuery, it.ID, it.Fingerprint.ModTime, it.Fingerprint.Size)
	if err != nil {
		return nil, fmt.Errorf("look whether %q was moved before: %w", it.Path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var path []byte
		var ino int64
		if err := rows.Scan(&path, &ino); err != nil {
			return nil, fmt.Errorf("look whether %q was moved before: %w", it.Path, err)
		}
		all = append(all, Earlier{string(path), uint64(ino)})
	}
	return all, rows.Err()
}
