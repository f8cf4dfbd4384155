package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// An older ledger put back (from a copy, a backup of the disk, a snapshot of the machine) looks
// as sound as any, and knows less than was sent. Two things tell:
//
//   - The ledger and the state file beside it count generations: at each opening, each
//     closing and each backup the ledger first, then the state file. A ledger that is
//     behind the state file was put in the place of a newer one.
//   - Where both are old, nothing tells at once. So each opening writes down when the
//     ledger was last up to date, and until when files may have been sent by somebody else
//     since: the gap. Files from before the end of it are compared with the assets made
//     since its beginning, until all are dealt with.

// generation is what a ledger says of itself, as kept in its table meta.
type generation struct {
	Number int64 `json:"number"`
	At     int64 `json:"at"`     // when it began, Unix milliseconds
	Copied bool  `json:"copied"` // the latest backup has all changes before it
}

// gap is a time in which somebody else may have sent files.
type gap struct {
	Unreconciled
	Open bool `json:"open"` // not all files from before its end are dealt with
}

const (
	generationKey = "generation"
	gapKey        = "gap"
)

// Keys are looked up by state, as the index has it.
var lastWordQuery = func() string {
	q := "SELECT max(at) FROM (SELECT coalesce((SELECT at FROM history WHERE id = (SELECT max(id) FROM history)), 0) AS at"
	for _, s := range drop.States() {
		q += " UNION ALL SELECT coalesce((SELECT max(updated_at) FROM items WHERE state = '" + string(s) + "'), 0)"
	}
	return q + ")"
}()

// lastWord is when the ledger was last up to date, as far as it tells; the zero time if it
// does not.
func lastWord(tx *sql.Tx, g generation) (time.Time, error) {
	var at int64
	if err := tx.QueryRow(lastWordQuery).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("read when the local database was last written: %w", err)
	}
	return moment(max(at, g.At)), nil
}

func getJSON(tx *sql.Tx, key string, into any) error {
	var text string
	err := tx.QueryRow("SELECT value FROM meta WHERE key = ?", key).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), into)
	}
	if err != nil {
		return fmt.Errorf("read the local database's %s: %w", key, err)
	}
	return nil
}

func setJSON(tx *sql.Tx, key string, value any) error {
	text, err := json.Marshal(value)
	if err == nil {
		_, err = tx.Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, string(text))
	}
	if err != nil {
		return fmt.Errorf("write the local database's %s: %w", key, err)
	}
	return nil
}

// begin takes up a ledger that was just opened: it begins a generation and, unless the
// ledger was just made, a gap. last is what the state file said. If the ledger is behind
// that, it is known that a newer one is lost.
func (l *Ledger) begin(ctx context.Context, last state, made bool) error {
	var changes int64
	err := l.write.do(ctx, func(tx *sql.Tx) error {
		var g generation
		if err := getJSON(tx, generationKey, &g); err != nil {
			return err
		}
		if last.closed && g.Copied {
			l.copied.before = false
		}
		now := l.now()
		if !made {
			if err := openGap(tx, g, now); err != nil {
				return err
			}
		}
		if g.Number < last.generation {
			l.older = true
			if err := setJSON(tx, unreconciledKey, Unreconciled{Before: now, Lost: true}); err != nil {
				return err
			}
		}
		l.generation = max(g.Number, last.generation) + 1
		if err := setJSON(tx, generationKey, generation{Number: l.generation, At: millis(now)}); err != nil {
			return err
		}
		return tx.QueryRow("SELECT total_changes()").Scan(&changes)
	})
	if err != nil {
		return fmt.Errorf("take up the local database: %w", err)
	}
	l.copied.changes = changes
	return writeState(l.path, state{known: true, generation: l.generation})
}

