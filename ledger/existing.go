package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// ExistingFolder is a watch folder of which only what is saved from now on is sent.
type ExistingFolder struct {
	Root string
	// Rules stands for all that decides which of its files are taken. When it is another, files
	// that were there before may be taken for the first time.
	Rules string
}

const existingQuery = "SELECT since, rules, complete FROM existing WHERE root = ?"

// TakeUpExisting puts the setting existing of a config in force: for each folder with "skip" the
// moment is written down the first time; one that has it no longer, or is not watched any more,
// loses it. owner returns the watch folder that a path belongs to by that config and whether it
// has "skip"; "" if none does. What was noted of a folder that does not have "skip" any more is
// made ready to be sent. It is to be called before the folders are scanned by the config.
//
// The kernel takes the times of files from a clock that ticks some hundred times a second, so a file
// saved just after the moment may have a time before it. TakeUpExisting waits for that clock
// when it has written down a moment: what is saved after it returned has a later time.
func (l *Ledger) TakeUpExisting(ctx context.Context, folders []ExistingFolder, owner func(path string) (root string, skips bool)) error {
	known, err := l.existingRoots(ctx)
	if err != nil {
		return err
	}
	same := len(known) == len(folders)
	for _, f := range folders {
		same = same && known[f.Root] == f.Rules
	}
	if !same {
		err := l.write.do(ctx, func(tx *sql.Tx) error { return l.takeUpExisting(tx, folders) })
		if err != nil {
			return fmt.Errorf("write down since when files are sent: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(fileClockTick):
		}
	}
	return l.releaseExisting(ctx, owner)
}

// fileClockTick is longer than any tick of the clock by which files get their times.
const fileClockTick = 40 * time.Millisecond

// existingRoots returns the rules of the folders with "skip".
func (l *Ledger) existingRoots(ctx context.Context) (map[string]string, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT root, rules FROM existing")
	if err != nil {
		return nil, fmt.Errorf("read which folders skip what was there: %w", err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var root []byte
		var rules string
		if err := rows.Scan(&root, &rules); err != nil {
			return nil, fmt.Errorf("read which folders skip what was there: %w", err)
		}
		all[string(root)] = rules
	}
	return all, rows.Err()
}

func (l *Ledger) takeUpExisting(tx *sql.Tx, folders []ExistingFolder) error {
	var roots [][]byte
	for _, f := range folders {
		roots = append(roots, []byte(f.Root))
		_, err := tx.Exec(`INSERT INTO existing (root, since, rules) VALUES (?, ?, ?) ON CONFLICT (root) DO UPDATE
			SET rules = excluded.rules, complete = complete AND rules = excluded.rules`, []byte(f.Root), l.now().UnixNano(), f.Rules)
		if err != nil {
			return err
		}
	}
	known, err := bytesOf(tx.Query("SELECT root FROM existing"))
	if err != nil {
		return err
	}
	for _, root := range known {
		if slices.ContainsFunc(roots, func(r []byte) bool { return bytes.Equal(r, root) }) {
			continue
		}
		if _, err := tx.Exec("DELETE FROM existing WHERE root = ?", root); err != nil {
			return err
		}
	}
	return nil
}

// releaseExisting has everything noted of which the owner does not skip sent.
func (l *Ledger) releaseExisting(ctx context.Context, owner func(path string) (string, bool)) error {
	roots, err := bytesOf(l.read.QueryContext(ctx, existingRootsQuery))
	if err != nil {
		return fmt.Errorf("read which folders have files from before: %w", err)
	}
	for _, root := range roots {
		for page, err := range l.ExistingPages(ctx, string(root), Existing{}) {
			if err != nil {
				return err
			}
			var ids []int64
			for _, e := range page {
				if of, skips := owner(e.Path); of != "" && !skips {
					ids = append(ids, e.ID)
				}
			}
			if _, err := l.takeExisting(ctx, ids, drop.ReasonExistingReleased); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	existingNoted = "state = 'ignored' AND hold = 'existing'" // repeated word for word by items_existing

	existingRootsQuery = "SELECT DISTINCT root FROM items INDEXED BY items_existing WHERE " + existingNoted
	existingPageQuery  = "SELECT id, dir, name, size, mtime, ino FROM items INDEXED BY items_existing WHERE " + existingNoted + ` AND root = ?
		AND (size, mtime, id) > (?, ?, ?) ORDER BY size, mtime, id LIMIT 1000`
	existingCountQuery = "SELECT count(*) FROM items INDEXED BY items_existing WHERE " + existingNoted + " AND root = ?"
	askExistingQuery   = "UPDATE items SET reason = ?, hold = ?, updated_at = ? WHERE id IN (SELECT value FROM json_each(?)) AND +state = 'ignored' AND +hold = 'existing'"
)

// Existing is a file that was there before and is not sent.
type Existing struct {
	ID          int64 // of its item
	Path        string
	Fingerprint file.Fingerprint // without the change time and the device
}

// ExistingPages yields the files of a folder that were there before and are not sent, page by
// page, from the one after a given one on; the zero Existing is before all.
func (l *Ledger) ExistingPages(ctx context.Context, root string, after Existing) iter.Seq2[[]Existing, error] {
	return func(yield func([]Existing, error) bool) {
		for size, mtime, id := after.Fingerprint.Size, after.Fingerprint.ModTime, after.ID; ; {
			if id == 0 {
				size = -1
			}
			page, err := scanExisting(l.read.QueryContext(ctx, existingPageQuery, []byte(root), size, mtime, id))
			if err != nil {
				yield(nil, fmt.Errorf("read which files were there before: %w", err))
				return
			}
			if len(page) == 0 || !yield(page, nil) {
				return
			}
			last := page[len(page)-1]
			size, mtime, id = last.Fingerprint.Size, last.Fingerprint.ModTime, last.ID
		}
	}
}

func scanExisting(rows *sql.Rows, err error) (all []Existing, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Existing
		var dir, name []byte
		var ino int64
		if err := rows.Scan(&e.ID, &dir, &name, &e.Fingerprint.Size, &e.Fingerprint.ModTime, &ino); err != nil {
			return nil, err
		}
		e.Path, e.Fingerprint.ID.Ino = filepath.Join(string(dir), string(name)), uint64(ino)
		all = append(all, e)
	}
	return all, rows.Err()
}

// takeExisting has the next scan take files that were there before, and returns how many.
func (l *Ledger) takeExisting(ctx context.Context, ids []int64, reason drop.Reason) (n int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		n, err = affected(tx.Exec(askExistingQuery, reason, holds[reason], l.stamp(), listOf(ids)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("have files that were there before sent: %w", err)
	}
	return n, nil
}

// ExistingIn returns the names of the files in a directory that were there before and are not sent.
func (l *Ledger) ExistingIn(ctx context.Context, dir string) (names []string, err error) {
	all, err := bytesOf(l.read.QueryContext(ctx, existingInQuery, []byte(dir)))
	if err != nil {
		return nil, fmt.Errorf("read which files of %s were there before: %w", dir, err)
	}
	for _, name := range all {
		names = append(names, string(name))
	}
	return names, nil
}

// ExistingGone ends items of files that were there before and are no more, a thousand at most.
func (l *Ledger) ExistingGone(ctx context.Context, ids []int64) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			m := move{item: id, from: drop.Ignored, to: drop.Gone, why: drop.ReasonGone.With(drop.TextNotThere.With()), where: []string{"+hold = 'existing'"}}
			if err := m.apply(tx, l.stamp()); err != nil && !errors.Is(err, ErrNotMoved) {
				return fmt.Errorf("forget files that were there before: %w", err)
			}
		}
		return nil
	})
}

