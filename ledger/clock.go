package ledger

import (
	"context"
	"fmt"
	"time"
)

// MakeDue makes every item due now whose time would come only after latest, and returns how
// many there were. The clock was ahead when that time was set, and was put right since:
// without this the item would wait for as long as the clock was wrong.
func (l *Ledger) MakeDue(ctx context.Context, latest time.Time) (clamped int64, err error) {
	n, err := l.makeDue(ctx, anyWork, millis(latest), l.stamp())
	more := 0
	if err == nil {
		more, err = l.makeImportsDue(ctx, millis(latest), l.stamp())
	}
	if err != nil {
		return int64(n + more), fmt.Errorf("make due what a wrong clock put off: %w", err)
	}
	return int64(n + more), nil
}
