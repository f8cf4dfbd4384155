package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// AssetHash returns the SHA-256 of an asset's original bytes, if they were fetched to be
// compared; else nil.
func (l *Ledger) AssetHash(ctx context.Context, scope, asset string) (sum []byte, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT sha256 FROM asset_hashes WHERE scope = ? AND asset = ?", scope, asset).Scan(&sum)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("look up the content of the asset %s: %w", asset, err)
	}
	return sum, nil
}

// SetAssetHash keeps the SHA-256 of an asset's original bytes.
func (l *Ledger) SetAssetHash(ctx context.Context, scope, asset string, size int64, sum []byte) error {
	return l.exec(ctx, "keep the content of the asset "+asset,
		"INSERT INTO asset_hashes (scope, asset, size, sha256) VALUES (?, ?, ?, ?) ON CONFLICT (scope, asset) DO UPDATE SET size = excluded.size, sha256 = excluded.sha256",
		scope, asset, size, sum)
}

// AssetMatched records that an asset which Scenario held already is, byte for byte, the
// content that a claimed item is entitled to, and moves the item on to Linking. It is
// ErrAssetTaken when the asset is known to be another content.
func (l *Ledger) AssetMatched(ctx context.Context, it Item, owner, asset string) error {
	return l.assetFound(ctx, it, owner, asset, false)
}

// assetFound records that an asset that was there before is an item's content; linked
// tells that it is so by a person's word only.
func (l *Ledger) assetFound(ctx context.Context, it Item, owner, asset string, linked bool) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		var known bool
		if err := tx.QueryRow(knowsAssetQuery, asset, it.Scope).Scan(&known); err != nil {
			return fmt.Errorf("take the asset %s: %w", asset, err)
		}
		if known {
			return fmt.Errorf("take the asset %s: %w", asset, ErrAssetTaken)
		}
		return l.assetMade(tx, it, owner, asset, linked)
	})
}

// ReasonReconciling is the reason of queued items that wait until it is known what
// Scenario holds.

// reconcilingAt is the time that items which wait for that are put off to, in milliseconds:
// none of a clock's, so that it tells them from all others.
const reconcilingAt = 1 << 53

// UntilReconciled is when an item is due, for Release, that waits until it is known what
// Scenario holds. Reconciled makes it due.
func UntilReconciled() time.Time { return time.UnixMilli(reconcilingAt) }

// WaitsToReconcile reports whether the item waits until it is known what Scenario holds.
func (it Item) WaitsToReconcile() bool { return it.NotBefore.Equal(UntilReconciled()) }

const reconcilingQuery = `SELECT id FROM items INDEXED BY items_work
	WHERE work = ? AND owner = '' AND root = ? AND not_before = ? AND id > ? ORDER BY id LIMIT ?`

// Reconciling returns items that wait until it is known what Scenario holds, from the one
// after a number on.
func (l *Ledger) Reconciling(ctx context.Context, after int64, limit int) ([]Item, error) {
	var ids []int64
	found, err := workQueues(ctx, l.read, anyWork)
	for _, h := range found {
		var some []int64
		if some, err = idsOf(l.read.QueryContext(ctx, reconcilingQuery, h.work, orEmpty(h.root), reconcilingAt, after, limit)); err != nil {
			break
		}
		ids = append(ids, some...)
	}
	var items []Item
	if err == nil {
		items, err = itemsByNumber(ctx, l.read, firstOf(ids, limit))
	}
	if err != nil {
		return nil, fmt.Errorf("read which files wait to be compared with Scenario: %w", err)
	}
	return items, nil
}

// Reconciled makes items due that waited until it is known what Scenario holds. Others are
// left alone.
func (l *Ledger) Reconciled(ctx context.Context, items []int64) error {
	return l.write.do(ctx, func(tx *sql.Tx) error {
		for _, id := range items {
			_, err := tx.Exec("UPDATE items SET not_before = 0, reason = '', hold = '', detail = '', updated_at = ? WHERE id = ? AND not_before = ?", l.stamp(), id, reconcilingAt)
			if err != nil {
				return fmt.Errorf("let item %d on: %w", id, err)
			}
		}
		return nil
	})
}
