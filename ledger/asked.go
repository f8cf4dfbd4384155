package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"scenario-drop/drop"
)

// What a person asks of all files at once may concern a hundred thousand. It is written down
// first, in one small change, and then done in batches between which others write; a crash in
// between leaves nothing half, and whoever starts next goes on.

const (
	retryAskedKey        = "retry_asked"
	linkExistingAskedKey = "link_existing_asked"
)

// asked is something asked of all files that is not done yet.
type asked struct {
	At int64 `json:"at"` // when, in Unix milliseconds: what came to rest later is not meant
	To int64 `json:"to"` // the newest item then
}

func (l *Ledger) ask(ctx context.Context, key string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		a := asked{At: l.stamp()}
		if err := tx.QueryRow("SELECT coalesce(max(id), 0) FROM items").Scan(&a.To); err != nil {
			return err
		}
		return setJSON(tx, key, a)
	})
}

const (
	retriable           = `(i.state = 'failed' OR i.state = 'held') AND (i.state = 'failed' OR i.hold IN ('readable', 'reconcile', 'permission'))` + newestOfPath
	countRetriableQuery = "SELECT count(*) FROM items i INDEXED BY items_by_state WHERE " + retriable
	countWaitingQuery   = "SELECT count(*) FROM items INDEXED BY items_work WHERE work IS NOT NULL AND owner = '' AND not_before > 0 AND not_before < ? AND waits_for IS NULL AND hold <> 'interval'"
	countImportingQuery = "SELECT count(*) FROM items INDEXED BY items_importing WHERE state = 'importing' AND not_before > 0"
	// In the order of the numbers, page by page: an index by state would have all sorted for each page.
	retriablePageQuery = "SELECT i.id FROM items i NOT INDEXED WHERE i.id > ? AND i.id <= ? AND i.updated_at <= ? AND " + retriable + " ORDER BY i.id LIMIT ?"
	retriableNowQuery  = "SELECT " + itemColumns + " FROM items i NOT INDEXED LEFT JOIN uploads u ON u.id = i.upload WHERE i.id IN (SELECT value FROM json_each(?)) AND i.updated_at <= ? AND " + retriable
)

// AskRetry has all failed items put back to work, and all that wait for their next try let
// on, by DoAsked. It returns how many that concerns. Those that Scenario may hold already are
// left alone; where that could not be found out, all are compared again.
func (l *Ledger) AskRetry(ctx context.Context) (n int, err error) {
	for _, c := range []struct {
		query string
		args  []any
	}{{countRetriableQuery, nil}, {countWaitingQuery, []any{reconcilingAt}}, {countImportingQuery, nil}} {
		var some int
		if err := l.read.QueryRowContext(ctx, c.query, c.args...).Scan(&some); err != nil {
			return 0, fmt.Errorf("count what is to be tried again: %w", err)
		}
		n += some
	}
	if n == 0 {
		return 0, nil
	}
	if err := l.ask(ctx, retryAskedKey); err != nil {
		return 0, fmt.Errorf("write down that all is to be tried again: %w", err)
	}
	return n, nil
}

const countLinkableQuery = "SELECT coalesce(sum(i.candidates <> ''), 0), coalesce(sum(i.candidates = ''), 0) FROM items i INDEXED BY items_asking WHERE " + needsDecision

// AskLinkExisting has all items that may have been sent before taken as what Scenario holds, by
// DoAsked. It returns how many that concerns.
func (l *Ledger) AskLinkExisting(ctx context.Context) (sum LinkedExisting, err error) {
	err = l.read.QueryRowContext(ctx, countLinkableQuery).Scan(&sum.Queued, &sum.Unknown)
	if err == nil && sum.Queued > 0 {
		err = l.ask(ctx, linkExistingAskedKey)
	}
	if err != nil {
		return LinkedExisting{}, fmt.Errorf("write down what is to be taken as what Scenario holds: %w", err)
	}
	return sum, nil
}

// DoAsked does what AskRetry and AskLinkExisting wrote down, also before a restart, until nothing
// is left. progress, if not nil, is called after each batch.
func (l *Ledger) DoAsked(ctx context.Context, progress func()) error {
	l.needsDecision.Lock()
	defer l.needsDecision.Unlock()
	if progress == nil {
		progress = func() {}
	}
	for _, c := range []struct {
		key string
		do  func(context.Context, asked, func()) error
	}{{retryAskedKey, l.retryAll}, {linkExistingAskedKey, l.linkAllExisting}} {
		for {
			text, err := l.Get(ctx, c.key)
			if err != nil {
				return err
			}
			if text == "" {
				break
			}
			var a asked
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				return fmt.Errorf("read %s: %w", c.key, err)
			}
			if err := c.do(ctx, a, progress); err != nil {
				return fmt.Errorf("go on with %s: %w", c.key, err)
			}
			// Unless it was asked again meanwhile.
			if err := l.exec(ctx, "end "+c.key, "DELETE FROM meta WHERE key = ? AND value = ?", c.key, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Ledger) retryAll(ctx context.Context, a asked, progress func()) error {
	for after := int64(0); ; {
		ids, err := idsOf(l.read.QueryContext(ctx, retriablePageQuery, after, a.To, a.At, rowsAtOnce))
		if err != nil || len(ids) == 0 {
			if err == nil {
				_, err = l.makeDue(ctx, anyWork, 0, 0)
			}
			if err == nil {
				_, err = l.makeImportsDue(ctx, 0, 0)
			}
			return err
		}
		err = l.write.do(ctx, func(tx *sql.Tx) error {
			items, err := scanItems(tx.Query(retriableNowQuery, listOf(ids), a.At)) // others may have moved some
			if err != nil {
				return err
			}
			return l.tryAgain(tx, items)
		})
		if err != nil {
			return err
		}
		progress()
		after = ids[len(ids)-1]
	}
}

// tryAgain puts items back to work because somebody asked.
func (l *Ledger) tryAgain(tx *sql.Tx, items []Item) error {
	for _, it := range items {
		m := move{item: it.ID, from: it.State, to: drop.Queued, why: drop.ReasonAsked.With(drop.TextTriedAgain.With()),
			set: []string{"attempts = 0", "not_before = 0"}}
		if err := m.apply(tx, l.stamp()); err != nil && !errors.Is(err, ErrNotMoved) {
			return err
		}
	}
	return nil
}

func (l *Ledger) linkAllExisting(ctx context.Context, a asked, progress func()) error {
	for after := int64(0); ; {
		more := false
		err := l.write.do(ctx, func(tx *sql.Tx) error {
			items, err := scanItems(tx.Query(decisionsQuery, after, rowsAtOnce))
			if err != nil {
				return err
			}
			if more = len(items) == rowsAtOnce && items[len(items)-1].ID < a.To; more {
				after = items[len(items)-1].ID
			}
			var sum LinkedExisting
			return l.linkExisting(tx, slices.DeleteFunc(items, func(it Item) bool { return it.Updated.UnixMilli() > a.At }), &sum)
		})
		if err != nil || !more {
			return err
		}
		progress()
	}
}

// pathsAtOnce is how many of the files that somebody names change in one transaction.
const pathsAtOnce = 100
