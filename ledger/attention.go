package ledger

import (
	"context"
	"fmt"

	"scenario-drop/drop"
)

// The condition is that of the index items_attention, word for word.
const (
	countAttentionQuery = `SELECT state, hold IN ('decision', 'reconcile'), count(*)
		FROM items i INDEXED BY items_attention WHERE root = ? AND (state = 'failed' OR state = 'held') GROUP BY 1, 2`
	attentionQuery = "SELECT " + itemColumns + ` FROM items i INDEXED BY items_attention LEFT JOIN uploads u ON u.id = i.upload
		WHERE i.root = ? AND (i.state = 'failed' OR i.state = 'held') AND i.id > ? ORDER BY i.id LIMIT ?`
)

// AttentionCount is how many files need a person.
type AttentionCount struct {
	Failed, Held int
	NeedDecision int // of those held: they wait for the user's word
}

// CountAttention counts what failed or is held in watch folders.
func (l *Ledger) CountAttention(ctx context.Context, roots []string) (c AttentionCount, err error) {
	for _, root := range roots {
		if err := l.countAttention(ctx, root, &c); err != nil {
			return c, fmt.Errorf("count the files that need attention in %q: %w", root, err)
		}
	}
	return c, nil
}

func (l *Ledger) countAttention(ctx context.Context, root string, c *AttentionCount) error {
	rows, err := l.read.QueryContext(ctx, countAttentionQuery, []byte(root))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state drop.State
		var asks bool
		var n int
		if err := rows.Scan(&state, &asks, &n); err != nil {
			return err
		}
		switch {
		case state == drop.Failed:
			c.Failed += n
		case asks:
			c.Held, c.NeedDecision = c.Held+n, c.NeedDecision+n
		default:
			c.Held += n
		}
	}
	return rows.Err()
}

// NeedingAttention returns the items of a watch folder that failed or are held, by their
// numbers, after one of them (0: from the first).
func (l *Ledger) NeedingAttention(ctx context.Context, root string, after int64, limit int) ([]Item, error) {
	items, err := scanItems(l.read.QueryContext(ctx, attentionQuery, []byte(root), after, limit))
	if err != nil {
		return nil, fmt.Errorf("read the files that need attention in %q: %w", root, err)
	}
	return items, nil
}