// CountExisting returns how many files of a watch folder were there before and are not sent.
func (l *Ledger) CountExisting(ctx context.Context, root string) (n int, err error) {
	if err := l.read.QueryRowContext(ctx, existingCountQuery, []byte(root)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the files that were there before: %w", err)
	}
	return n, nil
}

// ExistingSince returns the moment from which on files of a folder are sent; ok is false if all are.
func (l *Ledger) ExistingSince(ctx context.Context, root string) (since time.Time, ok bool, err error) {
	m, err := l.existingMoment(ctx, root)
	return time.Unix(0, m.since), m.since != 0, err
}

// existingMoment is what is written down of a folder with "skip"; zero for any other.
func (l *Ledger) existingMoment(ctx context.Context, root string) (m existingMoment, err error) {
	err = l.one(ctx, existingQuery, []byte(root)).Scan(&m.since, &m.rules, &m.complete)
	if errors.Is(err, sql.ErrNoRows) {
		return existingMoment{}, nil
	}
	if err != nil {
		return m, fmt.Errorf("read since when files of %q are sent: %w", root, err)
	}
	return m, nil
}

// ExistingComplete writes down that all files of a folder that were there before are noted, by
// the rules given. From then on a file that is not known is a new one, whatever its times.
func (l *Ledger) ExistingComplete(ctx context.Context, root, rules string) error {
	m, err := l.existingMoment(ctx, root)
	if err != nil || m.since == 0 || m.complete || m.rules != rules {
		return err
	}
	return l.exec(ctx, "write down that all files from before are noted", "UPDATE existing SET complete = 1 WHERE root = ? AND rules = ?", []byte(root), rules)
}

