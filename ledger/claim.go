package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// claimable holds for an item in the column's table whose state has it taken by a worker,
// word for word as the indexes have it; items in Importing are followed without a claim.
// active holds for both, as State.Active. For a list after IN, SQLite would make a table of
// its own each time.
func claimable(column string) string {
	return oneOf(column, Queued, Preparing, Uploading, Completing, Linking, Tidying)
}

func active(column string) string {
	return oneOf(column, Queued, Preparing, Uploading, Completing, Linking, Tidying, Importing)
}

func oneOf(column string, states ...State) string {
	var b strings.Builder
	for i, s := range states {
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString(column + " = '" + string(s) + "'")
	}
	return "(" + b.String() + ")"
}

// unblocked holds for an item i while no older version of its path is on its way to
// become an asset.
var unblocked = ` NOT EXISTS (SELECT 1 FROM items p WHERE p.dir = i.dir AND p.name = i.name AND p.id < i.id AND ` +
	oneOf("p.state", Queued, Preparing, Uploading, Completing, Importing) + `) `

// Claim is a request for work.
type Claim struct {
	Owner            string
	Until            time.Time // the end of the lease, unless renewed
	MinSize, MaxSize int64     // bytes, both inclusive: files whose bytes are still to be read or sent
	Light            bool      // also what needs only short requests: completing, joining collections, tidying
	Limit            int
	Silent           []string // watch folders that do not answer: what needs their files is left out
}

// Sizes are compared before states, since the index has them. For the plus see move.apply.
var claimQuery = "SELECT " + itemColumns + ` FROM items i INDEXED BY items_claimable LEFT JOIN uploads u ON u.id = i.upload
	WHERE ` + claimable("i.state") + ` AND i.not_before <= ? AND i.lease < ? AND +i.owner <> ?
	AND CASE WHEN i.size BETWEEN ? AND ? AND ` + oneOf("i.state", Queued, Preparing, Uploading) + ` THEN 1
		ELSE ? AND ` + oneOf("i.state", Completing, Linking, Tidying) + ` END
	AND ` + unblocked + claimOrder

// claimLargeQuery is claimQuery for files above a size and nothing else: they are few, and
// sorted, where all the small ones that wait would be gone through.
var claimLargeQuery = strings.NewReplacer("items_claimable", "items_claimable_size",
	"WHERE (i.state", "WHERE i.size >= ? AND (i.state").Replace(claimQuery)

const claimOrder = ` ORDER BY i.id LIMIT ?`

// claiming is the query of a claim with its arguments.
func claiming(c Claim, now int64) (query string, args []any) {
	query = claimQuery
	args = []any{now, now, c.Owner, c.MinSize, c.MaxSize, c.Light}
	if c.MinSize > 0 && !c.Light {
		query, args = claimLargeQuery, append([]any{c.MinSize}, args...)
	}
	if len(c.Silent) > 0 {
		query = strings.TrimSuffix(query, claimOrder) +
			" AND (i.state IN ('completing', 'linking') OR i.root NOT IN (?" + strings.Repeat(", ?", len(c.Silent)-1) + "))" + claimOrder
		for _, root := range c.Silent {
			args = append(args, []byte(root))
		}
	}
	return query, append(args, c.Limit)
}

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
		query, args := claiming(c, now)
		items, err = scanItems(tx.Query(query, args...))
		if err != nil {
			return err
		}
		for i := range items {
			it := &items[i]
			to := it.State
			if to == Queued {
				to = Preparing
			}
			query := claimItem
			if it.State == Queued {
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

const renewQuery = "UPDATE items SET lease = ? WHERE owner = ? AND owner <> ''"

// Renew prolongs every lease of an owner.
func (l *Ledger) Renew(ctx context.Context, owner string, until time.Time) error {
	return l.exec(ctx, "renew leases", renewQuery, until.UnixMilli(), owner)
}

// Release gives up a claim without having got further. The item keeps its state and
// its upload, is not taken before notBefore, and says why. spent tells that the item
// itself was the cause, which counts as an attempt.
func (l *Ledger) Release(ctx context.Context, it Item, owner string, notBefore time.Time, spent bool, reason, detail string) error {
	to := it.State
	if to == Preparing {
		to = Queued
	}
	m := move{item: it.ID, from: it.State, to: to, owner: owner, release: true, reason: reason, detail: detail,
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
	if err := l.HurryUnfinished(ctx); err != nil {
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

var nextDueQuery = `SELECT min(due) FROM (
	SELECT * FROM (SELECT i.not_before AS due FROM items i INDEXED BY items_due
		WHERE ` + claimable("i.state") + ` AND i.owner = '' AND ` + unblocked + ` ORDER BY i.not_before LIMIT 1)
	UNION ALL
	SELECT * FROM (SELECT not_before FROM items INDEXED BY items_importing
		WHERE state = 'importing' AND owner = '' ORDER BY not_before LIMIT 1))`

// NextDue returns when the next unclaimed item with work to do is due (the zero time:
// at once), the importing ones included, and those that wait for an older version of
// their path left out; ok is false when nothing waits.
func (l *Ledger) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	var ms sql.NullInt64
	err = l.one(ctx, nextDueQuery).Scan(&ms)
	if err != nil {
		return at, false, fmt.Errorf("read what is due: %w", err)
	}
	return moment(ms.Int64), ms.Valid, nil
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
