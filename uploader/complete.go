package uploader

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
	"scenario-drop/uploader/transfer"
)

// completeRecords are what a completer reads and writes down.
type completeRecords interface {
	Completing(ctx context.Context, it ledger.Item, owner string) error
	CompletingOnePart(ctx context.Context, it ledger.Item, owner string, u ledger.Upload, c ledger.Content) (ledger.Upload, ledger.Claimant, error)
	PartsMissing(ctx context.Context, it ledger.Item, owner string) error
	Importing(ctx context.Context, it ledger.Item, owner string, next time.Time) error
	AssetMade(ctx context.Context, it ledger.Item, owner, asset string) error
	Finished(ctx context.Context, it ledger.Item, owner, asset string, joined []string) error
	Joined(ctx context.Context, scope, asset, collection string) error
	CollectionID(ctx context.Context, scope, name string) (id string, ok bool, err error)
}

// completer completes uploads, and takes note of what came of them.
type completer struct {
	*base
	ledger   completeRecords
	files    *files
	remote   *remote
	refusals *refusals
	imports  *imports
}

// complete checks the file once more, and completes the upload only if it is still
// the version whose bytes were sent, and its folder still in the config. The intent is written down
// before, unless the content turns out to be another item's.
func (co *completer) complete(ctx context.Context, j *job, s *sending) error {
	co.progress.doing(j.shown, "finishing")
	if same, err := co.files.same(ctx, j, s); err != nil || !same {
		return err
	}
	if !co.watched(j) {
		return co.unwatched(ctx, j)
	}
	if mine, err := co.intend(ctx, j, s.content); err != nil || !mine {
		return err
	}
	j.it.State = drop.Completing
	return co.completeNow(ctx, j)
}

// intend writes down that the upload is about to be completed; with all that is known of it, if that
// is not written down yet. mine is false if the content is another item's.
func (co *completer) intend(ctx context.Context, j *job, c ledger.Content) (mine bool, err error) {
	if j.it.State == drop.Uploading {
		return true, co.ledger.Completing(ctx, j.it, co.owner)
	}
	kept, who, err := co.ledger.CompletingOnePart(ctx, j.it, co.owner, j.it.Upload, c)
	if err == nil && !who.Mine() {
		return co.claimContent(ctx, j, c)
	}
	j.it.Upload = kept
	return true, err
}

// same checks whether the source is still what was sent. If it is another version, or gone, the
// item is taken off its way.
func (f *files) same(ctx context.Context, j *job, s *sending) (bool, error) {
	sure, err := s.src.Unchanged(ctx)
	if later := (*postponeError)(nil); errors.As(err, &later) {
		return false, err
	}
	if err != nil {
		return false, f.unreadable(ctx, j, err)
	}
	if sure {
		return true, nil
	}
	s.src.Close() // what is kept in memory tells nothing
	read, err := transfer.Hash(ctx, s.src, transfer.Plan{Size: s.plan.Size, PartSize: s.plan.Size, Parts: 1})
	if err != nil {
		return false, f.unreadable(ctx, j, err)
	}
	if !bytes.Equal(read.SHA256, s.content.SHA256) {
		return false, f.bytesChanged(ctx, j)
	}
	return true, nil
}

// resumeCompletion finds out what became of a complete call whose answer was never
// seen, and makes the call if it did not happen.
func (co *completer) resumeCompletion(ctx context.Context, j *job) error {
	u, err := co.lookUp(ctx, j)
	if err != nil || u == nil {
		return err
	}
	outcome, err := co.remote.outcome(ctx, j.it, u)
	if err != nil {
		return err
	}
	if outcome == scenario.Sending {
		return co.completeNow(ctx, j)
	}
	return co.completed(ctx, j, u)
}

// maxUnknownTries is how often an upload that may be completed already is asked for, over
// about two minutes, before it counts as lost.
const maxUnknownTries = 8

// errUnknownNow puts an item off whose upload may be completed and is not to be found.
var errUnknownNow = errors.New("upload not known to Scenario at the moment; it is checked again")

// lookUp reads the record of an upload that may be completed. If Scenario does not know
// it for good, the item starts over and both results are nil.
func (co *completer) lookUp(ctx context.Context, j *job) (u *scenario.Upload, err error) {
	u, err = co.remote.record(ctx, j)
	if guard.After(err) == guard.Gone {
		if j.it.Hold != ledger.HoldUnknown || j.it.Attempts < maxUnknownTries {
			return nil, errUnknownNow
		}
		return nil, co.startOver(ctx, j, drop.TextUploadLost)
	}
	return u, err
}

