package uploader

import (
	"context"
	"fmt"

	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// createUpload makes an upload. Where Scenario refuses one that names a parent, it is made
// without it, which nothing comes of if that was not the reason. The note says so. Where
// it names a collection that is not there, the error says what that means.
func (w *worker) createUpload(ctx context.Context, want scenario.NewUpload) (made *scenario.Upload, note string, err error) {
	create := func(ctx context.Context) (err error) {
		made, err = w.API.CreateUpload(ctx, want)
		return err
	}
	no := w.ask(ctx, create)
	if no == nil || want.Options == nil || !saysNo(no) {
		return made, w.withoutParent, no
	}
	if parent := want.Options.ParentID; parent != "" {
		options := *want.Options
		options.ParentID = ""
		want.Options = &options
		if err = w.ask(ctx, create); err == nil {
			note = fmt.Sprintf("It was sent without its parent %s, which Scenario did not take: %s.", parent, words(no))
			w.Log.Warn("sent without its parent, which Scenario does not take", logging.Failure("parent"), "item", w.it.ID, "path", w.it.Path, "parent", parent, "why", no)
			if parent == w.rule.ParentID {
				err = w.refusedParent(ctx, no)
			}
			return made, note, err
		}
	}
	if len(want.Options.CollectionIDs) > 0 && ctx.Err() == nil {
		if err := w.checkCollections(ctx, want.Options.CollectionIDs); err != nil {
			return nil, "", err
		}
	}
	return nil, "", no
}

// saysNo reports whether an error is Scenario's no to what a request asked for.
func saysNo(err error) bool {
	class := scenario.ClassOf(err)
	return class == scenario.Rejected || class == scenario.NotFound
}
