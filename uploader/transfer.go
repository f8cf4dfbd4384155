package uploader

import (
	"context"
	"errors"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/guard"
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

// uploadRecords are what a sender reads and writes down.
type uploadRecords interface {
	UploadCreated(ctx context.Context, it ledger.Item, owner string, u ledger.Upload) (ledger.Upload, error)
	PartSent(ctx context.Context, it ledger.Item, owner string, p ledger.Part) error
	PartsSent(ctx context.Context, upload int64) (map[int]ledger.Part, error)
	PreviousAsset(ctx context.Context, it ledger.Item, scope string) (asset string, err error)
}

// sender makes uploads, and sends the parts of files.
type sender struct {
	*base
	ledger    uploadRecords
	files     *files
	remote    *remote
	storage   *guard.Storage
	folders   *folders
	refusals  *refusals
	completer *completer
}

// resume goes on with an upload that an earlier run left half sent.
func (se *sender) resume(ctx context.Context, j *job) error {
	if j.it.Scope != se.scope {
		return se.end(ctx, j, drop.Queued, drop.ReasonProjectChanged.With(drop.TextProjectChanged.With()))
	}
	src := se.files.source(j)
	defer src.Close()
	if err := se.files.open(ctx, j, src); err != nil || j.it.State != drop.Uploading {
		return err
	}
	u, err := se.remote.record(ctx, j)
	if guard.After(err) == guard.Gone {
		return se.startOver(ctx, j, drop.TextUploadLost)
	}
	if err != nil {
		return se.refusals.refused(ctx, j, err)
	}
	if u.Outcome() != scenario.Sending {
		return se.startOver(ctx, j, drop.TextCannotResume)
	}
	s := &sending{src: src, plan: transfer.Plan{Size: j.it.Fingerprint.Size, PartSize: j.it.Upload.PartSize, Parts: j.it.Upload.Parts},
		content: ledger.Content{Scope: j.it.Scope, Kind: j.it.Kind, Size: j.it.Fingerprint.Size}}
	is, sample, err := src.inspect(ctx)
	if err != nil {
		return se.files.unreadable(ctx, j, err)
	}
	s.mime, s.content.Sample = is.MIME(), sample
	sent, err := se.ledger.PartsSent(ctx, j.it.Upload.ID)
	if err != nil {
		return err
	}
	for _, p := range sent {
		s.receipts = append(s.receipts, transfer.Part(p))
	}
	return se.send(ctx, j, s, u)
}

// startOver drops the upload unfinished, of which no asset comes, and queues the item.
func (b *base) startOver(ctx context.Context, j *job, why drop.Text) error {
	return b.end(ctx, j, drop.Queued, drop.ReasonStartedOver.With(why.With()))
}

// send puts every part that there is no receipt of, and completes the upload. One whose record
// is not written down yet has a single part: then the upload and the content are written down together with
// the intent to complete, once storage has that part.
func (se *sender) send(ctx context.Context, j *job, s *sending, u *scenario.Upload) error {
	se.progress.doing(j.shown, "sending")
	durable := j.it.State == drop.Uploading
	t := transfer.Upload{Source: s.src, Plan: s.plan, ContentType: s.mime, Digest: s.digest, Receipts: s.receipts,
		URLs: transfer.NewURLs(u, func(ctx context.Context) (*scenario.Upload, error) { return se.remote.record(ctx, j) }, se.now), Hooks: transfer.Hooks{Moved: func(n int64) { j.shown.sent.Add(n) }}}
	if durable {
		t.Hooks.Receipt = func(ctx context.Context, p transfer.Part) error {
			return se.ledger.PartSent(ctx, j.it, se.owner, ledger.Part(p))
		}
	}
	t.Hooks.Begin = func() error {
		if !se.watched(j) {
			return errUnwatched
		}
		return nil
	}
	sum, err := transfer.Send(ctx, se.storage, t)
	if err != nil {
		if !durable && ctx.Err() == nil { // if it is postponed, it goes on with this upload
			_ = se.uploadCreated(ctx, j) // else with another: the error before it says more
		}
		return se.sendFailed(ctx, j, err)
	}
	s.content.SHA256, j.it.SHA256 = sum, sum
	if durable {
		mine, err := se.claimContent(ctx, j, s.content)
		if err != nil || !mine {
			return err
		}
	}
	return se.completer.complete(ctx, j, s)
}

// sendFailed decides what an error that ended the sending means for the item.
func (se *sender) sendFailed(ctx context.Context, j *job, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var read *scenario.ReadError
	switch {
	case errors.Is(err, errUnwatched):
		return se.unwatched(ctx, j)
	case errors.As(err, &read):
		return se.files.unreadable(ctx, j, read.Err)
	case errors.Is(err, transfer.ErrChanged):
		return se.bytesChanged(ctx, j)
	case errors.Is(err, transfer.ErrLost), guard.After(err) == guard.Gone:
		return se.startOver(ctx, j, drop.TextUploadLost)
	case guard.After(err) == guard.Fail:
		return se.refusals.refused(ctx, j, err)
	}
	if fp, lerr := se.files.disk.Lstat(ctx, j.it.Root, j.it.Path); errors.As(lerr, new(*disk.UnresponsiveError)) || lerr == nil && fp.SameContent(j.it.Fingerprint) {
		return err
	}
	return se.files.unreadable(ctx, j, err)
}

func (b *base) bytesChanged(ctx context.Context, j *job) error {
	return b.startOver(ctx, j, drop.TextBytesChanged)
}
