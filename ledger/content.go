package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"scenario-drop/drop"
)

// Content names bytes under one scope and kind.
type Content struct {
	Scope  string // which API host and project
	Kind   string
	Size   int64
	Sample []byte // digest of size, head and tail: different samples, different bytes
	SHA256 []byte // nil while unknown
}

const (
	knownContentQuery = "SELECT EXISTS (SELECT 1 FROM contents WHERE size = ? AND sample = ? AND scope = ? AND kind = ? AND (asset <> '' OR item <> ?))"
	sameSampleQuery   = `SELECT id FROM items WHERE size = ? AND sample = ? AND scope = ? AND kind = ? AND id <> ? AND sha256 IS NULL
		AND (state = 'uploading' OR state = 'preparing') LIMIT 1`
)

// Announce writes down what a claimed item is, before its bytes are hashed, and
// reports whether its content may be a duplicate: known is true if a content with this
// size and sample exists; duplicate is the item, if any, that is being sent with this size
// and sample while its hash is unknown yet. Of two items announced at once, exactly
// one sees the other.
//
// Content that is hashed before it is sent needs no announcement.
func (l *Ledger) Announce(ctx context.Context, it Item, owner string, c Content) (known bool, duplicate int64, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRow(knownContentQuery, c.Size, c.Sample, c.Scope, c.Kind, it.ID).Scan(&known)
		if err != nil {
			return err
		}
		err = tx.QueryRow(sameSampleQuery, c.Size, c.Sample, c.Scope, c.Kind, it.ID).Scan(&duplicate)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		m := move{item: it.ID, from: drop.Preparing, to: drop.Preparing, owner: owner,
			set:  []string{"scope = ?", "kind = ?", "sample = ?", "sha256 = NULL", "content = NULL"},
			args: []any{c.Scope, c.Kind, c.Sample}}
		return m.apply(tx, l.stamp())
	})
	if err != nil {
		return false, 0, fmt.Errorf("announce %q: %w", it.Path, err)
	}
	return known, duplicate, nil
}

// Claimant is who may make an asset of a content.
type Claimant struct {
	Asset string // the asset exists already
	Other int64  // another item is making it
}

// Mine reports that the item which asked is entitled.
func (c Claimant) Mine() bool { return c.Asset == "" && c.Other == 0 }

// ClaimContent writes down an item's hash and claims its content for it, unless the
// content is an asset or claimed by another item already. Items that waited for this
// one's hash are let on.
func (l *Ledger) ClaimContent(ctx context.Context, it Item, owner string, c Content) (who Claimant, err error) {
	err = l.write.do(ctx, func(tx *sql.Tx) error {
		now := l.stamp()
		var id int64
		if id, who, err = takeContent(tx, now, it.ID, c); err != nil {
			return err
		}
		m := move{item: it.ID, from: it.State, to: it.State, owner: owner,
			set:  []string{"scope = ?", "kind = ?", "sample = ?", "sha256 = ?", "content = ?"},
			args: []any{c.Scope, c.Kind, c.Sample, c.SHA256, id}}
		return m.apply(tx, now)
	})
	if err != nil {
		return who, fmt.Errorf("claim the content of %q: %w", it.Path, err)
	}
	return who, nil
}

const (
	claimContentQuery = `INSERT INTO contents (scope, kind, sha256, size, sample, item, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (scope, kind, sha256) DO UPDATE SET item = excluded.item, created_at = excluded.created_at WHERE asset = '' AND item IS NULL
		RETURNING id`
	claimantQuery = "SELECT id, item, asset FROM contents WHERE scope = ? AND kind = ? AND sha256 = ?"
)

// takeContent is ClaimContent without what it writes down of the item.
func takeContent(tx *sql.Tx, now, item int64, c Content) (id int64, who Claimant, err error) {
	err = tx.QueryRow(claimContentQuery, c.Scope, c.Kind, c.SHA256, c.Size, c.Sample, item, now).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) { // it is an asset, or claimed
		var claimed sql.NullInt64
		err = tx.QueryRow(claimantQuery, c.Scope, c.Kind, c.SHA256).Scan(&id, &claimed, &who.Asset)
		if who.Asset == "" && claimed.Int64 != item {
			who.Other = claimed.Int64
		}
	}
	if err == nil {
		_, err = tx.Exec(wakeQuery, item)
	}
	return id, who, err
}