// openGap writes down since when, and until now, others may have sent files. One that is open
// still, since the process ended before all files were dealt with, begins no later for it.
func openGap(tx *sql.Tx, g generation, now time.Time) error {
	since, err := lastWord(tx, g)
	if err != nil {
		return err
	}
	var before gap
	if err := getJSON(tx, gapKey, &before); err != nil {
		return err
	}
	if before.Open && before.Since.Before(since) {
		since = before.Since
	}
	return setJSON(tx, gapKey, gap{Unreconciled: Unreconciled{Since: since, Before: now}, Open: true})
}

// next begins the next generation, so that a copy of the ledger from before is known for one.
func (l *Ledger) next(ctx context.Context, copied bool) (changes int64, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		var before, after int64
		if err := tx.QueryRow("SELECT total_changes()").Scan(&before); err != nil {
			return err
		}
		if err := setJSON(tx, generationKey, generation{Number: l.generation + 1, At: l.stamp(), Copied: copied}); err != nil {
			return err
		}
		err := tx.QueryRow("SELECT total_changes()").Scan(&after)
		changes = after - before
		return err
	})
	if err == nil {
		l.generation++
	}
	return changes, err
}

// catchUp makes a restored ledger one of the generation of that which was lost, since it is
// known to be older already. When it was last up to date stays as it was.
func (l *Ledger) catchUp(ctx context.Context, number int64) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		var g generation
		if err := getJSON(tx, generationKey, &g); err != nil {
			return err
		}
		g.Number, g.Copied = max(g.Number, number), false
		return setJSON(tx, generationKey, g)
	})
}

// Older reports whether this ledger was put in the place of a newer one before it was
// opened. Its Unreconciled says so since.
func (l *Ledger) Older() bool { return l.older }

var unsettledQuery = "SELECT EXISTS (SELECT 1 FROM items i INDEXED BY items_by_state WHERE " + claimable("i.state") +
	" AND CASE WHEN i.ctime = 0 THEN i.mtime ELSE i.ctime END <= ?)"

// Settle ends the gap if no file from before its end is on its way any more, and reports
// whether it is at an end. Whoever calls it has checked all folders since the ledger
// was opened.
func (l *Ledger) Settle(ctx context.Context) (settled bool, err error) {
	g, err := l.gap(ctx)
	if err != nil {
		return false, err
	}
	if !g.Open {
		return true, nil
	}
	var waits bool
	if err := l.read.QueryRowContext(ctx, unsettledQuery, g.Before.UnixNano()).Scan(&waits); err != nil {
		return false, fmt.Errorf("look for files from before the start: %w", err)
	}
	if waits {
		return false, nil
	}
	g.Open = false
	err = l.write.do(ctx, func(tx *sql.Tx) error { return setJSON(tx, gapKey, g) })
	return err == nil, err
}

func (l *Ledger) gap(ctx context.Context) (g gap, err error) {
	text, err := l.Get(ctx, gapKey)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &g)
	}
	if err != nil {
		return gap{}, fmt.Errorf("read the local database's gap: %w", err)
	}
	return g, nil
}

// UnreconciledList are all that a ledger has.
type UnreconciledList []Unreconciled

// About returns what covers a version of a file: whatever any of them says.
func (all UnreconciledList) About(fp file.Fingerprint) (about Unreconciled, covered bool) {
	for _, d := range all {
		if !d.Covers(fp) {
			continue
		}
		if !covered || d.Since.Before(about.Since) {
			about.Since = d.Since
		}
		if d.Before.After(about.Before) {
			about.Before = d.Before
		}
		about.Lost = about.Lost || d.Lost
		covered = true
	}
	return about, covered
}

// UnreconciledList returns all of them: that of its beginning, or of a loss, and that of its
// gap.
func (l *Ledger) UnreconciledList(ctx context.Context) (UnreconciledList, error) {
	d, err := l.Unreconciled(ctx)
	if err != nil {
		return nil, err
	}
	g, err := l.gap(ctx)
	if err != nil {
		return nil, err
	}
	if g.Open {
		return UnreconciledList{d, g.Unreconciled}, nil
	}
	return UnreconciledList{d}, nil
}
