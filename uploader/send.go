package uploader

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"sync"

	"golang.org/x/sync/errgroup"

	"scenario-drop/drop"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

// resume goes on with an upload that an earlier run left half sent.
func (w *worker) resume(ctx context.Context) error {
	if w.it.Scope != w.Scope {
		return w.end(ctx, drop.Queued, "project-changed", "The project in the config changed; the file is sent to the new one.")
	}
	f, err := w.open(ctx)
	if err != nil || f == nil {
		return err
	}
	defer f.Close()
	var u *scenario.Upload
	err = w.ask(ctx, func(ctx context.Context) (err error) {
		u, err = w.API.GetUpload(ctx, w.it.Upload.Remote)
		return err
	})
	if scenario.ClassOf(err) == scenario.NotFound {
		return w.startOver(ctx, "Scenario does not know the upload that was begun any more; the file is sent again.")
	}
	if err != nil {
		return w.refused(ctx, err)
	}
	if u.Outcome() != scenario.Sending {
		return w.startOver(ctx, "The upload that was begun cannot be gone on with; the file is sent again.")
	}
	s := &sending{worker: w, f: f, from: f.reader(ctx), plan: Plan{Size: w.it.Fingerprint.Size, PartSize: w.it.Upload.PartSize, Parts: w.it.Upload.Parts}}
	if s.is, err = filetype.Identify(w.it.Path, s.from, s.plan.Size); err != nil {
		return w.unreadable(ctx, err)
	}
	sent, err := w.Ledger.PartsSent(ctx, w.it.Upload.ID)
	if err != nil {
		return err
	}
	return w.send(ctx, s, u, sent, nil)
}

// startOver drops the upload unfinished, of which no asset comes, and queues the item.
func (w *worker) startOver(ctx context.Context, why string) error {
	return w.end(ctx, drop.Queued, "start-over", why)
}

// send puts every part but those sent, which storage has acknowledged. Unless the content's
// hash is known (d), it is taken on the way. Then the upload is completed.
func (w *worker) send(ctx context.Context, s *sending, u *scenario.Upload, sent map[int]ledger.Part, d *digest) error {
	w.progress.doing(w.shown, "sending")
	plan := s.plan
	s.begin(u)
	var missing []int
	for n := 1; n <= plan.Parts; n++ {
		if p, ok := sent[n]; ok {
			w.shown.sent.Add(p.Size)
		} else {
			missing = append(missing, n)
		}
	}

	front := newFront()
	g, gctx := errgroup.WithContext(ctx)
	if d == nil {
		d = &digest{}
		g.Go(func() (err error) {
			*d, err = digestFile(gctx, s.f.passReader(gctx), plan, front.wait)
			return err
		})
	}
	var mu sync.Mutex
	g.Go(func() error {
		defer front.pass(plan.Parts + 1)
		atOnce := make(chan struct{}, max(guard.MaxConnections, w.settings().Connections))
		for _, n := range missing {
			select {
			case atOnce <- struct{}{}:
			case <-gctx.Done():
				return gctx.Err()
			}
			g.Go(func() error {
				defer func() { <-atOnce }()
				if !w.watched() {
					return errUnwatched
				}
				p, err := s.put(gctx, n, nil, func() { front.pass(n) })
				if err != nil {
					return err
				}
				if err := w.Ledger.PartSent(gctx, w.it, w.owner, p); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				sent[n] = p
				return nil
			})
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return w.sendFailed(ctx, err)
	}

	for n := 1; n <= plan.Parts; n++ {
		if sent[n].CRC32C != d.parts[n-1] {
			return w.bytesChanged(ctx)
		}
	}
	mine, err := w.claimContent(ctx, ledger.Content{Scope: w.it.Scope, Kind: w.it.Kind, Size: plan.Size, Sample: w.sampleOf(ctx, s.f), SHA256: d.sha256})
	if err != nil || !mine {
		return err
	}
	return w.complete(ctx, s.f, func() (bool, error) { return true, w.Ledger.Completing(ctx, w.it, w.owner) })
}

// sendWhole sends a file that is one part, and completes its upload. The upload and the content are
// written down together with the intent to complete, for which the hash is taken on the
// way unless it is known (d).
func (w *worker) sendWhole(ctx context.Context, s *sending, made *scenario.Upload, u ledger.Upload, c ledger.Content, d *digest) error {
	w.progress.doing(w.shown, "sending")
	w.it.Upload = u
	s.begin(made)
	var sum hash.Hash
	if d == nil {
		sum = sha256.New()
	}
	p, err := s.put(ctx, 1, sum, func() {})
	switch {
	case err != nil:
		// If it is put off, it goes on with this upload.
		if kept, kerr := w.Ledger.UploadCreated(ctx, w.it, w.owner, u); kerr == nil {
			w.it.State, w.it.Upload = drop.Uploading, kept
		}
		return w.sendFailed(ctx, err)
	case d == nil:
		c.SHA256 = sum.Sum(nil)
	case p.CRC32C != d.parts[0]:
		return w.bytesChanged(ctx)
	}
	w.it.SHA256 = c.SHA256
	return w.complete(ctx, s.f, func() (mine bool, err error) {
		kept, who, err := w.Ledger.SentWhole(ctx, w.it, w.owner, u, c)
		if err == nil && !who.Mine() {
			return w.claimContent(ctx, c)
		}
		w.it.Upload = kept
		return true, err
	})
}

func (w *worker) bytesChanged(ctx context.Context) error {
	return w.startOver(ctx, "The file's bytes changed while they were being sent; it is sent again.")
}

// sampleOf returns the sample that the content is filed under; without one it is only
// not recognised early.
func (w *worker) sampleOf(ctx context.Context, f *diskFile) []byte {
	s, err := sample(f.reader(ctx), w.it.Fingerprint.Size)
	if err != nil {
		return nil
	}
	return s
}

var errUploadLost = errors.New("the upload is not known to Scenario any more")

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
	case errors.As(err, new(*silentError)):
		return err
	case errors.Is(err, errShort):
		return w.changed(ctx)
	case errors.Is(err, errUploadLost), scenario.ClassOf(err) == scenario.NotFound:
		return w.startOver(ctx, "Scenario does not know the upload any more; the file is sent again.")
	case scenario.ClassOf(err) == scenario.Rejected:
		return w.refused(ctx, err)
	}
	if fp, lerr := w.disk.lstat(ctx, w.it.Root, w.it.Path); lerr != nil || !fp.SameContent(w.it.Fingerprint) {
		return w.unreadable(ctx, err)
	}
	return err
}

// front is how far the sending of an upload has begun. The hashing pass waits for it,
// so that each byte is read from the disk once and from memory the second time.
type front struct {
	mu    sync.Mutex
	part  int // the highest that has begun
	moved chan struct{}
}

func newFront() *front { return &front{moved: make(chan struct{})} }

func (f *front) pass(part int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if part > f.part {
		f.part = part
		close(f.moved)
		f.moved = make(chan struct{})
	}
}

// wait returns once the part has begun to be sent, or ctx has ended.
func (f *front) wait(ctx context.Context, part int) error {
	for {
		f.mu.Lock()
		here, moved := f.part, f.moved
		f.mu.Unlock()
		if here >= part {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}
