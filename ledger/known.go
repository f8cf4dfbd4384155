package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"scenario-drop/file"
)

const (
	// The trigger known_item_moved repeats what it says of items.
	knownQuery = `SELECT f.name, f.size, f.mtime, f.ctime FROM files f JOIN items i ON i.id = f.item
	WHERE f.dir = ? AND (i.state NOT IN ('held', 'gone', 'superseded') OR ` + needsDecision + `) AND (i.state <> 'ignored' OR i.hold = 'change' OR i.hold = 'existing')`

	keptQuery = "SELECT files FROM known WHERE dir = ? AND made = 2"
)

// Known returns the versions of the files in dir that need no further check, by base
// name. Left out are files that are held, which may have become whole meanwhile (but for those
// that wait for the user's word); those
// a rule ignores, since rules change (but for those that were there before and are not sent); and those that were gone, or another version,
// when they were to be sent: as they are in dir again, they have yet to be. It is quick
// where KeepKnown came by since the answer changed last.
func (l *Ledger) Known(ctx context.Context, dir string) (map[string]file.Fingerprint, error) {
	known, err := l.kept(ctx, dir)
	if err == nil && known == nil {
		known, err = l.known(ctx, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read the files known in %s: %w", dir, err)
	}
	return known, nil
}

// kept returns the answer that was made ready; nil if there is none.
func (l *Ledger) kept(ctx context.Context, dir string) (known map[string]file.Fingerprint, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Reading one row ends by itself, sooner than a goroutine that watches ctx is started.
	rows, err := l.read.QueryContext(context.WithoutCancel(ctx), keptQuery, []byte(dir))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var packed sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&packed); err != nil {
			return nil, err
		}
		known, _ = unpackFiles(packed)
	}
	return known, rows.Err()
}

// known finds the answer row by row.
func (l *Ledger) known(ctx context.Context, dir string) (map[string]file.Fingerprint, error) {
	known := map[string]file.Fingerprint{}
	err := l.eachKnown(ctx, []byte(dir), func(name []byte, fp file.Fingerprint) bool {
		known[string(name)] = fp
		return true
	})
	return known, err
}

// eachKnown calls do for each file of the answer, until it returns false. The name is do's
// for that call alone.
func (l *Ledger) eachKnown(ctx context.Context, dir []byte, do func(name []byte, fp file.Fingerprint) bool) error {
	rows, err := l.read.QueryContext(ctx, knownQuery, dir)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name sql.RawBytes
		var fp file.Fingerprint
		if err := rows.Scan(&name, &fp.Size, &fp.ModTime, &fp.ChangeTime); err != nil {
			return err
		}
		if !do(name, fp) {
			return nil
		}
	}
	return rows.Err()
}
