package uploader

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/guard"
)

// work takes one claimed item as far as it goes. setAside lets go of its place in the
// lane before it is there.
func (u *Uploader) work(ctx context.Context, it ledger.Item, setAside func()) {
	t := u.progress.begin(it.ID, it.Path, it.Fingerprint.Size, u.Now())
	defer u.progress.end(it.ID)
	w := &worker{Uploader: u, it: it, shown: t, setAside: setAside}
	for step := w.step(); step != nil; step = w.step() {
		if err := step(ctx); err != nil {
			w.stop(ctx, err)
			return
		}
	}
}

// worker is one item in the hands of the Uploader.
type worker struct {
	*Uploader
	it     ledger.Item
	rule   Rule
	resent bool // Scenario would not complete the upload, and its parts are sent again
	shown  *transferState

	withoutParent string // why it has no parent though the config names one, in a sentence

	setAside func() // see Uploader.work
}

// step returns what the item needs next; nil when it needs nobody's hands any more.
// Each step makes its own move in the ledger.
func (w *worker) step() func(context.Context) error {
	rule, watched := w.Uploader.rule(w.it.Root)
	w.rule = rule
	switch w.it.State {
	case drop.Preparing:
		if !watched {
			return w.unwatched
		}
		return w.identify
	case drop.Uploading:
		if !watched {
			return w.unwatched
		}
		return w.resume
	case drop.Completing:
		return w.settleCompletion
	case drop.Linking:
		return w.link
	case drop.Tidying:
		return w.tidy
	}
	return nil
}

// errUnwatched ends the sending of a file whose folder was taken out of the config meanwhile.
var errUnwatched = errors.New("the file's folder is not in the config any more")

// watched reports whether the item's folder is in the config now.
func (w *worker) watched() bool {
	_, ok := w.Uploader.rule(w.it.Root)
	return ok
}

func (w *worker) unwatched(ctx context.Context) error {
	return w.end(ctx, drop.Ignored, "unwatched", "Its folder is not in the config any more.")
}

// end takes the item off its way.
func (w *worker) end(ctx context.Context, to drop.State, reason, detail string) error {
	if err := w.Ledger.End(ctx, w.it, w.owner, to, reason, detail); err != nil {
		return err
	}
	w.it.State = to
	level := slog.LevelInfo
	if to == drop.Failed || to == drop.Held {
		level = slog.LevelWarn
	}
	w.Log.Log(ctx, level, "file "+string(to), "item", w.it.ID, "path", w.it.Path, "reason", reason, "why", detail)
	w.putOffs.over(w.it.ID)
	w.Wake()
	return nil
}

// stop handles what a step could not: the item is given back, to be taken up again.
func (w *worker) stop(ctx context.Context, err error) {
	if ctx.Err() != nil {
		// The process is ending. The claim is left as it is, for a restart to find; a
		// write now would only delay the end.
		return
	}
	if errors.Is(err, ledger.ErrNotMoved) {
		w.Log.Debug("somebody else moved the item", "item", w.it.ID, "path", w.it.Path, "why", err)
		w.putOffs.over(w.it.ID)
		return
	}
	if errors.Is(err, errReconciling) {
		w.waitToReconcile(ctx)
		return
	}
	spent, reason, detail := true, "error", err.Error()
	wait := guard.Backoff(serverFirst, serverMost, w.it.Attempts+1, 0.5)
	if scenario.ClassOf(err) == scenario.ServerFault {
		reason = "server-fault"
	}
	if dead := (*disk.UnresponsiveError)(nil); errors.As(err, &dead) {
		// The claims leave its folder out until it answers.
		reason, detail, spent, wait = "no-answer", dead.Error(), false, time.Second
	}
	if folder := (*folderError)(nil); errors.As(err, &folder) {
		// It is let on when the folder's setting is in order again. That is no failure of a
		// file which is still to be sent.
		reason, detail, spent, wait = ledger.ReasonFolder, folder.sentence, w.it.AfterImport(), notAllowedRest
	}
	if later := (*laterError)(nil); errors.As(err, &later) {
		reason, detail = later.reason, later.sentence
		wait = guard.Backoff(serverFirst, laterMost, w.it.Attempts+1, 0.5)
	}
	if pending := (*afterImportError)(nil); errors.As(err, &pending) {
		reason, detail = pending.reason, pending.sentence
		wait = guard.Backoff(cleanupFirst, cleanupMost, w.it.Attempts+1, 0.5)
	}
	if errors.Is(err, errUnknownNow) {
		reason = "unknown"
	}
	if r, ok := noLeave(err); ok {
		reason, detail, wait = r.reason, r.sentence, notAllowedRest
	}
	if ledger.Unwritable(err) {
		reason, detail, spent = "ledger", "The local database cannot be written (is the disk full?); nothing is lost, and it resumes automatically when it can.", false
		wait = ledgerRetry
	}
	switch reason {
	case "ledger": // which is in trouble, not the file
		w.written.failed(err)
	case ledger.ReasonFolder: // said once, for the folder
		w.Log.Debug("file waits for a setting of its folder", "item", w.it.ID, "path", w.it.Path, "why", err)
	default:
		w.Log.Warn("file postponed", logging.Failure("put-off:"+reason), "item", w.it.ID, "path", w.it.Path, "tries", w.putOffs.count(w.it.ID),
			"for", wait.Round(time.Millisecond), "why", err)
	}
	for {
		rerr := w.Ledger.Release(ctx, w.it, w.owner, w.Now().Add(wait), spent, reason, detail)
		if rerr == nil {
			w.written.works()
			w.Wake() // it is due at a time that no lane knows of
			return
		}
		if !ledger.Unwritable(rerr) {
			return
		}
		w.written.failed(rerr)
		if !sleep(ctx, ledgerRetry) {
			return
		}
	}
}

// waitToReconcile gives the item back until it is known what Scenario holds.
func (w *worker) waitToReconcile(ctx context.Context) {
	err := w.Ledger.Release(ctx, w.it, w.owner, ledger.UntilReconciled(), false, ledger.ReasonReconciling,
		"It is being compared with what Scenario holds already, before anything is sent. It resumes automatically.")
	if err != nil && ctx.Err() == nil {
		w.written.failed(err) // the claim runs out
	}
	w.reconcileSoon() // it may be known by now
}
