package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"scenario-drop/drop"
)

const judgedQuery = "SELECT " + itemColumns + ` FROM items i INDEXED BY items_by_state LEFT JOIN uploads u ON u.id = i.upload
	WHERE i.state = ? AND i.hold = ? AND i.root = ?` + newestOfPath + " LIMIT ?"

// RecheckKinds queues the items of a watch folder that rest because of what their files are, and
// returns how many there were. Nobody waits for it longer than a batch takes.
func (l *Ledger) RecheckKinds(ctx context.Context, root string) (all int, err error) {
	for _, state := range []drop.State{drop.Held, drop.Ignored} {
		n, err := l.inBatches(ctx, func(tx *sql.Tx) (int, error) {
			items, err := scanItems(tx.Query(judgedQuery, state, HoldKind, []byte(root), rowsAtOnce))
			if err != nil {
				return 0, err
			}
			for _, it := range items {
				m := move{item: it.ID, from: it.State, to: drop.Queued, why: drop.ReasonRulesChanged.With(drop.TextRulesChanged.With()),
					set: []string{"attempts = 0", "not_before = 0"}}
				if err := m.apply(tx, l.stamp()); err != nil && !errors.Is(err, ErrNotMoved) {
					return 0, err
				}
			}
			return len(items), nil
		})
		all += n
		if err != nil {
			return all, fmt.Errorf("judge the files of %q again: %w", root, err)
		}
	}
	return all, nil
}

const kindRulesKey = "kind_rules"

// KindRule is what the files of a watch folder were last judged by, in words that differ where
// the rule does.
type KindRule struct {
	Root []byte `json:"root"` // bytes, since a name need not be UTF-8
	Rule string `json:"rule"`
}

// KindRules returns what the files of each watch folder were last judged by.
func (l *Ledger) KindRules(ctx context.Context) (all []KindRule, err error) {
	text, err := l.Get(ctx, kindRulesKey)
	if err != nil || text == "" {
		return nil, err
	}
	if json.Unmarshal([]byte(text), &all) != nil {
		return nil, nil // as if they had been judged by nothing: then all are judged again
	}
	return all, nil
}

// SetKindRules remembers by what the files of each watch folder are judged.
func (l *Ledger) SetKindRules(ctx context.Context, all []KindRule) error {
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("write by what the folders' files are judged: %w", err)
	}
	return l.Set(ctx, kindRulesKey, string(text))
}
