package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Pruned counts what Prune deleted.
type Pruned struct {
	Entries int // of the history
	Items   int // versions of files that never became an asset
	Uploads int // that no asset came of
}

// pruneBatch is how many rows go in one transaction, so that other changes never wait
// long for it.
const pruneBatch = 100

// Prune deletes what is older than before and of no use any more, in small transactions
// with a pause between them, until ctx ends or, if most is not 0, at least so many rows are
// gone. That is:
//
//   - entries of the history;
//   - items that ended without an asset, and are not the latest of their path; and those
//     whose file vanished before it was sent, with the path, which is new again when it comes
//     back, as it would be otherwise;
//   - uploads of items at rest that an item does not need, since no asset came of them.
//
// Contents, memberships, the latest item of every other path, and every item that has an
// asset stay for good: they are what keeps a file from being sent twice and what a new
// version refers to.
func (l *Ledger) Prune(ctx context.Context, before time.Time, most int, pause time.Duration) (sum Pruned, err error) {
	p := &pruning{Ledger: l, before: before.UnixMilli(), most: most, pause: pause}
	for _, kind := range []struct {
		count *int
		run   func(context.Context, *int) error
	}{{&sum.Entries, p.entries}, {&sum.Items, p.items}, {&sum.Uploads, p.uploads}} {
		if err = kind.run(ctx, kind.count); err != nil {
			break
		}
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("forget what is old: %w", err)
	}
	return sum, err
}

var errEnough = errors.New("as much as was asked for is gone")

type pruning struct {
	*Ledger
	before int64
	most   int
	pause  time.Duration
	gone   int
}

// done counts rows that went, and waits.
func (p *pruning) done(ctx context.Context, n int, count *int) error {
	*count += n
	p.gone += n
	if p.most > 0 && p.gone >= p.most {
		return errEnough
	}
	if n == 0 {
		return nil
	}
	timer := time.NewTimer(p.pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// oldEntriesQuery leaves the newest entry, so that numbers are never given twice: a pass
// reports what came after the newest it saw.
const oldEntriesQuery = "SELECT id FROM history WHERE id > ? AND at < ? AND id < (SELECT max(id) FROM history) ORDER BY id LIMIT ?"

func (p *pruning) entries(ctx context.Context, count *int) error {
	for after := int64(0); ; {
		ids, err := p.ids(ctx, oldEntriesQuery, after, p.before, pruneBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		last := ids[len(ids)-1]
		n, err := p.delete(ctx, "DELETE FROM history WHERE id BETWEEN ? AND ? AND at < ?", ids[0], last, p.before)
		if err != nil {
			return err
		}
		if err := p.done(ctx, n, count); err != nil {
			return err
		}
		after = last
	}
}

// prunable holds for an item i that may go.
const (
	endedItem = "i.updated_at < ? AND i.asset = '' AND i.owner = ''"
	prunable  = endedItem + ` AND (i.state = 'gone' OR i.state IN ('superseded', 'failed', 'held', 'ignored')
		AND NOT EXISTS (SELECT 1 FROM files f WHERE f.item = i.id))`
	// In the order of the numbers, page by page: an index by state would have all sorted for each page.
	oldItemsQuery = "SELECT i.id FROM items i NOT INDEXED WHERE i.id > ? AND " + prunable + " ORDER BY i.id LIMIT ?"
	mayGoQuery    = "SELECT EXISTS (SELECT 1 FROM items i WHERE i.id = ? AND " + prunable + ")"
)

// dropItemQueries delete an item and what hangs on it, in the order that references
// allow.
var dropItemQueries = [...]string{
	"DELETE FROM files WHERE item = ?",
	dropPartsQuery,
	"UPDATE items SET upload = NULL WHERE id = ?",
	"DELETE FROM uploads WHERE item = ?",
	"UPDATE contents SET item = NULL WHERE item = ?",
	"DELETE FROM items WHERE id = ?",
}

func (p *pruning) items(ctx context.Context, count *int) error {
	for after := int64(0); ; {
		ids, err := p.ids(ctx, oldItemsQuery, after, p.before, pruneBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		n := 0
		err = p.write.do(ctx, func(tx *sql.Tx) error {
			n = 0
			for _, id := range ids {
				var may bool // it may have come to life since it was read
				if err := tx.QueryRow(mayGoQuery, id, p.before).Scan(&may); err != nil || !may {
					if err != nil {
						return err
					}
					continue
				}
				for _, q := range dropItemQueries {
					if _, err := tx.Exec(q, id); err != nil {
						return err
					}
				}
				n++
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := p.done(ctx, n, count); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

var (
	// An upload is needed by the item that holds it, and by one that is on its way.
	needless = `u.created_at < ? AND NOT EXISTS (SELECT 1 FROM items i WHERE i.upload = u.id)
		AND EXISTS (SELECT 1 FROM items i WHERE i.id = u.item AND i.updated_at < ? AND NOT ` + active("i.state") + ")"
	oldUploadsQuery = "SELECT u.id FROM uploads u WHERE u.id > ? AND " + needless + " ORDER BY u.id LIMIT ?"
)

func (p *pruning) uploads(ctx context.Context, count *int) error {
	for after := int64(0); ; {
		ids, err := p.ids(ctx, oldUploadsQuery, after, p.before, p.before, pruneBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		last := ids[len(ids)-1]
		n := 0
		err = p.write.do(ctx, func(tx *sql.Tx) error {
			n = 0
			for _, id := range ids {
				if _, err := tx.Exec("DELETE FROM parts WHERE upload = ?", id); err != nil {
					return err
				}
				res, err := tx.Exec("DELETE FROM uploads AS u WHERE u.id = ? AND "+needless, id, p.before, p.before)
				if err != nil {
					return err
				}
				gone, err := res.RowsAffected()
				if err != nil {
					return err
				}
				n += int(gone)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := p.done(ctx, n, count); err != nil {
			return err
		}
		after = last
	}
}

func (p *pruning) ids(ctx context.Context, query string, args ...any) (ids []int64, err error) {
	return idsOf(p.read.QueryContext(ctx, query, args...))
}

func (p *pruning) delete(ctx context.Context, query string, args ...any) (n int, err error) {
	err = p.write.do(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		gone, err := res.RowsAffected()
		n = int(gone)
		return err
	})
	return n, err
}
