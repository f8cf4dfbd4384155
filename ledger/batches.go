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

var hurryUnfinishedQuery = "UPDATE items SET not_before = 0 WHERE id IN (SELECT id FROM items INDEXED BY items_due WHERE " +
	claimable("state") + " AND not_before > 0 AND (state = 'linking' OR state = 'tidying') LIMIT ?)"

// HurryUnfinished has what comes after the import, and was put off, tried at once.
func (l *Ledger) HurryUnfinished(ctx context.Context) error {
	_, err := l.inBatches(ctx, func(tx *sql.Tx) (int, error) {
		res, err := tx.Exec(hurryUnfinishedQuery, rowsAtOnce)
		if err != nil {
			return 0, err
		}
		n, err := res.RowsAffected()
		return int(n), err
	})
	if err != nil {
		return fmt.Errorf("have what is unfinished tried again: %w", err)
	}
	return nil
}