// ContentFree reports whether a content is neither an asset nor claimed by any item, as far
// as is durable by now. Whoever means to make an asset of it still has to claim it.
func (l *Ledger) ContentFree(ctx context.Context, c Content) (bool, error) {
	var taken bool
	err := l.one(ctx, "SELECT EXISTS (SELECT 1 FROM contents WHERE scope = ? AND kind = ? AND sha256 = ? AND (asset <> '' OR item IS NOT NULL))",
		c.Scope, c.Kind, c.SHA256).Scan(&taken)
	if err != nil {
		return false, fmt.Errorf("look for a content: %w", err)
	}
	return !taken, nil
}

// WaitFor puts a claimed item back until another one with the same bytes has got
// further, or until the time given. What it waits for is the other's asset if its own
// hash is known, and the other's hash if not; when that came, or was given up, a moment
// ago, there is nothing to wait for.
func (l *Ledger) WaitFor(ctx context.Context, it Item, owner string, other int64, until time.Time) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		var toCome bool
		err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM items o JOIN items i ON i.id = ? WHERE o.id = ?
			AND (o.state IN ('preparing', 'uploading', 'completing', 'importing') AND (o.sha256 IS NULL OR i.sha256 IS NOT NULL)
				OR i.sha256 IS NOT NULL AND EXISTS (SELECT 1 FROM contents c WHERE c.item = o.id AND c.asset = '' AND c.id = i.content)))`, it.ID, other).Scan(&toCome)
		if err != nil {
			return fmt.Errorf("wait for item %d: %w", other, err)
		}
		if !toCome {
			until = time.Time{}
		}
		m := move{item: it.ID, from: it.State, to: drop.Queued, owner: owner, release: true,
			why: drop.ReasonDuplicateInFlight.With(drop.TextDuplicateInFlight.With()),
			set: []string{"waits_for = ?", "not_before = ?"}, args: []any{other, millis(until)}}
		return m.apply(tx, l.stamp())
	})
}

// Duplicate moves a claimed item on to Linking: its content is an asset already.
func (l *Ledger) Duplicate(ctx context.Context, it Item, owner, asset string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		m := move{item: it.ID, from: it.State, to: drop.Linking, owner: owner, set: []string{"asset = ?", "upload = NULL", "attempts = 0"}, args: []any{asset}}
		if err := m.apply(tx, l.stamp()); err != nil {
			return err
		}
		return dropClaims(tx, it.ID)
	})
}

const (
	// A content without an asset, which another item may be about to complete, is left alone.
	forgetAssetQuery       = "UPDATE contents SET asset = '', item = NULL, linked_existing = 0 WHERE scope = (SELECT scope FROM items WHERE id = ?) AND asset = ? AND asset <> ''"
	forgetMembershipsQuery = "DELETE FROM memberships WHERE scope = (SELECT scope FROM items WHERE id = ?) AND asset = ?"
	forgetTagsQuery        = "DELETE FROM tags WHERE scope = (SELECT scope FROM items WHERE id = ?) AND asset = ?"
)

// AssetGone records that the item's asset is no longer at Scenario: its content is new
// again, and the item that found out starts over.
func (l *Ledger) AssetGone(ctx context.Context, it Item, owner string) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		now := l.stamp()
		for _, q := range []string{forgetAssetQuery, forgetMembershipsQuery, forgetTagsQuery} {
			if _, err := tx.Exec(q, it.ID, it.Asset); err != nil {
				return fmt.Errorf("forget asset %s: %w", it.Asset, err)
			}
		}
		m := move{item: it.ID, from: it.State, to: drop.Queued, owner: owner, release: true,
			why: drop.ReasonAssetGone.With(drop.TextAssetGone.With()),
			set: []string{"asset = ''", "content = NULL", "sha256 = NULL", "not_before = 0", "answer = ?"}, args: []any{Send}}
		return m.apply(tx, now)
	})
}
