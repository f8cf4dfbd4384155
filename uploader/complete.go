package uploader

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
	"scenario-drop/uploader/transfer"
)

// complete looks at the file once more, and completes the upload only if it is still
// the version whose bytes were sent, and its folder still in the config. The intent is written down
// before, unless the content turns out to be another item's.
func (w *worker) complete(ctx context.Context, s *sending) error {
	w.progress.doing(w.shown, "finishing")
	if same, err := w.same(ctx, s); err != nil || !same {
		return err
	}
	if !w.watched() {
		return w.unwatched(ctx)
	}
	if mine, err := w.intend(ctx, s.content); err != nil || !mine {
		return err
	}
	w.it.State = drop.Completing
	return w.completeNow(ctx)
}

// intend writes down that the upload is about to be completed; with all that is known of it, if that
// is not written down yet. mine is false if the content is another item's.
func (w *worker) intend(ctx context.Context, c ledger.Content) (mine bool, err error) {
	if w.it.State == drop.Uploading {
		return true, w.Ledger.Completing(ctx, w.it, w.owner)
	}
	kept, who, err := w.Ledger.SentWhole(ctx, w.it, w.owner, w.it.Upload, c)
	if err == nil && !who.Mine() {
		return w.claimContent(ctx, c)
	}
	w.it.Upload = kept
	return true, err
}

// same looks whether the source is still what was sent. If it is another version, or gone, the
// item is taken off its way.
func (w *worker) same(ctx context.Context, s *sending) (bool, error) {
	sure, err := s.src.Unchanged(ctx)
	if later := (*laterError)(nil); errors.As(err, &later) {
		return false, err
	}
	if err != nil {
		return false, w.unreadable(ctx, err)
	}
	if sure {
		return true, nil
	}
	s.src.Close() // what is kept in memory tells nothing
	read, err := transfer.Hash(ctx, s.src, transfer.Plan{Size: s.plan.Size, PartSize: s.plan.Size, Parts: 1})
	if err != nil {
		return false, w.unreadable(ctx, err)
	}
	if !bytes.Equal(read.SHA256, s.content.SHA256) {
		return false, w.bytesChanged(ctx)
	}
	return true, nil
}

// settleCompletion finds out what became of a complete call whose answer was never
// seen, and makes the call if it did not happen.
func (w *worker) settleCompletion(ctx context.Context) error {
	u, err := w.lookUp(ctx)
	if err != nil || u == nil {
		return err
	}
	outcome, err := w.outcome(ctx, w.it, u)
	if err != nil {
		return err
	}
	if outcome == scenario.Sending {
		return w.completeNow(ctx)
	}
	return w.completed(ctx, u)
}

// unknownTries is how often an upload that may be completed already is asked for, over
// about two minutes, before it counts as lost.
const unknownTries = 8

// errUnknownNow puts an item off whose upload may be completed and is not to be found.
var errUnknownNow = errors.New("upload not known to Scenario at the moment; it is looked at again")

// lookUp reads the record of an upload that may be completed. If Scenario does not know
// it for good, the item starts over and both results are nil.
func (w *worker) lookUp(ctx context.Context) (u *scenario.Upload, err error) {
	u, err = w.record(ctx)
	if scenario.ClassOf(err) == scenario.NotFound {
		if w.it.Reason != "unknown" || w.it.Attempts < unknownTries {
			return nil, errUnknownNow
		}
		return nil, w.startOver(ctx, "Scenario does not know the upload any more; the file is sent again.")
	}
	return u, err
}