// completeNow makes the complete call. An answer that is lost or is a no proves
// nothing, since the call may have worked: the record says.
func (co *completer) completeNow(ctx context.Context, j *job) error {
	for tries := 1; ; tries++ {
		var u *scenario.Upload
		err := co.remote.api.Once(ctx, func(ctx context.Context) (err error) {
			u, err = co.remote.client.CompleteUpload(ctx, j.it.Upload.Remote)
			return err
		})
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			no := err
			if u, err = co.lookUp(ctx, j); err != nil || u == nil {
				return err
			}
			outcome, err := co.remote.outcome(ctx, j.it, u)
			if err != nil {
				return err
			}
			if outcome == scenario.Sending {
				switch guard.Decide(no, tries) {
				case guard.Fail:
					return co.incomplete(ctx, j, no)
				case guard.NotAllowed:
					return co.refusals.kindRefused(ctx, j, no)
				case guard.Postpone, guard.None:
					return no
				}
				continue
			}
		}
		return co.completed(ctx, j, u)
	}
}

// incomplete handles a complete call that Scenario refused while the upload is still
// open: once, the parts are sent again; after that the file failed.
func (co *completer) incomplete(ctx context.Context, j *job, no error) error {
	if j.resent {
		return co.refusals.refused(ctx, j, no)
	}
	co.log.Warn("Scenario would not complete the upload; its parts are sent again", "item", j.it.ID, "path", j.it.Path, "why", no)
	if err := co.ledger.PartsMissing(ctx, j.it, co.owner); err != nil {
		return err
	}
	j.it.State = drop.Uploading
	j.resent = true
	return nil
}

// completed moves the item on after its upload was completed.
func (co *completer) completed(ctx context.Context, j *job, u *scenario.Upload) error {
	outcome, err := co.remote.outcome(ctx, j.it, u)
	if err != nil {
		return err
	}
	switch outcome {
	case scenario.Imported:
		return co.assetMade(ctx, j, u)
	case scenario.Failed:
		return co.end(ctx, j, drop.Failed, drop.ReasonRefused.With(drop.TextCannotUse.With("words", strings.TrimSuffix(u.ErrorMessage, "."))))
	}
	if err := co.refusals.kindAllowed(ctx, j.it); err != nil {
		return err
	}
	now := co.now()
	j.setAside() // writing that down is all that is left to do
	if err := co.ledger.Importing(afterwards(ctx), j.it, co.owner, now.Add(checkAgainAfter(0, co.imports.usual()))); err != nil {
		return err
	}
	j.it.State = drop.Importing
	co.imports.begin(j.it.ID, now)
	return nil
}

func (co *completer) assetMade(ctx context.Context, j *job, u *scenario.Upload) (err error) {
	if err := co.refusals.kindAllowed(ctx, j.it); err != nil {
		return err
	}
	j.it, err = co.made(ctx, j.it, co.owner, u)
	co.wake() // a newer version of the file, or another with its bytes, may have waited
	return err
}

// made records the asset that came of an item's upload and returns the item as it
// stands then: Imported where nothing is left to be done, else Linking.
func (co *completer) made(ctx context.Context, it ledger.Item, owner string, up *scenario.Upload) (ledger.Item, error) {
	ctx = afterwards(ctx)
	it.Asset = up.EntityID
	if co.nothingLeft(ctx, it, up) {
		if err := co.ledger.Finished(ctx, it, owner, it.Asset, up.CollectionIDs); err != nil {
			return it, err
		}
		it.State = drop.Imported
		co.imported(it)
		return it, nil
	}
	if err := co.ledger.AssetMade(ctx, it, owner, it.Asset); err != nil {
		return it, err
	}
	it.State = drop.Linking
	for _, id := range up.CollectionIDs {
		if err := co.ledger.Joined(ctx, it.Scope, it.Asset, id); err != nil {
			co.log.Debug("a collection joined could not be noted; it will be asked for again", "why", err)
			break
		}
	}
	return it, nil
}

// nothingLeft reports whether an item is done with its asset: the file stays, there are no tags
// to set, and Scenario's own record says that the asset joined every collection of the rule.
func (co *completer) nothingLeft(ctx context.Context, it ledger.Item, up *scenario.Upload) bool {
	rule, watched := co.rule(it.Root)
	if !watched || rule.After != Keep || len(rule.Tags) > 0 {
		return false
	}
	wanted := slices.Clone(rule.CollectionIDs)
	for _, name := range rule.collectionNames(it.Path) {
		id, ok, err := co.ledger.CollectionID(ctx, it.Scope, collectionName(name))
		if err != nil || !ok {
			return false
		}
		wanted = append(wanted, id)
	}
	return !slices.ContainsFunc(wanted, func(id string) bool { return !slices.Contains(up.CollectionIDs, id) })
}
