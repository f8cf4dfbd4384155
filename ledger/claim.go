package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"scenario-drop/drop"
)

// claimable holds for an item in the column's table whose state has it taken by a worker,
// word for word as the indexes have it; items in Importing are followed without a claim.
// active holds for both, as State.Active. For a list after IN, SQLite would make a table of
// its own each time.
func claimable(column string) string {
	return oneOf(column, drop.Queued, drop.Preparing, drop.Uploading, drop.Completing, drop.Linking, drop.CleaningUp)
}

func active(column string) string {
	return oneOf(column, drop.Queued, drop.Preparing, drop.Uploading, drop.Completing, drop.Linking, drop.CleaningUp, drop.Importing)
}

func oneOf(column string, states ...drop.State) string {
	var b strings.Builder
	for i, s := range states {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString(column + " = '" + string(s) + "'")
	}
	return "(" + b.String() + ")"
}

// claimedQuery reads a list of items, each with an older version of its path that is on its
// way to become an asset, for which it waits.
var claimedQuery = "SELECT " + itemColumns + `, (SELECT p.id FROM items p INDEXED BY items_by_path
		WHERE p.dir = i.dir AND p.name = i.name AND p.id < i.id AND ` + blocks("p.state") + " LIMIT 1)" +
	itemTables + "WHERE i.id IN (SELECT value FROM json_each(?)) ORDER BY i.id"

func blocks(column string) string {
	return oneOf(column, drop.Queued, drop.Preparing, drop.Uploading, drop.Completing, drop.Importing)
}

// Claim is a request for work.
type Claim struct {
	Owner            string
	Until            time.Time // the end of the lease, unless renewed
	MinSize, MaxSize int64     // bytes, both inclusive: files whose bytes are still to be read or sent
	NoBody           bool      // also what needs only short requests: completing, joining collections, tidying
	Limit            int
	Unavailable      []string // watch folders that do not answer, or wait: what needs their files is not claimed
}

// wants reports whether a kind of work is asked for.
func (c Claim) wants(w work) bool {
	switch w {
	case largeBytes:
		return c.MaxSize > SmallFile
	case smallBytes:
		return c.MinSize <= SmallFile
	}
	return c.NoBody
}

// mayTake reports whether a heap may be taken from. What needs no file goes on while its
// folder does not answer.
func (c Claim) mayTake(h workQueue) bool {
	return h.work == toComplete || h.work == toLink || !slices.Contains(c.Unavailable, string(h.root))
}

// blockedFor is how long an item that waits for an older version of its path is not looked
// at, unless that one gets further before, which makes it due.
const blockedFor = 5 * time.Minute

// claimRounds bounds how often a claim checks again after all that it found was blocked.
const claimRounds = 4

const waitForQuery = "UPDATE items SET waits_for = ?, not_before = ? WHERE id = ?"

const (
	claimItem   = "UPDATE items SET state = ?, owner = ?, lease = ?, waits_for = NULL, updated_at = ? WHERE id = ? AND +state = ?"
	claimQueued = "UPDATE items SET state = ?, owner = ?, lease = ?, waits_for = NULL, updated_at = ?, sha256 = NULL WHERE id = ? AND +state = ?" // it is read anew
)

