package uploader

import (
	"context"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/guard"
	"scenario-drop/uploader/transfer"
)

// duplicatePatience is how long an item waits for another with the same bytes before it
// tries again; it is woken earlier when that one gets further.
const duplicatePatience = 30 * time.Second

// identifyRecords are what an identifier reads and writes down.
type identifyRecords interface {
	Announce(ctx context.Context, it ledger.Item, owner string, c ledger.Content) (known bool, duplicate int64, err error)
	ContentFree(ctx context.Context, c ledger.Content) (bool, error)
	RecheckKinds(ctx context.Context, root string) (all int, err error)
}

// identifier finds out what a file is, and whether its content is new.
type identifier struct {
	*base
	ledger     identifyRecords
	files      *files
	folders    *folders
	refusals   *refusals
	reconciler *reconciler
	storage    *guard.Storage
	inFlight   *inFlight
	sender     *sender
}

// identify finds out what a queued file is and whether its content is new. A duplicate
// goes on to its collections; new content gets an upload and is sent.
func (i *identifier) identify(ctx context.Context, j *job) error {
	if i.folders.needsRefusedCollection(j) { // before its bytes are read, again and again
		if _, err := i.folders.collections(ctx, j); err != nil {
			return i.refusals.refused(ctx, j, err)
		}
	}
	there, err := i.reconciler.compare(ctx, j)
	if err != nil {
		return err
	}
	src := i.files.source(j)
	defer src.Close()
	if err := i.files.open(ctx, j, src); err != nil || j.it.State != drop.Preparing {
		return err
	}
	i.progress.doing(j.shown, "reading")
	plan, err := i.plan(j)
	if err != nil {
		return i.end(ctx, j, drop.Failed, drop.ReasonTooLarge.With(drop.TextTooLargeToSend.With("why", err.Error())))
	}
	is, sample, err := src.inspect(ctx)
	if err != nil {
		return i.files.unreadable(ctx, j, err)
	}
	kind, send, err := i.judge(ctx, j, is)
	if err != nil || !send {
		return err
	}
	c := ledger.Content{Scope: i.scope, Kind: kind, Size: plan.Size, Sample: sample}
	if c.Kind == "model" && there.lost {
		there = found{lost: true}
		there.Unlisted = "models cannot be compared"
	}
	compare := there.Bytes() && c.Kind != "model"
	if there.asks() && !compare {
		return i.reconciler.needsDecision(ctx, j, there, c.Kind)
	}
	s := &sending{src: src, plan: plan, mime: is.MIME(), content: c}
	if plan.Size > disk.PieceSize && !i.reconciler.linksExisting(j) && !compare {
		known, duplicate, err := i.ledger.Announce(ctx, j.it, i.owner, s.content)
		if err != nil {
			return err
		}
		if duplicate != 0 {
			return i.waitFor(ctx, j, duplicate)
		}
		if !known {
			return i.sender.create(ctx, j, s) // hashed on the way
		}
	}
	return i.hashed(ctx, j, s, there, compare)
}

// hashed goes on with an item whose bytes have to be known before any of them is sent.
func (i *identifier) hashed(ctx context.Context, j *job, s *sending, there found, compare bool) error {
	digest, err := transfer.Hash(ctx, s.src, s.plan)
	if err != nil {
		return i.files.unreadable(ctx, j, err)
	}
	s.digest, s.content.SHA256 = &digest, digest.SHA256
	if compare {
		if done, err := i.reconciler.match(ctx, j, there, s.content); err != nil || done {
			return err
		}
	}
	if s.plan.Size <= disk.PieceSize && !i.reconciler.linksExisting(j) {
		mine, done, err := i.claimInFlight(ctx, j, s.content)
		if err != nil || !mine {
			return err
		}
		defer done()
		return i.sender.create(ctx, j, s)
	}
	mine, err := i.claimContent(ctx, j, s.content)
	if err != nil || !mine {
		return err
	}
	if i.reconciler.linksExisting(j) {
		return i.reconciler.linkExisting(ctx, j)
	}
	return i.sender.create(ctx, j, s)
}

// plan cuts the item's file into parts.
func (i *identifier) plan(j *job) (transfer.Plan, error) {
	wanted := i.settings().PartSize
	if wanted == 0 {
		wanted = transfer.PartSize(j.it.Fingerprint.Size, i.storage.PerConnection())
	}
	return transfer.NewPlan(j.it.Fingerprint.Size, wanted)
}

// open makes sure that the file is still the version that the item is about, and at rest. When it
// is not, or cannot be opened, the item is taken off its way.
func (f *files) open(ctx context.Context, j *job, src *itemFile) error {
	seen, err := src.Keep(ctx, func() { f.roots.here(j.it.Root) })
	if err != nil {
		return f.unreadable(ctx, j, err)
	}
	_, err = src.atRest(ctx, seen)
	return err
}

// claimContent claims the content, whose hash is known now, for this item. If it is an
// asset already the item becomes its duplicate; if another item is making the asset
// this one waits for it; mine is false in both cases.
func (b *base) claimContent(ctx context.Context, j *job, c ledger.Content) (mine bool, err error) {
	who, err := b.ledger.ClaimContent(ctx, j.it, b.owner, c)
	if err != nil {
		return false, err
	}
	j.it.Kind, j.it.Scope, j.it.SHA256 = c.Kind, c.Scope, c.SHA256
	switch {
	case who.Mine():
		return true, nil
	case who.Other != 0:
		return false, b.waitFor(ctx, j, who.Other)
	}
	if err := b.ledger.Duplicate(ctx, j.it, b.owner, who.Asset); err != nil {
		return false, err
	}
	j.it.State, j.it.Asset, j.it.Upload = drop.Linking, who.Asset, ledger.Upload{}
	return false, nil
}

func (b *base) waitFor(ctx context.Context, j *job, other int64) error {
	if err := b.ledger.WaitFor(ctx, j.it, b.owner, other, b.now().Add(duplicatePatience)); err != nil {
		return err
	}
	j.it.State = drop.Queued
	b.wake()
	return nil
}
