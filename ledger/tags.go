package ledger

import (
	"context"
	"database/sql"
	"fmt"
)

const tagSetQuery = `INSERT INTO tags (scope, asset, tag, set_at) VALUES (?, ?, ?, ?)
	ON CONFLICT (scope, asset, tag) DO UPDATE SET set_at = excluded.set_at`

// WantTags writes down that an asset is to have tags, before it is asked for, and returns those
// it is not known to have.
func (l *Ledger) WantTags(ctx context.Context, scope, asset string, tags []string) (missing []string, err error) {
	return l.want(ctx, wantedTags, scope, asset, tags)
}

// Tagged records that an asset has tags.
func (l *Ledger) Tagged(ctx context.Context, scope, asset string, tags []string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for _, t := range tags {
			if _, err := tx.Exec(tagSetQuery, scope, asset, t, l.stamp()); err != nil {
				return fmt.Errorf("record tags of %s: %w", asset, err)
			}
		}
		return nil
	})
}

// Tags returns the tags that were set at an asset.
func (l *Ledger) Tags(ctx context.Context, scope, asset string) (tags []string, err error) {
	rows, err := l.read.QueryContext(ctx, "SELECT tag FROM tags WHERE scope = ? AND asset = ? AND set_at > 0 ORDER BY tag", scope, asset)
	if err != nil {
		return nil, fmt.Errorf("read tags of %s: %w", asset, err)
	}
	defer rows.Close()
	for rows.Next() {
		var tag string
		if err := rows.Scan(&tag); err != nil {
			return nil, fmt.Errorf("read tags of %s: %w", asset, err)
		}
		tags = append(tags, tag)
	}
	return tags, rows.Err()
}
