package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"
)

var hurryClaimableQuery = "UPDATE items INDEXED BY items_due SET not_before = ? WHERE " + claimable("state") + " AND not_before > ? AND not_before <> " + strconv.Itoa(reconcilingAt)

const hurryImportingQuery = "UPDATE items INDEXED BY items_importing SET not_before = ? WHERE state = 'importing' AND not_before > ?"

// Hurry makes every item due now whose time would come only after latest, and returns how
// many there were. The clock was ahead when that time was set, and was put right since:
// without this the item would wait for as long as the clock was wrong.
func (l *Ledger) Hurry(ctx context.Context, latest time.Time) (hurried int64, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		hurried = 0 // the work may be done again
		for _, q := range []string{hurryClaimableQuery, hurryImportingQuery} {
			res, err := tx.Exec(q, l.stamp(), millis(latest))
			if err != nil {
				return fmt.Errorf("make due what a wrong clock put off: %w", err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				return fmt.Errorf("make due what a wrong clock put off: %w", err)
			}
			hurried += n
		}
		return nil
	})
	return hurried, err
}
