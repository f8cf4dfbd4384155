package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"scenario-drop/drop"
)

// AssetMade records the asset (or model) that came of an item's upload and moves the
// item on to Linking. Items with the same content that waited are let on. owner is ""
// for an item that was being followed.
func (l *Ledger) AssetMade(ctx context.Context, it Item, owner, asset string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error { return l.assetMade(tx, it, owner, asset, false) })
}

// Finished is AssetMade for an item with nothing left to be done: the asset joined the
// collections named as it came about, and the file stays where it is. The item is
// Imported.
func (l *Ledger) Finished(ctx context.Context, it Item, owner, asset string, joined []string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		if err := recordAsset(tx, it.ID, asset, false); err != nil {
			return err
		}
		for _, id := range joined {
			if _, err := tx.Exec(joinedQuery, it.Scope, asset, id, l.stamp()); err != nil {
				return fmt.Errorf("record membership: %w", err)
			}
		}
		m := move{item: it.ID, from: it.State, to: drop.Imported, owner: owner, release: true,
			set: []string{"asset = ?", "attempts = 0", "not_before = 0"}, args: []any{asset}}
		if it.Upload.Note != "" {
			m.why = drop.ReasonWithoutParent.With(it.Upload.Note)
		}
		if err := m.apply(tx, l.stamp()); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM parts WHERE upload = ?", it.Upload.ID); err != nil {
			return fmt.Errorf("forget the receipts of item %d: %w", it.ID, err)
		}
		_, err := tx.Exec(wakeQuery, it.ID)
		return err
	})
}

// recordAsset writes down what came of the content that an item made an asset of.
func recordAsset(tx *sql.Tx, item int64, asset string, linked bool) error {
	res, err := tx.Exec("UPDATE contents SET asset = ?, linked_existing = ? WHERE id = (SELECT content FROM items WHERE id = ?) AND item = ? AND asset = ''",
		asset, linked, item, item)
	if err != nil {
		return fmt.Errorf("record asset: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("record the asset of item %d: %w", item, ErrNotMoved)
	}
	return nil
}

// assetMade is AssetMade within a transaction; linked tells that it is by the user's
// word only that the asset is the item's content.
func (l *Ledger) assetMade(tx *sql.Tx, it Item, owner, asset string, linked bool) error {
	if err := recordAsset(tx, it.ID, asset, linked); err != nil {
		return err
	}
	m := move{item: it.ID, from: it.State, to: drop.Linking, owner: owner,
		set: []string{"asset = ?", "attempts = 0", "not_before = 0"}, args: []any{asset}}
	if err := m.apply(tx, l.stamp()); err != nil {
		return err
	}
	return dropClaims(tx, it.ID)
}

// CleaningUp moves an item whose collections are joined on to what after_upload asks.
func (l *Ledger) CleaningUp(ctx context.Context, it Item, owner string) error {
	return l.apply(ctx, move{item: it.ID, from: drop.Linking, to: drop.CleaningUp, owner: owner})
}

// Done ends an item's way: it is imported. why says what is worth saying; it may be zero.
func (l *Ledger) Done(ctx context.Context, it Item, owner string, why drop.Why) error {
	return l.apply(ctx, done(it, owner, why))
}

func done(it Item, owner string, why drop.Why) move {
	return move{item: it.ID, from: it.State, to: drop.Imported, owner: owner, release: true, why: why,
		set: []string{"not_before = 0"}}
}

// End takes an item off its way: to Held, Failed, Ignored, Superseded or Gone, with
// the reason; or back to Queued, to start over. owner is
// "" for an item that nobody has claimed.
func (l *Ledger) End(ctx context.Context, it Item, owner string, to drop.State, why drop.Why) error {
	return l.apply(ctx, move{item: it.ID, from: it.State, to: to, owner: owner, release: true, why: why})
}

// Retry puts failed items back to work, all of them or those of the paths given, and
// returns how many. Items that wait for their next try are let on at once. Those that
// Scenario may hold already are sent only where their paths are given; where that could
// not be found out, all are compared again. For all of them it is AskRetry and DoAsked.
func (l *Ledger) Retry(ctx context.Context, paths []string) (n int, err error) {
	if len(paths) == 0 {
		if n, err = l.AskRetry(ctx); err != nil || n == 0 {
			return n, err
		}
		return n, l.DoAsked(ctx, nil)
	}
	for some := range slices.Chunk(paths, pathsAtOnce) {
		batch := 0
		err = l.write.do(ctx, func(tx *sql.Tx) error {
			batch = 0
			for _, p := range some { // one by one: a shell's * may give more than one statement takes
				if err := l.retryPath(tx, p, &batch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("retry: %w", err)
		}
		n += batch
	}
	return n, nil
}

const (
	retryOfPath    = " AND i.dir = ? AND i.name = ?"
	retryPathQuery = "SELECT " + itemColumns + itemTables + "WHERE " + retriable + retryOfPath
)

var makePathDueQuery = "UPDATE items AS i SET not_before = 0 WHERE i.owner = '' AND i.not_before > 0 AND i.waits_for IS NULL AND " + active("i.state") + retryOfPath

// retryPath adds to n how many items of a path it let on.
func (l *Ledger) retryPath(tx *sql.Tx, path string, n *int) error {
	released, err := l.release(tx, path)
	if err != nil {
		return err
	}
	dir, name := split(path)
	failed, err := scanItems(tx.Query(retryPathQuery, dir, name))
	if err != nil {
		return err
	}
	if err := l.tryAgain(tx, failed); err != nil {
		return err
	}
	waiting, err := affected(tx.Exec(makePathDueQuery, dir, name))
	*n += released + len(failed) + waiting
	return err
}
