package uploader

import (
	"context"
	"errors"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// tag sees to it that the item's asset has the tags of its rule. Those that are known to be set
// are not set again, except at an asset that was there before: somebody may have taken one away. A tag
// that the rule does not name any more stays. note says, for people, that no tags can be set.
func (l *linker) tag(ctx context.Context, j *job, duplicate bool) (note drop.Detail, err error) {
	wanted := j.rule.Tags
	missing, err := l.ledger.WantTags(ctx, j.it.Scope, j.it.Asset, wanted)
	if err != nil {
		return "", err
	}
	if duplicate {
		missing = wanted
	}
	if len(missing) == 0 {
		return "", nil
	}
	l.progress.doing(j.shown, "setting tags")
	err = l.remote.ask(ctx, func(ctx context.Context) error {
		if j.it.Kind == "model" {
			return l.remote.client.AddModelTags(ctx, j.it.Asset, missing)
		}
		return l.remote.client.AddAssetTags(ctx, j.it.Asset, missing)
	})
	if guard.After(err) == guard.Gone {
		_, there, merr := l.memberships(ctx, j)
		switch {
		case merr != nil || !there:
			return "", merr
		case j.it.Kind == "model": // the model is there, so the call is not
			l.log.Warn("no tags can be set for models", logging.Failure("model-tags"), "item", j.it.ID, "path", j.it.Path, "why", err)
			return drop.TextNoModelTags.With(), nil
		}
	}
	if err != nil {
		return "", l.notTagged(ctx, j, err)
	}
	return "", l.ledger.Tagged(ctx, j.it.Scope, j.it.Asset, missing)
}

// notTagged is the error of an asset that could not be given its tags for now, as notLinked.
func (l *linker) notTagged(ctx context.Context, j *job, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := denialOf(err); ok || ledger.Unwritable(err) || !errors.As(err, new(*scenario.Error)) {
		return err
	}
	return &afterImportError{drop.ReasonNotTagged.With(refusal(err)), err}
}
