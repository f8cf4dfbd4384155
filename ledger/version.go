package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"scenario-drop/drop"
)

// WaitsForInterval reports whether the item waits, at now, because the version of its file before it
// is only a short time old. Until it is claimed for the first time, a newer version takes its place
// in the same item.
func (it Item) WaitsForInterval(now time.Time) bool {
	return it.State == drop.Queued && it.Hold == HoldInterval && it.NotBefore.After(now)
}

// versionBeforeQuery takes the newest version of a path that became an asset or is about to. One
// that was given up before that does not count.
var versionBeforeQuery = `SELECT max(created_at, version_at) FROM items INDEXED BY items_by_path WHERE dir = ? AND name = ?
	AND (asset <> '' OR ` + oneOf("state", drop.Preparing, drop.Uploading, drop.Completing, drop.Importing, drop.Linking, drop.CleaningUp, drop.Imported) + `)
	ORDER BY id DESC LIMIT 1`

// versionDue returns when a new version of a path is due, in Unix milliseconds; 0: at once.
func versionDue(tx *sql.Tx, now int64, s Observation) (int64, error) {
	dir, name := split(s.Path)
	var before int64
	err := tx.QueryRow(versionBeforeQuery, dir, name).Scan(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	interval := s.Interval.Milliseconds()
	if due := min(before, now) + interval; due > now { // before may lie ahead: by a clock that was put right since
		return due, nil
	}
	return 0, nil
}

// versionDetail says why a version waits.
func versionDetail(interval time.Duration) drop.Detail {
	return drop.TextVersionInterval.With("interval", shortTime(interval))
}

// shortTime is a time as the config has it: 30s, 5m, 1h30m.
func shortTime(d time.Duration) string {
	text := ""
	for _, unit := range []struct {
		d    time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / unit.d; n > 0 {
			text += strconv.FormatInt(int64(n), 10) + unit.name
			d -= n * unit.d
		}
	}
	if text == "" {
		return "0s"
	}
	return text
}

const nextVersionQuery = `UPDATE items SET not_before = 0, version_at = 0, reason = '', hold = '', detail = '' WHERE id IN (
	SELECT n.id FROM items i JOIN items n INDEXED BY items_by_path ON n.dir = i.dir AND n.name = i.name AND n.id > i.id
	WHERE i.id = ? AND n.state = 'queued' AND n.owner = '' AND n.hold = 'interval')`

// releaseNextVersion makes the version after an item due that waits for the interval since it: no
// asset comes of the item.
func releaseNextVersion(tx *sql.Tx, item int64) error {
	if _, err := tx.Exec(nextVersionQuery, item); err != nil {
		return fmt.Errorf("let the version after item %d on: %w", item, err)
	}
	return nil
}

const (
	versionsWaitingQuery = `SELECT count(*) FROM items INDEXED BY items_work
		WHERE work = ? AND owner = '' AND root = ? AND not_before > ? AND not_before < ? AND hold = 'interval'`
	limitVersionsQuery = `UPDATE items SET not_before = ?1, version_at = ?1, detail = ?2 WHERE id IN (SELECT id FROM items INDEXED BY items_work
		WHERE work = ?3 AND owner = '' AND root = ?4 AND not_before > ?1 AND not_before < ?5 AND hold = 'interval' LIMIT ?6)`
)

// VersionsWaiting returns how many versions wait for the interval since the one before.
func (l *Ledger) VersionsWaiting(ctx context.Context) (all int, err error) {
	found, err := workQueues(context.WithoutCancel(ctx), l.read, anyWork)
	for _, h := range found {
		n := 0
		if err = l.one(ctx, versionsWaitingQuery, h.work, orEmpty(h.root), l.stamp(), reconcilingAt).Scan(&n); err != nil {
			break
		}
		all += n
	}
	if err != nil {
		return 0, fmt.Errorf("count the versions that wait: %w", err)
	}
	return all, nil
}

// LimitVersionWait has no version of a watch folder's files wait for longer than its interval
// from now, as after that setting of the folder became shorter. It returns how many waited for
// longer.
func (l *Ledger) LimitVersionWait(ctx context.Context, interval func(root string) time.Duration) (all int, err error) {
	found, err := workQueues(context.WithoutCancel(ctx), l.read, anyWork)
	if err != nil {
		return 0, fmt.Errorf("read which versions wait: %w", err)
	}
	now := l.stamp()
	for _, h := range found {
		wait := interval(string(h.root))
		n, err := l.inBatches(ctx, func(tx *sql.Tx) (int, error) {
			return affected(tx.Exec(limitVersionsQuery, now+wait.Milliseconds(), versionDetail(wait), h.work, orEmpty(h.root), reconcilingAt, rowsAtOnce))
		})
		all += n
		if err != nil {
			return all, fmt.Errorf("make versions due that wait: %w", err)
		}
	}
	return all, nil
}
