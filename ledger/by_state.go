package ledger

import (
	"context"
	"fmt"
	"iter"

	"scenario-drop/drop"
)

const inStateQuery = "SELECT " + itemColumns + itemTables + `WHERE i.state = ? AND (i.updated_at, i.id) < (?, ?)
	ORDER BY i.updated_at DESC, i.id DESC LIMIT 500`

// InState yields the items in a state, most recently moved first, with bounded memory
// whatever their number. One that moves meanwhile may be yielded or not.
func (l *Ledger) InState(ctx context.Context, state drop.State) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		at, id := int64(1<<62), int64(1<<62)
		for {
			page, err := scanItems(l.read.QueryContext(ctx, inStateQuery, state, at, id))
			if err != nil {
				yield(Item{}, fmt.Errorf("read the %s items: %w", state, err))
				return
			}
			for _, it := range page {
				if !yield(it, nil) {
					return
				}
				at, id = it.Updated.UnixMilli(), it.ID
			}
			if len(page) == 0 {
				return
			}
		}
	}
}
