package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"time"

	"scenario-drop/drop"
)

// Counts returns how many items stand in each state: every version of every file ever
// taken, those that a newer one replaced included.
func (l *Ledger) Counts(ctx context.Context) (map[drop.State]int, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT state, count(*) FROM items GROUP BY state")
	if err != nil {
		return nil, fmt.Errorf("count items: %w", err)
	}
	defer rows.Close()
	counts := map[drop.State]int{}
	for rows.Next() {
		var s drop.State
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, fmt.Errorf("count items: %w", err)
		}
		counts[s] = n
	}
	return counts, rows.Err()
}

const findQuery = "SELECT " + itemColumns + itemTables + "WHERE i.dir = ? AND i.name = ? ORDER BY i.id DESC LIMIT 1"

// Find returns the newest item of a path; ErrNotFound if the path is unknown.
func (l *Ledger) Find(ctx context.Context, path string) (Item, error) {
	dir, name := split(path)
	it, err := scanItem(l.read.QueryRowContext(ctx, findQuery, dir, name))
	if errors.Is(err, sql.ErrNoRows) {
		return it, ErrNotFound
	}
	if err != nil {
		return it, fmt.Errorf("look up %q: %w", path, err)
	}
	return it, nil
}

// one reads a row that an index finds. That ends by itself, sooner than database/sql and the
// driver have started the goroutines that watch a ctx which may end.
func (l *Ledger) one(ctx context.Context, query string, args ...any) *sql.Row {
	return l.read.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// PreviousAsset returns the asset that came of the version of the same path before
// this item, under the same scope; "" when there is none.
func (l *Ledger) PreviousAsset(ctx context.Context, it Item, scope string) (asset string, err error) {
	dir, name := split(it.Path)
	err = l.one(ctx, "SELECT asset FROM items WHERE dir = ? AND name = ? AND id < ? AND asset <> '' AND scope = ? ORDER BY id DESC LIMIT 1",
		dir, name, it.ID, scope).Scan(&asset)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("look up the version before %q: %w", it.Path, err)
	}
	return asset, nil
}

// Recent returns the newest items, most recently moved first, in any of the states
// given, or in all when none is. Files that were there before and are not sent are not among them.
func (l *Ledger) Recent(ctx context.Context, limit int, states ...drop.State) ([]Item, error) {
	if len(states) == 0 {
		states = drop.States()
	}
	query, args := recentQuery(limit, states)
	items, err := scanItems(l.read.QueryContext(ctx, query, args...))
	if err != nil {
		return nil, fmt.Errorf("read recent items: %w", err)
	}
	return items, nil
}

// Troubled returns the newest items that somebody may have to see to: those that failed or
// are held, and those that are imported, but with what comes after that unfinished.
func (l *Ledger) Troubled(ctx context.Context, limit int) ([]Item, error) {
	query, args := recentQuery(limit, []drop.State{drop.Failed, drop.Held, drop.Linking, drop.CleaningUp})
	items, err := scanItems(l.read.QueryContext(ctx, strings.ReplaceAll(query, "WHERE state = ?", "WHERE state = ? AND (state <> 'linking' AND state <> 'cleaning_up' OR attempts > 0)"), args...))
	if err != nil {
		return nil, fmt.Errorf("read the items in trouble: %w", err)
	}
	return items, nil
}

const countUnfinishedQuery = "SELECT (SELECT count(*) FROM items WHERE state = 'linking' AND attempts > 0) + (SELECT count(*) FROM items WHERE state = 'cleaning_up' AND attempts > 0)"

// CountUnfinished returns how many items are imported, but failed in what comes after that.
func (l *Ledger) CountUnfinished(ctx context.Context) (n int, err error) {
	if err := l.read.QueryRowContext(ctx, countUnfinishedQuery).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the files with something left to do: %w", err)
	}
	return n, nil
}

// recentQuery takes the newest of each state from the index and sorts those few, so
// that its cost does not grow with the ledger.
func recentQuery(limit int, states []drop.State) (query string, args []any) {
	var newest []string
	for _, s := range states {
		newest = append(newest, "SELECT * FROM (SELECT id FROM items WHERE state = ? ORDER BY updated_at DESC, id DESC LIMIT ?)")
		args = append(args, s, limit)
	}
	query = "SELECT " + itemColumns + itemTables + "WHERE i.id IN (" + strings.Join(newest, " UNION ALL ") + ") AND NOT (i.state = 'ignored' AND i.hold = 'existing') ORDER BY i.updated_at DESC, i.id DESC LIMIT ?"
	return query, append(args, limit)
}

// Event is a line of an item's history.
type Event struct {
	At     time.Time
	State  drop.State
	Reason drop.Reason
	Detail drop.Detail
}

