package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// FindByName returns the newest items of the files that have this base name, wherever they
// are, up to limit, and how many there are. Case does not count, nor how accents are
// composed. It reads the names of all files known, which takes a moment with very many; an
// index would cost each file that is taken more than whoever asks by name now and then.
func (l *Ledger) FindByName(ctx context.Context, name string, limit int) (items []Item, count int, err error) {
	fail := func(err error) ([]Item, int, error) {
		return nil, 0, fmt.Errorf("look up the name %q: %w", name, err)
	}
	want := foldName(name)
	query, args := "SELECT name, item FROM files", []any{}
	if ascii(want) {
		// SQLite's lower is about ASCII alone. Names that need more have another length.
		query, args = query+" WHERE lower(CAST(name AS TEXT)) = ?", append(args, want)
	}
	rows, err := l.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var raw sql.RawBytes
		var id int64
		if err := rows.Scan(&raw, &id); err != nil {
			return fail(err)
		}
		if foldName(string(raw)) != want {
			continue
		}
		if count++; len(ids) < limit {
			ids = append(ids, id)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fail(err)
	}
	if items, err = itemsByNumber(ctx, l.read, ids); err != nil {
		return fail(err)
	}
	return items, count, nil
}

// foldName makes names comparable that people take for the same: without regard to case,
// and composed, since macOS hands out accents decomposed.
func foldName(name string) string { return strings.ToLower(norm.NFC.String(name)) }

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
