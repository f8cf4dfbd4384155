package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"scenario-drop/drop"
)

// Asks reports whether the item waits for the user's word.
func (it Item) Asks() bool { return it.State == drop.Held && it.Hold.asks() }

// needsDecision holds for an item i that waits for the user's word, as the index has it.
const needsDecision = "i.state = 'held' AND i.hold IN ('decision', 'reconcile')"

const countDecisionsQuery = "SELECT count(*) FROM items i INDEXED BY items_asking WHERE " + needsDecision

// Answer is what the user said of an item that may have been sent before.
type Answer string

// The answers.
const (
	NoAnswer     Answer = ""
	Send         Answer = "send"          // send it, whatever Scenario holds
	LinkExisting Answer = "link_existing" // take it as what Scenario holds; nothing is sent
)

// CountDecisions returns how many items wait for the user's word.
func (l *Ledger) CountDecisions(ctx context.Context) (n int, err error) {
	if err := l.read.QueryRowContext(ctx, countDecisionsQuery).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the files that wait for an answer: %w", err)
	}
	return n, nil
}

// NeedsDecision holds a claimed item until the user says what it is: Scenario may hold it
// as one of the candidates (newest first), or, with none, that cannot be found out.
func (l *Ledger) NeedsDecision(ctx context.Context, it Item, owner string, candidates []string, detail drop.Detail) error {
	reason := drop.ReasonPossibleDuplicate
	if len(candidates) == 0 {
		reason = drop.ReasonCannotReconcile
	}
	return l.apply(ctx, move{item: it.ID, from: it.State, to: drop.Held, owner: owner, release: true, why: reason.With(detail),
		set: []string{"answer = ''", "candidates = ?", "scope = ?", "kind = ?"}, args: []any{strings.Join(candidates, "\n"), it.Scope, it.Kind}})
}

// LinkedExisting is the outcome of Ledger.LinkExisting.
type LinkedExisting struct {
	Queued  int // taken as what Scenario holds, as soon as their bytes are read
	Unknown int // nothing is known that they could be taken as
}

const (
	decisionsQuery      = "SELECT " + itemColumns + " FROM items i INDEXED BY items_asking LEFT JOIN uploads u ON u.id = i.upload WHERE " + needsDecision + " AND i.id > ? ORDER BY i.id LIMIT ?"
	decisionOfPathQuery = "SELECT " + itemColumns + " FROM items i INDEXED BY items_by_path LEFT JOIN uploads u ON u.id = i.upload WHERE " + needsDecision + retryOfPath
)

// LinkExisting has the items that may have been sent before, of the paths given or (with none)
// of all, taken as what Scenario holds. For all of them it is AskLinkExisting and DoAsked.
func (l *Ledger) LinkExisting(ctx context.Context, paths []string) (sum LinkedExisting, err error) {
	if len(paths) == 0 {
		if sum, err = l.AskLinkExisting(ctx); err != nil || sum.Queued == 0 {
			return sum, err
		}
		return sum, l.DoAsked(ctx, nil)
	}
	for some := range slices.Chunk(paths, pathsAtOnce) {
		var batch LinkedExisting
		err = l.write.do(ctx, func(tx *sql.Tx) error {
			batch = LinkedExisting{}
			for _, p := range some {
				dir, name := split(p)
				items, err := scanItems(tx.Query(decisionOfPathQuery, dir, name))
				if err == nil {
					err = l.linkExisting(tx, items, &batch)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return sum, fmt.Errorf("link existing: %w", err)
		}
		sum.Queued += batch.Queued
		sum.Unknown += batch.Unknown
	}
	return sum, nil
}

func (l *Ledger) linkExisting(tx *sql.Tx, items []Item, sum *LinkedExisting) error {
	for _, it := range items {
		if len(it.Candidates) == 0 {
			sum.Unknown++
			continue
		}
		m := move{item: it.ID, from: drop.Held, to: drop.Queued, why: drop.ReasonLinkingExisting.With(drop.TextLinkingExisting.With()),
			set: []string{"answer = ?", "attempts = 0", "not_before = 0"}, args: []any{LinkExisting}}
		if err := m.apply(tx, l.stamp()); err != nil {
			return err
		}
		sum.Queued++
	}
	return nil
}

// release has the items of a path that wait for the user's word sent, and returns how
// many.
func (l *Ledger) release(tx *sql.Tx, path string) (n int, err error) {
	dir, name := split(path)
	items, err := scanItems(tx.Query(decisionOfPathQuery, dir, name))
	if err != nil {
		return 0, err
	}
	for _, it := range items {
		m := move{item: it.ID, from: drop.Held, to: drop.Queued, why: drop.ReasonAsked.With(drop.TextSentAsAsked.With()),
			set: []string{"answer = ?", "candidates = ''", "attempts = 0", "not_before = 0"}, args: []any{Send}}
		if err := m.apply(tx, l.stamp()); err != nil {
			return 0, err
		}
	}
	return len(items), nil
}

const knowsAssetQuery = "SELECT EXISTS (SELECT 1 FROM contents WHERE asset = ? AND asset <> '' AND scope = ?)"

// KnowsAsset reports whether the ledger knows of which content of the scope an asset is.
func (l *Ledger) KnowsAsset(ctx context.Context, scope, asset string) (known bool, err error) {
	if err := l.read.QueryRowContext(ctx, knowsAssetQuery, asset, scope).Scan(&known); err != nil {
		return false, fmt.Errorf("look up the asset %s: %w", asset, err)
	}
	return known, nil
}

// ErrAssetTaken means that an asset is another content already.
var ErrAssetTaken = errors.New("the asset is another content")

// AssetLinkedExisting records, on the user's word, that an asset is the content that a claimed
// item is entitled to, and moves the item on to Linking. It is ErrAssetTaken when the
// asset is known to be another content.
func (l *Ledger) AssetLinkedExisting(ctx context.Context, it Item, owner, asset string) error {
	return l.assetFound(ctx, it, owner, asset, true)
}

// IsLinkedExisting reports whether an item's asset is its content by the user's word only.
func (l *Ledger) IsLinkedExisting(ctx context.Context, it Item) (linked bool, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT c.linked_existing FROM contents c JOIN items i ON i.content = c.id WHERE i.id = ?", it.ID).Scan(&linked)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("look up how the asset of %q came about: %w", it.Path, err)
	}
	return linked, nil
}
