package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// CollectionID returns the id remembered for a collection's name; ok is false when
// none is.
func (l *Ledger) CollectionID(ctx context.Context, scope, name string) (id string, ok bool, err error) {
	err = l.one(ctx, "SELECT id FROM collections WHERE scope = ? AND name = ?", scope, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read collection %q: %w", name, err)
	}
	return id, true, nil
}

// RememberCollections remembers the ids of collections by name, in place of those
// remembered before for these names.
func (l *Ledger) RememberCollections(ctx context.Context, scope string, ids map[string]string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for name, id := range ids {
			_, err := tx.Exec(rememberCollectionQuery, scope, name, id)
			if err != nil {
				return fmt.Errorf("remember collection %q: %w", name, err)
			}
		}
		return nil
	})
}

const rememberCollectionQuery = "INSERT INTO collections (scope, name, id) VALUES (?, ?, ?) ON CONFLICT (scope, name) DO UPDATE SET id = excluded.id"

// ForgetCollection forgets a collection's id wherever it stands: Scenario does not
// know it any more.
func (l *Ledger) ForgetCollection(ctx context.Context, scope, id string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{
			"DELETE FROM collections WHERE scope = ? AND id = ?",
			"DELETE FROM memberships WHERE scope = ? AND collection = ?",
		} {
			if _, err := tx.Exec(q, scope, id); err != nil {
				return fmt.Errorf("forget collection %s: %w", id, err)
			}
		}
		return nil
	})
}

// WantMembership writes down that an asset is to be in collections, before it is asked
// for, and returns those it is not known to have joined.
func (l *Ledger) WantMembership(ctx context.Context, scope, asset string, collections []string) (missing []string, err error) {
	return l.want(ctx, wantedMembership, scope, asset, collections)
}

// wanted is what assets are to have, and how a table says what they have.
type wanted struct{ what, insert, since string }

var (
	wantedMembership = wanted{"collections", "INSERT INTO memberships (scope, asset, collection) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		"SELECT joined_at FROM memberships WHERE scope = ? AND asset = ? AND collection = ?"}
	wantedTags = wanted{"tags", "INSERT INTO tags (scope, asset, tag) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		"SELECT set_at FROM tags WHERE scope = ? AND asset = ? AND tag = ?"}
)

// want writes down that an asset is to have all of them, and returns those it is not known to have.
func (l *Ledger) want(ctx context.Context, w wanted, scope, asset string, all []string) (missing []string, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		missing = nil
		for _, one := range all {
			if _, err := tx.Exec(w.insert, scope, asset, one); err != nil {
				return err
			}
			var at int64
			if err := tx.QueryRow(w.since, scope, asset, one).Scan(&at); err != nil {
				return err
			}
			if at == 0 {
				missing = append(missing, one)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("record wanted %s of %s: %w", w.what, asset, err)
	}
	return missing, nil
}

// Joined records that an asset is in a collection.
func (l *Ledger) Joined(ctx context.Context, scope, asset, collection string) error {
	return l.exec(ctx, "record membership", joinedQuery, scope, asset, collection, l.stamp())
}

const joinedQuery = `INSERT INTO memberships (scope, asset, collection, joined_at) VALUES (?, ?, ?, ?)
	ON CONFLICT (scope, asset, collection) DO UPDATE SET joined_at = excluded.joined_at`