// Events returns what happened to an item, oldest first.
func (l *Ledger) Events(ctx context.Context, item int64) ([]Event, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT at, state, reason, detail FROM history WHERE item = ? ORDER BY id", item)
	if err != nil {
		return nil, fmt.Errorf("read history of item %d: %w", item, err)
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&at, &e.State, &e.Reason, &e.Detail); err != nil {
			return nil, fmt.Errorf("read history of item %d: %w", item, err)
		}
		e.At = time.UnixMilli(at)
		events = append(events, e)
	}
	return events, rows.Err()
}

const newestQuery = "SELECT " + itemColumns + ` FROM files f JOIN items i ON i.id = f.item LEFT JOIN uploads u ON u.id = i.upload
	WHERE (f.dir, f.name) > (?, ?) ORDER BY f.dir, f.name LIMIT 500`

// Newest yields, path by path, the newest item of every file known, with bounded
// memory whatever their number.
func (l *Ledger) Newest(ctx context.Context) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		var dir, name []byte
		for {
			page, err := scanItems(l.read.QueryContext(ctx, newestQuery, orEmpty(dir), orEmpty(name)))
			if err != nil {
				yield(Item{}, fmt.Errorf("read the files known: %w", err))
				return
			}
			for _, it := range page {
				if !yield(it, nil) {
					return
				}
			}
			if len(page) == 0 {
				return
			}
			dir, name = split(page[len(page)-1].Path)
		}
	}
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Memberships returns the collections an asset is known to have joined.
func (l *Ledger) Memberships(ctx context.Context, scope, asset string) ([]string, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT collection FROM memberships WHERE scope = ? AND asset = ? AND joined_at > 0 ORDER BY collection", scope, asset)
	if err != nil {
		return nil, fmt.Errorf("read collections of %s: %w", asset, err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read collections of %s: %w", asset, err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Get returns a remembered setting of the program itself; "" when there is none.
func (l *Ledger) Get(ctx context.Context, key string) (value string, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return value, nil
}

// Set remembers a setting of the program itself.
func (l *Ledger) Set(ctx context.Context, key, value string) error {
	return l.exec(ctx, "remember "+key, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}

// Path returns where the ledger's file is.
func (l *Ledger) Path() string { return filepath.Clean(l.path) }

// Ended yields the items that came to rest after the history's entry number after,
// with the number of the entry, in order. LastEntry gives the number to begin with.
func (l *Ledger) Ended(ctx context.Context, after int64, limit int) (items []Item, last int64, err error) {
	last = after
	err = l.read.QueryRowContext(ctx, "SELECT coalesce(max(id), ?) FROM (SELECT id FROM history WHERE id > ? ORDER BY id LIMIT ?)", after, after, limit).Scan(&last)
	if err == nil && last > after {
		items, err = scanItems(l.read.QueryContext(ctx, "SELECT "+itemColumns+" FROM history h JOIN items i ON i.id = h.item LEFT JOIN uploads u ON u.id = i.upload WHERE h.id > ? AND h.id <= ? ORDER BY h.id", after, last))
	}
	if err != nil {
		return nil, after, fmt.Errorf("read history: %w", err)
	}
	return items, last, nil
}

// LastEntry returns the number of the history's newest entry.
func (l *Ledger) LastEntry(ctx context.Context) (id int64, err error) {
	if err = l.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM history").Scan(&id); err != nil {
		return 0, fmt.Errorf("read history: %w", err)
	}
	return id, nil
}

// Outstanding counts the items on their way: those that move, and those that were put
// off at least tries times because of themselves, or once because Scenario does not allow
// what is next, and wait for a time still to come; and those that wait for their folder's
// settings, of which no file is sent in the folders named. What comes after the import
// counts among the stuck once it failed: the asset is there.
func (l *Ledger) Outstanding(ctx context.Context, tries int, waiting []string) (moving, stuck, folder int, err error) {
	now := l.stamp()
	args := []any{now, tries, now}
	inFolder := "0"
	if len(waiting) > 0 {
		inFolder = "root IN (?" + strings.Repeat(", ?", len(waiting)-1) + ") AND " + oneOf("state", drop.Queued, drop.Uploading, drop.CleaningUp) + " AND owner = ''"
		for _, root := range waiting {
			args = append(args, []byte(root))
		}
	}
	err = l.read.QueryRowContext(ctx, `SELECT
		coalesce(sum(NOT stuck AND NOT folder), 0), coalesce(sum(stuck AND NOT folder), 0), coalesce(sum(folder), 0)
		FROM (SELECT not_before > ? AND (hold = 'permission' OR state <> 'importing'
					AND attempts >= CASE WHEN state = 'linking' OR state = 'cleaning_up' THEN 1 ELSE ? END) AS stuck,
				not_before > ? AND hold = 'folder' OR `+inFolder+` AS folder
			FROM items WHERE state = 'importing' OR `+claimable("state")+")", args...).Scan(&moving, &stuck, &folder)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count what is being uploaded: %w", err)
	}
	return moving, stuck, folder, nil
}