// Claim takes up to Limit items that are due, oldest first, for an owner. An item is
// due when nobody holds a running lease on it, its time has come, and no older version
// of its path is still on its way to become an asset. An owner never gets an item that it holds already,
// even after its lease ran out unnoticed (the machine slept). One that was queued is
// Preparing from here on; any other goes on from where it stands.
func (l *Ledger) Claim(ctx context.Context, c Claim) ([]Item, error) {
	var items []Item
	err := l.write.do(ctx, func(tx *sql.Tx) error {
		now := l.stamp()
		var err error
		if items, err = l.due(tx, c, now); err != nil {
			return err
		}
		for i := range items {
			it := &items[i]
			to := it.State
			if to == drop.Queued {
				to = drop.Preparing
			}
			query := claimItem
			if it.State == drop.Queued {
				query, it.SHA256 = claimQueued, nil
			}
			if _, err := tx.Exec(query, to, c.Owner, c.Until.UnixMilli(), now, it.ID, it.State); err != nil {
				return err
			}
			it.State = to
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim work: %w", err)
	}
	return items, nil
}

// due returns what a claim may take.
func (l *Ledger) due(tx *sql.Tx, c Claim, now int64) (items []Item, err error) {
	if c.Limit <= 0 {
		return nil, nil
	}
	for range claimRounds {
		ids, err := l.candidates(tx, c, now)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		items, older, err := readClaimed(tx, ids)
		if err != nil {
			return nil, err
		}
		for id, by := range older {
			if _, err := tx.Exec(waitForQuery, by, now+blockedFor.Milliseconds(), id); err != nil {
				return nil, err
			}
		}
		if len(items) > 0 {
			return items, nil
		}
	}
	return nil, nil
}

// readClaimed reads items by their numbers: those that may be taken, and of the others which
// item they wait for.
func readClaimed(tx *sql.Tx, ids []int64) (items []Item, older map[int64]int64, err error) {
	rows, err := tx.Query(claimedQuery, listOf(ids))
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := withBlocker{Rows: rows}
		it, err := scanItem(&r)
		if err != nil {
			return nil, nil, err
		}
		if !r.blocker.Valid {
			items = append(items, it)
			continue
		}
		if older == nil {
			older = map[int64]int64{}
		}
		older[it.ID] = r.blocker.Int64
	}
	return items, older, rows.Err()
}

// withBlocker scans an item and, after its columns, the one that it waits for.
type withBlocker struct {
	*sql.Rows
	blocker sql.NullInt64
}

func (r *withBlocker) Scan(columns ...any) error {
	return r.Rows.Scan(append(columns, &r.blocker)...)
}

// candidates returns the oldest items that are due and asked for, Limit at most.
func (l *Ledger) candidates(tx *sql.Tx, c Claim, now int64) (ids []int64, err error) {
	all, err := workQueues(context.Background(), tx, c.wants) // within a transaction, which is seen through
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		if h.due > now || !c.mayTake(h) {
			continue
		}
		least, most := c.MinSize, c.MaxSize
		if h.work >= toComplete {
			least, most = 0, math.MaxInt64
		}
		some, err := idsOf(tx.Query(dueOfQueueQuery, h.work, orEmpty(h.root), now, least, most, c.Limit))
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	// What others let go of is looked for when there is room, and else now and then.
	if len(ids) < c.Limit || l.expiry.due(now) {
		some, err := expired(tx, c, now)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	return firstOf(ids, c.Limit), nil
}

// expired returns items that others hold, whose lease ran out. There is never much that
// anybody holds, and hardly ever anybody else.
func expired(tx *sql.Tx, c Claim, now int64) (ids []int64, err error) {
	items, err := scanItems(tx.Query(expiredQuery, c.Owner, now, c.Owner, now, c.Limit))
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		w := workOf(it)
		if h := (workQueue{work: w, root: []byte(it.Root)}); c.wants(w) && c.mayTake(h) &&
			(w >= toComplete || it.Fingerprint.Size >= c.MinSize && it.Fingerprint.Size <= c.MaxSize) {
			ids = append(ids, it.ID)
		}
	}
	return ids, nil
}

const expiredQuery = "SELECT " + itemColumns + itemTables + `WHERE i.id IN (
		SELECT id FROM items INDEXED BY items_owned WHERE owner <> '' AND owner < ? AND lease < ? AND work IS NOT NULL
		UNION ALL
		SELECT id FROM items INDEXED BY items_owned WHERE owner <> '' AND owner > ? AND lease < ? AND work IS NOT NULL
		LIMIT ?)`

// nowAndThen is a time that comes again a second later.
type nowAndThen struct{ next atomic.Int64 }

func (n *nowAndThen) due(now int64) bool {
	if now < n.next.Load() && now > n.next.Load()-time.Second.Milliseconds() {
		return false
	}
	n.next.Store(now + time.Second.Milliseconds())
	return true
}

const renewQuery = "UPDATE items SET lease = ? WHERE owner = ? AND owner <> ''"

// Renew prolongs every lease of an owner.
func (l *Ledger) Renew(ctx context.Context, owner string, until time.Time) error {
	return l.exec(ctx, "renew leases", renewQuery, until.UnixMilli(), owner)
}

// Release gives up a claim without having got further. The item keeps its state and
// its upload, is not taken before notBefore, and says why. spent tells that the item
// itself was the cause, which counts as an attempt.
func (l *Ledger) Release(ctx context.Context, it Item, owner string, notBefore time.Time, spent bool, why drop.Why) error {
	to := it.State
	if to == drop.Preparing {
		to = drop.Queued
	}
	m := move{item: it.ID, from: it.State, to: to, owner: owner, release: true, why: why,
		set: []string{"not_before = ?"}, args: []any{millis(notBefore)}}
	if spent {
		m.set = append(m.set, "attempts = attempts + 1")
	}
	return l.apply(ctx, m)
}

// ReleaseAll ends every claim, whoever holds it. Only whoever holds the daemon's lock
// may call it, before work starts: the claims are then those of a process that died. What
// comes after the import and was put off is due at once.
func (l *Ledger) ReleaseAll(ctx context.Context) error {
	if err := l.MakeUnfinishedDue(ctx); err != nil {
		return err
	}
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{
			"UPDATE items SET state = 'queued' WHERE state = 'preparing'",
			"UPDATE items SET owner = '', lease = 0 WHERE owner <> ''",
		} {
			if _, err := tx.Exec(q); err != nil {
				return fmt.Errorf("release old claims: %w", err)
			}
		}
		return nil
	})
}

const nextImportQuery = "SELECT not_before FROM items INDEXED BY items_importing WHERE state = 'importing' AND owner = '' ORDER BY not_before LIMIT 1"

// NextDue returns when the next unclaimed item with work to do is due (the zero time:
// at once), the importing ones included; ok is false when nothing waits.
func (l *Ledger) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	all, err := workQueues(context.WithoutCancel(ctx), l.read, anyWork)
	if err != nil {
		return at, false, fmt.Errorf("read what is due: %w", err)
	}
	var first int64
	for _, h := range all {
		if !ok || h.due < first {
			first, ok = h.due, true
		}
	}
	var importing int64
	switch err := l.one(ctx, nextImportQuery).Scan(&importing); {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return at, false, fmt.Errorf("read what is due: %w", err)
	case !ok || importing < first:
		first, ok = importing, true
	}
	return moment(first), ok, nil
}

func (l *Ledger) apply(ctx context.Context, m move) error {
	return l.write.do(ctx, func(tx *sql.Tx) error { return m.apply(tx, l.stamp()) })
}

func (l *Ledger) exec(ctx context.Context, what, query string, args ...any) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(query, args...); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	})
}
