package ledger

import (
	"context"
	"database/sql"
	"fmt"
)

// rowsAtOnce is how many rows change in one transaction of a change that concerns many, so
// that neither memory nor the wait of other changes grows with their number.
const rowsAtOnce = 500

// inBatches makes a change of many rows, a transaction for each batch, between which the
// changes of others go on. change makes one batch and returns how many rows that were; the
// last is one that is not full. It is what is left of ctx's time that ends it early, and
// then what was changed stays changed.
func (l *Ledger) inBatches(ctx context.Context, change func(tx *sql.Tx) (int, error)) (all int, err error) {
	for {
		n := 0
		err := l.write.do(ctx, func(tx *sql.Tx) (err error) {
			n, err = change(tx)
			return err
		})
		if err != nil {
			return all, err
		}
		all += n
		if n < rowsAtOnce {
			return all, nil
		}
	}
}

const makeQueueDueQuery = `UPDATE items SET not_before = ? WHERE id IN (SELECT id FROM items INDEXED BY items_work
	WHERE work = ? AND owner = '' AND root = ? AND not_before > ? AND not_before < ? AND (hold <> 'interval' OR created_at > ?) LIMIT ?)`

// makeDue has unclaimed work of some kinds that is put off to later than after due at a time
// that is not later, and returns how many items there were. What waits to be reconciled is
// left alone, and so is a version that waits for its interval, unless it was made in what is the
// future now: by a clock that was put right since.
func (l *Ledger) makeDue(ctx context.Context, wanted func(work) bool, after, due int64) (all int, err error) {
	found, err := workQueues(context.WithoutCancel(ctx), l.read, wanted)
	if err != nil {
		return 0, err
	}
	for _, h := range found {
		n, err := l.inBatches(ctx, func(tx *sql.Tx) (int, error) {
			return affected(tx.Exec(makeQueueDueQuery, due, h.work, orEmpty(h.root), after, reconcilingAt, l.stamp(), rowsAtOnce))
		})
		all += n
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

const makeImportsDueQuery = `UPDATE items SET not_before = ? WHERE id IN (SELECT id FROM items INDEXED BY items_importing
	WHERE state = 'importing' AND not_before > ? LIMIT ?)`

// makeImportsDue is makeDue for what is being imported.
func (l *Ledger) makeImportsDue(ctx context.Context, after, due int64) (int, error) {
	return l.inBatches(ctx, func(tx *sql.Tx) (int, error) {
		return affected(tx.Exec(makeImportsDueQuery, due, after, rowsAtOnce))
	})
}

func affected(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// MakeUnfinishedDue has what comes after the import, and was put off, tried at once.
func (l *Ledger) MakeUnfinishedDue(ctx context.Context) error {
	if _, err := l.makeDue(ctx, func(w work) bool { return w == toLink || w == toTidy }, 0, 0); err != nil {
		return fmt.Errorf("have what is unfinished tried again: %w", err)
	}
	return nil
}
