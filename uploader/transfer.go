package uploader

import (
	"context"
	"errors"

	"scenario-drop/drop"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/transfer"
)

// sending is what is sent for an item.
type sending struct {
	src      *itemFile
	plan     transfer.Plan
	mime     string
	content  ledger.Content   // as far as it is known
	digest   *transfer.Digest // nil: it is taken on the way
	receipts []transfer.Part  // of parts that storage has
}

// resume goes on with an upload that an earlier run left half sent.
func (w *worker) resume(ctx context.Context) error {
	if w.it.Scope != w.Scope {
		return w.end(ctx, drop.Queued, "project-changed", "The project in the config changed; the file is sent to the new one.")
	}
	src := w.source()
	defer src.Close()
	if err := w.open(ctx, src); err != nil || w.it.State != drop.Uploading {
		return err
	}
	u, err := w.record(ctx)
	if scenario.ClassOf(err) == scenario.NotFound {
		return w.startOver(ctx, "Scenario does not know the upload that was begun any more; the file is sent again.")
	}
	if err != nil {
		return w.refused(ctx, err)
	}
	if u.Outcome() != scenario.Sending {
		return w.startOver(ctx, "The upload that was begun cannot be gone on with; the file is sent again.")
	}
	s := &sending{src: src, plan: transfer.Plan{Size: w.it.Fingerprint.Size, PartSize: w.it.Upload.PartSize, Parts: w.it.Upload.Parts},
		content: ledger.Content{Scope: w.it.Scope, Kind: w.it.Kind, Size: w.it.Fingerprint.Size}}
	r := transfer.NewReaderAt(ctx, src)
	defer r.Release()
	is, err := filetype.Identify(w.it.Path, r, s.plan.Size)
	if err != nil {
		return w.unreadable(ctx, err)
	}
	if s.content.Sample, err = transfer.Sample(r, s.plan.Size); err != nil {
		return w.unreadable(ctx, err)
	}
	r.Release()
	s.mime = is.MIME()
	sent, err := w.Ledger.PartsSent(ctx, w.it.Upload.ID)
	if err != nil {
		return err
	}
	for _, p := range sent {
		s.receipts = append(s.receipts, transfer.Part(p))
	}
	return w.send(ctx, s, u)
}

// record reads what Scenario says of the item's upload.
func (w *worker) record(ctx context.Context) (u *scenario.Upload, err error) {
	err = w.ask(ctx, func(ctx context.Context) (err error) {
		u, err = w.API.GetUpload(ctx, w.it.Upload.Remote)
		return err
	})
	return u, err
}

// startOver drops the upload unfinished, of which no asset comes, and queues the item.
func (w *worker) startOver(ctx context.Context, why string) error {
	return w.end(ctx, drop.Queued, "start-over", why)
}

// send puts every part that there is no receipt of, and completes the upload. One whose record
// is not written down yet has a single part: then the upload and the content are written down together with
// the intent to complete, once storage has that part.
func (w *worker) send(ctx context.Context, s *sending, u *scenario.Upload) error {
	w.progress.doing(w.shown, "sending")
	durable := w.it.State == drop.Uploading
	t := transfer.Upload{Source: s.src, Plan: s.plan, ContentType: s.mime, Digest: s.digest, Receipts: s.receipts,
		URLs: transfer.NewURLs(u, w.record, w.Now), Hooks: transfer.Hooks{Moved: func(n int64) { w.shown.sent.Add(n) }}}
	if durable {
		t.Hooks.Receipt = func(ctx context.Context, p transfer.Part) error {
			return w.Ledger.PartSent(ctx, w.it, w.owner, ledger.Part(p))
		}
	}
	t.Hooks.Begin = func() error {
		if !w.watched() {
			return errUnwatched
		}
		return nil
	}
	sum, err := transfer.Send(ctx, w.storage, t)
	if err != nil {
		if !durable && ctx.Err() == nil { // if it is put off, it goes on with this upload
			_ = w.uploadCreated(ctx) // else with another: the error before it says more
		}
		return w.sendFailed(ctx, err)
	}
	s.content.SHA256, w.it.SHA256 = sum, sum
	if durable {
		mine, err := w.claimContent(ctx, s.content)
		if err != nil || !mine {
			return err
		}
	}
	return w.complete(ctx, s)
}

// sendFailed decides what an error that ended the sending means for the item.
func (w *worker) sendFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var read *scenario.ReadError
	switch {
	case errors.Is(err, errUnwatched):
		return w.unwatched(ctx)
	case errors.As(err, &read):
		return w.unreadable(ctx, read.Err)
	case errors.Is(err, transfer.ErrChanged):
		return w.bytesChanged(ctx)
	case errors.Is(err, transfer.ErrLost), scenario.ClassOf(err) == scenario.NotFound:
		return w.startOver(ctx, "Scenario does not know the upload any more; the file is sent again.")
	case scenario.ClassOf(err) == scenario.Rejected:
		return w.refused(ctx, err)
	}
	if fp, lerr := w.disk.Lstat(ctx, w.it.Root, w.it.Path); errors.As(lerr, new(*disk.UnresponsiveError)) || lerr == nil && fp.SameContent(w.it.Fingerprint) {
		return err
	}
	return w.unreadable(ctx, err)
}

func (w *worker) bytesChanged(ctx context.Context) error {
	return w.startOver(ctx, "The file's bytes changed while they were being sent; it is sent again.")
}