// completeNow makes the complete call. An answer that is lost or is a no proves
// nothing, since the call may have worked: the record says.
func (w *worker) completeNow(ctx context.Context) error {
	for tries := 1; ; tries++ {
		var u *scenario.Upload
		err := w.api.Once(ctx, func(ctx context.Context) (err error) {
			u, err = w.API.CompleteUpload(ctx, w.it.Upload.Remote)
			return err
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			no := err
			if u, err = w.lookUp(ctx); err != nil || u == nil {
				return err
			}
			outcome, err := w.outcome(ctx, w.it, u)
			if err != nil {
				return err
			}
			if outcome == scenario.Sending {
				switch guard.Decide(no, tries) {
				case guard.Fail:
					return w.incomplete(ctx, no)
				case guard.NotAllowed:
					return w.kindRefused(ctx, no)
				case guard.Postpone, guard.None:
					return no
				}
				continue
			}
		}
		return w.completed(ctx, u)
	}
}

// incomplete handles a complete call that Scenario refused while the upload is still
// open: once, the parts are sent again; after that the file failed.
func (w *worker) incomplete(ctx context.Context, no error) error {
	if w.resent {
		return w.refused(ctx, no)
	}
	w.Log.Warn("Scenario would not complete the upload; its parts are sent again", "item", w.it.ID, "path", w.it.Path, "why", no)
	if err := w.Ledger.PartsMissing(ctx, w.it, w.owner); err != nil {
		return err
	}
	w.it.State = drop.Uploading
	w.resent = true
	return nil
}

// outcome is what an upload has come to. Its record need not say: it may stay complete, or
// in any other status, with the id of an asset that is there and whole. Of a model no more is
// known than that its id is final.
func (u *Uploader) outcome(ctx context.Context, it ledger.Item, up *scenario.Upload) (scenario.Outcome, error) {
	says := up.Outcome()
	if says == scenario.Imported || up.EntityID == "" {
		return says, nil
	}
	if it.Kind == "model" {
		if says == scenario.Failed {
			return says, nil
		}
		return scenario.Imported, nil
	}
	var asset *scenario.Asset
	err := u.ask(ctx, func(ctx context.Context) (err error) {
		asset, err = u.API.GetAsset(ctx, up.EntityID)
		return err
	})
	switch {
	case err == nil && asset.Status == "success" && asset.DeletedAt.IsZero():
		return scenario.Imported, nil
	case err == nil && asset.Status == "error" && says == scenario.Working:
		up.ErrorMessage = cmp.Or(up.ErrorMessage, "its asset "+up.EntityID+" has an error")
		return scenario.Failed, nil
	case guard.Decide(err, guard.TriesInPlace) == guard.NotAllowed && says == scenario.Working:
		return scenario.Imported, nil // an id that is given is final, and no more can be asked
	case err == nil, scenario.ClassOf(err) == scenario.NotFound, guard.Decide(err, guard.TriesInPlace) == guard.NotAllowed:
		return says, nil
	}
	return says, err
}

// completed moves the item on after its upload was completed.
func (w *worker) completed(ctx context.Context, u *scenario.Upload) error {
	outcome, err := w.outcome(ctx, w.it, u)
	if err != nil {
		return err
	}
	switch outcome {
	case scenario.Imported:
		return w.assetMade(ctx, u)
	case scenario.Failed:
		return w.end(ctx, drop.Failed, "refused", "Scenario could not use it: "+u.ErrorMessage)
	}
	if err := w.kindAllowed(ctx, w.it); err != nil {
		return err
	}
	now := w.Now()
	w.setAside() // writing that down is all that is left to do
	if err := w.Ledger.Importing(ctx, w.it, w.owner, now.Add(lookAgainAfter(0, w.imports.usual()))); err != nil {
		return err
	}
	w.it.State = drop.Importing
	w.imports.begin(w.it.ID, now)
	return nil
}

func (w *worker) assetMade(ctx context.Context, u *scenario.Upload) (err error) {
	if err := w.kindAllowed(ctx, w.it); err != nil {
		return err
	}
	w.it, err = w.made(ctx, w.it, w.owner, u)
	w.Wake() // a newer version of the file, or another with its bytes, may have waited
	return err
}

// made records the asset that came of an item's upload and returns the item as it
// stands then: Imported where nothing is left to be done, else Linking.
func (u *Uploader) made(ctx context.Context, it ledger.Item, owner string, up *scenario.Upload) (ledger.Item, error) {
	it.Asset = up.EntityID
	if u.nothingLeft(ctx, it, up) {
		if err := u.Ledger.Finished(ctx, it, owner, it.Asset, up.CollectionIDs); err != nil {
			return it, err
		}
		it.State = drop.Imported
		u.imported(it, "")
		return it, nil
	}
	if err := u.Ledger.AssetMade(ctx, it, owner, it.Asset); err != nil {
		return it, err
	}
	it.State = drop.Linking
	for _, id := range up.CollectionIDs {
		if err := u.Ledger.Joined(ctx, it.Scope, it.Asset, id); err != nil {
			u.Log.Debug("a collection joined could not be noted; it will be asked for again", "why", err)
			break
		}
	}
	return it, nil
}

// nothingLeft reports whether an item is done with its asset: the file stays, there are no tags
// to set, and Scenario's own record says that the asset joined every collection of the rule.
func (u *Uploader) nothingLeft(ctx context.Context, it ledger.Item, up *scenario.Upload) bool {
	rule, watched := u.rule(it.Root)
	if !watched || rule.After != Keep || len(rule.Tags) > 0 {
		return false
	}
	wanted := slices.Clone(rule.CollectionIDs)
	for _, name := range rule.collectionNames(it.Path) {
		id, ok, err := u.Ledger.CollectionID(ctx, it.Scope, collectionName(name))
		if err != nil || !ok {
			return false
		}
		wanted = append(wanted, id)
	}
	return !slices.ContainsFunc(wanted, func(id string) bool { return !slices.Contains(up.CollectionIDs, id) })
}
