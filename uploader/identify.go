package uploader

import (
	"context"
	"time"

	"scenario-drop/drop"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/transfer"
)

// duplicatePatience is how long an item waits for another with the same bytes before it
// looks again; it is woken earlier when that one gets further.
const duplicatePatience = 30 * time.Second

// identify finds out what a queued file is and whether its content is new. A duplicate
// goes on to its collections; new content gets an upload and is sent.
func (w *worker) identify(ctx context.Context) error {
	if w.needsRefusedCollection() { // before its bytes are read, again and again
		if _, err := w.collections(ctx); err != nil {
			return w.refused(ctx, err)
		}
	}
	there, err := w.look(ctx)
	if err != nil {
		return err
	}
	src := w.source()
	defer src.Close()
	if err := w.open(ctx, src); err != nil || w.it.State != drop.Preparing {
		return err
	}
	w.progress.doing(w.shown, "reading")
	plan, err := w.plan()
	if err != nil {
		return w.end(ctx, drop.Failed, "size", "It is "+err.Error()+".")
	}
	r := transfer.NewReaderAt(ctx, src)
	defer r.Release()
	is, err := filetype.Identify(w.it.Path, r, plan.Size)
	if err != nil {
		return w.unreadable(ctx, err)
	}
	kind, send, err := w.judge(ctx, is)
	if err != nil || !send {
		return err
	}
	c := ledger.Content{Scope: w.Scope, Kind: kind, Size: plan.Size}
	if c.Kind == "model" && there.lost {
		there = found{lost: true}
		there.Unlisted = "models cannot be compared"
	}
	compare := there.Bytes() && c.Kind != "model"
	if there.asks() && !compare {
		return w.askPerson(ctx, there, c.Kind)
	}
	s := &sending{src: src, plan: plan, mime: is.MIME(), content: c}
	if plan.Size > disk.PieceSize && !w.adopting() && !compare {
		if s.content.Sample, err = transfer.Sample(r, plan.Size); err != nil {
			return w.unreadable(ctx, err)
		}
		known, duplicate, err := w.Ledger.Announce(ctx, w.it, w.owner, s.content)
		if err != nil {
			return err
		}
		if duplicate != 0 {
			return w.waitFor(ctx, duplicate)
		}
		if !known {
			r.Release()
			return w.create(ctx, s) // hashed on the way
		}
	}
	r.Release()
	return w.hashed(ctx, s, there, compare)
}

// hashed goes on with an item whose bytes have to be known before any of them is sent.
func (w *worker) hashed(ctx context.Context, s *sending, there found, compare bool) error {
	digest, err := transfer.Hash(ctx, s.src, s.plan)
	if err != nil {
		return w.unreadable(ctx, err)
	}
	s.digest, s.content.SHA256 = &digest, digest.SHA256
	if compare {
		if done, err := w.match(ctx, there, s.content); err != nil || done {
			return err
		}
	}
	if s.plan.Size <= disk.PieceSize && !w.adopting() {
		mine, done, err := w.alone(ctx, s.content)
		if err != nil || !mine {
			return err
		}
		defer done()
		return w.create(ctx, s)
	}
	mine, err := w.claimContent(ctx, s.content)
	if err != nil || !mine {
		return err
	}
	if w.adopting() {
		return w.adopt(ctx)
	}
	return w.create(ctx, s)
}

// plan cuts the item's file into parts.
func (w *worker) plan() (transfer.Plan, error) {
	wanted := w.settings().PartSize
	if wanted == 0 {
		wanted = transfer.PartSize(w.it.Fingerprint.Size, w.storage.PerConnection())
	}
	return transfer.NewPlan(w.it.Fingerprint.Size, wanted)
}

// open makes sure that the file is still the version that the item is about, and at rest. When it
// is not, or cannot be opened, the item is taken off its way.
func (w *worker) open(ctx context.Context, src *itemFile) error {
	seen, err := src.Keep(ctx, func() { w.roots.here(w.it.Root) })
	if err != nil {
		return w.unreadable(ctx, err)
	}
	_, err = src.atRest(ctx, seen)
	return err
}

// claimContent claims the content, whose hash is known now, for this item. If it is an
// asset already the item becomes its duplicate; if another item is making the asset
// this one waits for it; mine is false in both cases.
func (w *worker) claimContent(ctx context.Context, c ledger.Content) (mine bool, err error) {
	who, err := w.Ledger.ClaimContent(ctx, w.it, w.owner, c)
	if err != nil {
		return false, err
	}
	w.it.Kind, w.it.Scope, w.it.SHA256 = c.Kind, c.Scope, c.SHA256
	switch {
	case who.Mine():
		return true, nil
	case who.Other != 0:
		return false, w.waitFor(ctx, who.Other)
	}
	if err := w.Ledger.Duplicate(ctx, w.it, w.owner, who.Asset); err != nil {
		return false, err
	}
	w.it.State, w.it.Asset, w.it.Upload = drop.Linking, who.Asset, ledger.Upload{}
	return false, nil
}

func (w *worker) waitFor(ctx context.Context, other int64) error {
	if err := w.Ledger.WaitFor(ctx, w.it, w.owner, other, w.Now().Add(duplicatePatience)); err != nil {
		return err
	}
	w.it.State = drop.Queued
	w.Wake()
	return nil
}
