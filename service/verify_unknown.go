package service

import (
	"context"
	"fmt"
	"time"

	"scenario-drop/ledger"
	"scenario-drop/uploader"
	"scenario-drop/watcher"
)

// doubtWhatIsUnknown prepares for comparing files that the ledger does not know with
// what Scenario lists.
func (v *verifier) doubtWhatIsUnknown(ctx context.Context) (err error) {
	if v.api == nil {
		return nil
	}
	v.sendRules = rules(v.config)
	v.doubt = ledger.Doubt{Before: time.Now()}
	known := func(context.Context, string) (bool, error) { return false, nil }
	if v.ledger != nil {
		if v.doubt, err = v.ledger.Doubt(ctx); err != nil {
			return err
		}
		known = func(ctx context.Context, asset string) (bool, error) { return v.ledger.KnowsAsset(ctx, v.scope, asset) }
	}
	v.recogniser = uploader.NewRecogniser(uploader.RecogniserOptions{API: v.api, Known: known, Lost: v.doubt.Lost, Now: time.Now,
		Ask: func(ctx context.Context, request func(context.Context) error) error {
			return patiently(ctx, v.api, func() error { return request(ctx) })
		}})
	return nil
}

// maybeSent returns how a file that the ledger does not know differs: as d says, unless
// Scenario seems to hold it already.
func (v *verifier) maybeSent(ctx context.Context, c watcher.Candidate, d Difference) Difference {
	v.mu.Lock()
	unlisted := v.unlisted
	v.mu.Unlock()
	rule := v.sendRules[c.Folder]
	if v.recogniser == nil || unlisted != nil || rule.Kind == "model" || !v.doubt.Covers(c.Fingerprint) {
		return d
	}
	like, err := v.recogniser.Look(ctx, rule, c.Path, c.Fingerprint.Size)
	switch {
	case err != nil:
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.unlisted == nil {
			v.unlisted = err
		}
	case len(like.Assets) > 0:
		return Difference{DiffMaybeSent, fmt.Sprintf("It is not in the ledger, but Scenario seems to hold it already as asset %s. The next run or once asks before it is sent.", like.Which())}
	case like.Asks(v.doubt.Lost):
		d.Sentence = "It is not in the ledger, and whether Scenario holds it already cannot be told. The next run or once asks before it is sent."
	}
	return d
}
