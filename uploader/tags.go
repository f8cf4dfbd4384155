package uploader

import (
	"context"
	"errors"

	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// tag sees to it that the item's asset has the tags of its rule. Those that are known to be set
// are not set again, except at an asset that was there before: somebody may have taken one away. A tag
// that the rule does not name any more stays. note says, for people, that no tags can be set.
func (w *worker) tag(ctx context.Context, duplicate bool) (note string, err error) {
	wanted := w.rule.Tags
	missing, err := w.Ledger.WantTags(ctx, w.it.Scope, w.it.Asset, wanted)
	if err != nil {
		return "", err
	}
	if duplicate {
		missing = wanted
	}
	if len(missing) == 0 {
		return "", nil
	}
	w.progress.doing(w.shown, "setting tags")
	err = w.ask(ctx, func(ctx context.Context) error {
		if w.it.Kind == "model" {
			return w.API.AddModelTags(ctx, w.it.Asset, missing)
		}
		return w.API.AddAssetTags(ctx, w.it.Asset, missing)
	})
	if scenario.ClassOf(err) == scenario.NotFound {
		_, there, merr := w.memberships(ctx)
		switch {
		case merr != nil || !there:
			return "", merr
		case w.it.Kind == "model": // the model is there, so the call is not
			w.Log.Warn("no tags can be set for models", logging.Failure("model-tags"), "item", w.it.ID, "path", w.it.Path, "why", err)
			return "Scenario takes no tags for models; it was imported without them.", nil
		}
	}
	if err != nil {
		return "", w.notTagged(ctx, err)
	}
	return "", w.Ledger.Tagged(ctx, w.it.Scope, w.it.Asset, missing)
}

// notTagged is the error of an asset that could not be given its tags for now, as notLinked.
func (w *worker) notTagged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := noLeave(err); ok || ledger.Unwritable(err) || !errors.As(err, new(*scenario.Error)) {
		return err
	}
	return &afterImportError{ledger.ReasonNotTagged, refusal(err), err}
}
