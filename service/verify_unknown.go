package service

import (
	"context"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/reconcile"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// reconcileWhatIsUnknown prepares for comparing files that the ledger does not know with
// what Scenario lists.
func (v *verifier) reconcileWhatIsUnknown(ctx context.Context) (err error) {
	if v.api == nil {
		return nil
	}
	v.sendRules = rules(v.config)
	v.unreconciled = ledger.UnreconciledList{{Before: time.Now()}}
	if v.ledger != nil {
		if v.unreconciled, err = v.ledger.UnreconciledList(ctx); err != nil {
			return err
		}
	}
	v.catalog = reconcile.New(reconcile.Options{API: v.api, Ledger: verifiedAssets{v}, Now: time.Now, Ask: v.guard.Do})
	return nil
}

// verifiedAssets is what the ledger, if there is one, knows of assets. Nothing is written.
type verifiedAssets struct{ v *verifier }

func (a verifiedAssets) Known(ctx context.Context, asset string) (bool, error) {
	if a.v.ledger == nil {
		return false, nil
	}
	return a.v.ledger.KnowsAsset(ctx, a.v.scope, asset)
}

func (verifiedAssets) Hash(context.Context, string) ([]byte, error)         { return nil, nil }
func (verifiedAssets) SetHash(context.Context, string, int64, []byte) error { return nil }

// possibleDuplicate returns how a file that the ledger does not know differs: as d says, unless
// Scenario seems to hold it already.
func (v *verifier) possibleDuplicate(ctx context.Context, c watcher.Candidate, d Difference) Difference {
	v.mu.Lock()
	unlisted := v.unlisted
	v.mu.Unlock()
	rule := v.sendRules[c.Folder]
	if v.catalog == nil || unlisted != nil || rule.Kind == "model" {
		return d
	}
	period, covered := v.unreconciled.About(c.Fingerprint)
	if !covered {
		return d
	}
	q := rule.Query(c.Path, c.Fingerprint.Size)
	q.Since, q.Lost = period.Since, period.Lost
	found, err := v.catalog.CheckNow(ctx, q)
	switch {
	case err != nil:
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.unlisted == nil {
			v.unlisted = err
		}
	case len(found.Unproven) > 0:
		return Difference{DiffPossibleDuplicate, status.Words(drop.TextNotInDatabase.With().And(found.Likeliest()).And(drop.TextComparedFirst.With()))}
	case found.Asks(period.Lost):
		d.Sentence = status.Words(drop.TextNotInDatabase.With().And(drop.TextAskedFirst.With()))
	}
	return d
}
