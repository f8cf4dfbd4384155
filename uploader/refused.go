package uploader

import (
	"context"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// refused ends the item if the error is Scenario's no to it; any other error is
// returned as it is.
func (re *refusals) refused(ctx context.Context, j *job, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch guard.After(err) {
	case guard.Fail, guard.Gone:
		return re.end(ctx, j, drop.Failed, drop.ReasonRefused.With(refusal(err)))
	case guard.NotAllowed:
		// One that is past that keeps its state, and is postponed.
		if r, ok := denialOf(err); ok && (j.it.State == drop.Preparing || j.it.State == drop.Uploading) {
			return re.holdFor(ctx, j, r)
		}
	}
	return err
}

// refusal says what Scenario had against a file.
func refusal(err error) drop.Detail {
	e, ok := err.(*scenario.Error)
	if !ok { // it has a context of ours around it, which says more
		return drop.TextRefused.With("words", err.Error())
	}
	return drop.TextRefused.With("words", strings.TrimSuffix(e.Message, "."), "request", e.RequestID)
}
