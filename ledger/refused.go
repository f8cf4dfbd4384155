package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"scenario-drop/drop"
)

// NotAllowed holds a claimed item of a kind that Scenario does not let be sent.
func (l *Ledger) NotAllowed(ctx context.Context, it Item, owner string, why drop.Why) error {
	return l.apply(ctx, move{item: it.ID, from: it.State, to: drop.Held, owner: owner, release: true, why: why,
		set: []string{"scope = ?", "kind = ?"}, args: []any{it.Scope, it.Kind}})
}

// newestOfPath holds for an item i that is about the newest version known of its file.
const newestOfPath = " AND i.id = (SELECT item FROM files f WHERE f.dir = i.dir AND f.name = i.name)"

// KindNotAllowed is a kind of which items are held, and what the latest of them says.
type KindNotAllowed struct {
	Kind string
	Why  drop.Why
}

// KindsNotAllowed returns the kinds of which items are held because Scenario does not let
// them be sent.
func (l *Ledger) KindsNotAllowed(ctx context.Context) (kinds []KindNotAllowed, err error) {
	rows, err := l.read.QueryContext(ctx, kindsNotAllowedQuery)
	if err != nil {
		return nil, fmt.Errorf("read which kinds are held: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k KindNotAllowed
		var at int64
		if err := rows.Scan(&k.Kind, &k.Why.Reason, &k.Why.Detail, &at); err != nil {
			return nil, fmt.Errorf("read which kinds are held: %w", err)
		}
		kinds = append(kinds, k)
	}
	return kinds, rows.Err()
}

var (
	kindsNotAllowedQuery = "SELECT kind, reason, detail, max(updated_at) FROM items i WHERE state = 'held' AND hold = 'permission' GROUP BY kind"
	takeNotAllowedQuery  = "SELECT " + itemColumns + itemTables + "WHERE i.state = 'held' AND i.hold = 'permission' AND i.kind = ?" + newestOfPath + " ORDER BY i.updated_at LIMIT ?"
)

// TakeNotAllowed queues up to limit of the items of a kind that are held because Scenario
// did not let them be sent, those that waited longest first, and returns them.
func (l *Ledger) TakeNotAllowed(ctx context.Context, kind string, limit int) (items []Item, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		if items, err = scanItems(tx.Query(takeNotAllowedQuery, kind, limit)); err != nil {
			return err
		}
		for _, it := range items {
			m := move{item: it.ID, from: drop.Held, to: drop.Queued, why: drop.ReasonRetried.With(drop.TextAllowedAgain.With()),
				set: []string{"attempts = 0", "not_before = 0"}}
			if err := m.apply(tx, l.stamp()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("take up held files again: %w", err)
	}
	return items, nil
}