// bytesOf reads rows of one column.
func bytesOf(rows *sql.Rows, err error) (all [][]byte, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// AskExisting has the next scan take files that were there before, though their folder skips them: the
// file of a path, or all in the directory of that path and below. It returns how many.
func (l *Ledger) AskExisting(ctx context.Context, path string) (n int, err error) {
	dir, name := split(path)
	ids, err := idsOf(l.read.QueryContext(ctx, existingOfPathQuery, dir, name))
	if err == nil && len(ids) > 0 {
		return l.takeExisting(ctx, ids, drop.ReasonExistingAsked)
	}
	below := []byte(strings.TrimSuffix(path, string(filepath.Separator)) + string(filepath.Separator))
	end := slices.Clone(below)
	end[len(end)-1]++ // the first that does not begin like this
	for _, r := range []struct{ from, to []byte }{{[]byte(path), append([]byte(path), 0)}, {below, end}} {
		for afterDir, afterName := r.from, []byte{}; err == nil; {
			var page []Existing
			page, err = scanExisting(l.read.QueryContext(ctx, existingBelowQuery, afterDir, afterName, r.to))
			if err != nil || len(page) == 0 {
				break
			}
			ids = ids[:0]
			for _, e := range page {
				ids = append(ids, e.ID)
			}
			some := 0
			some, err = l.takeExisting(ctx, ids, drop.ReasonExistingAsked)
			n += some
			afterDir, afterName = split(page[len(page)-1].Path)
		}
	}
	if err != nil {
		return n, fmt.Errorf("have files that were there before sent: %w", err)
	}
	return n, nil
}

const (
	existingOfPathQuery = "SELECT i.id FROM files f JOIN items i ON i.id = f.item WHERE f.dir = ? AND f.name = ? AND i.state = 'ignored' AND i.hold = 'existing'"
	existingInQuery     = "SELECT f.name FROM files f JOIN items i ON i.id = f.item WHERE f.dir = ? AND i.state = 'ignored' AND i.hold = 'existing'"
	existingBelowQuery  = `SELECT i.id, i.dir, i.name, i.size, i.mtime, i.ino FROM files f CROSS JOIN items i ON i.id = f.item
		WHERE (f.dir, f.name) > (?, ?) AND f.dir < ? AND i.state = 'ignored' AND i.hold = 'existing' ORDER BY f.dir, f.name LIMIT 1000`
)
