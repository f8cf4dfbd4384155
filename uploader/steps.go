package uploader

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/guard"
)

// work takes one claimed item as far as it goes. setAside lets go of its place in the
// size class before it is there.
func (u *Uploader) work(ctx context.Context, it ledger.Item, setAside func()) {
	t := u.progress.begin(it.ID, it.Path, it.Fingerprint.Size, u.now())
	defer u.progress.end(it.ID)
	j := &job{it: it, shown: t, setAside: setAside}
	for step := u.step(j); step != nil; step = u.step(j) {
		if err := step(ctx, j); err != nil {
			u.stop(ctx, j, err)
			return
		}
	}
}

// step returns what the item needs next; nil when it needs nobody's hands any more.
// Each step makes its own move in the ledger.
func (u *Uploader) step(j *job) func(context.Context, *job) error {
	rule, watched := u.rule(j.it.Root)
	j.rule = rule
	switch j.it.State {
	case drop.Preparing:
		if !watched {
			return u.unwatched
		}
		return u.identifier.identify
	case drop.Uploading:
		if !watched {
			return u.unwatched
		}
		return u.sender.resume
	case drop.Completing:
		return u.completer.resumeCompletion
	case drop.Linking:
		return u.linker.link
	case drop.CleaningUp:
		return u.cleaner.cleanUp
	}
	return nil
}

// errUnwatched ends the sending of a file whose folder was taken out of the config meanwhile.
var errUnwatched = errors.New("the file's folder is not in the config any more")

// watched reports whether the item's folder is in the config now.
func (b *base) watched(j *job) bool {
	_, ok := b.rule(j.it.Root)
	return ok
}

func (b *base) unwatched(ctx context.Context, j *job) error {
	return b.end(ctx, j, drop.Ignored, drop.ReasonUnwatched.With(drop.TextUnwatched.With()))
}

// end takes the item off its way.
func (b *base) end(ctx context.Context, j *job, to drop.State, why drop.Why) error {
	if err := b.ledger.End(ctx, j.it, b.owner, to, why); err != nil {
		return err
	}
	j.it.State = to
	level := slog.LevelInfo
	if to == drop.Failed || to == drop.Held {
		level = slog.LevelWarn
	}
	b.log.Log(ctx, level, "file "+string(to), "item", j.it.ID, "path", j.it.Path, "reason", why.Reason, "why", why.Detail)
	b.postponed.over(j.it.ID)
	b.wake()
	return nil
}

// stop handles what a step could not: the item is given back, to be taken up again.
func (u *Uploader) stop(ctx context.Context, j *job, err error) {
	if ctx.Err() != nil {
		// The process is ending. The claim is left as it is, for a restart to find; a
		// write now would only delay the end.
		return
	}
	if errors.Is(err, ledger.ErrNotMoved) {
		u.log.Debug("somebody else moved the item", "item", j.it.ID, "path", j.it.Path, "why", err)
		u.postponed.over(j.it.ID)
		return
	}
	if errors.Is(err, errReconciling) {
		u.waitToReconcile(ctx, j)
		return
	}
	spent, why := true, drop.ReasonError.With(drop.TextError.With("why", err.Error()))
	delay := guard.Backoff(minServerWait, maxServerWait, j.it.Attempts+1, 0.5)
	if guard.After(err) == guard.Postpone {
		why.Reason = drop.ReasonServerFault
	}
	if dead := (*disk.UnresponsiveError)(nil); errors.As(err, &dead) {
		// The claims leave its folder out until it answers.
		why, spent, delay = drop.ReasonFolderUnresponsive.With(drop.TextFolderUnresponsive.With("folder", dead.Root)), false, time.Second
	}
	if folder := (*folderError)(nil); errors.As(err, &folder) {
		// It is let on when the folder's setting is in order again. That is no failure of a
		// file which is still to be sent.
		why, spent, delay = drop.ReasonFolderSetting.With(folder.detail), j.it.AfterImport(), notAllowedRetry
	}
	if later := (*postponeError)(nil); errors.As(err, &later) {
		why = later.why
		delay = guard.Backoff(minServerWait, maxPostponeWait, j.it.Attempts+1, 0.5)
	}
	if pending := (*afterImportError)(nil); errors.As(err, &pending) {
		why = pending.why
		delay = guard.Backoff(minCleanupWait, maxCleanupWait, j.it.Attempts+1, 0.5)
	}
	if errors.Is(err, errUnknownNow) {
		why = drop.ReasonUploadUnknown.With(drop.TextUploadUnknown.With())
	}
	if r, ok := denialOf(err); ok {
		why, delay = r.why, notAllowedRetry
	}
	if ledger.Unwritable(err) {
		why, spent, delay = drop.ReasonLocalDatabase.With(drop.TextLocalDatabase.With()), false, ledgerRetry
	}
	switch {
	case ledger.Unwritable(err): // it is in trouble, not the file
		u.written.failed(err)
	case errors.As(err, new(*folderError)): // said once, for the folder
		u.log.Debug("file waits for a setting of its folder", "item", j.it.ID, "path", j.it.Path, "why", err)
	default:
		u.log.Warn("file postponed", logging.Failure("postponed:"+string(why.Reason)), "item", j.it.ID, "path", j.it.Path, "tries", u.postponed.count(j.it.ID),
			"for", delay.Round(time.Millisecond), "why", err)
	}
	for {
		rerr := u.ledger.Release(ctx, j.it, u.owner, u.now().Add(delay), spent, why)
		if rerr == nil {
			u.written.works()
			u.Wake() // it is due at a time that no size class knows of
			return
		}
		if !ledger.Unwritable(rerr) {
			return
		}
		u.written.failed(rerr)
		if !wait.For(ctx, ledgerRetry) {
			return
		}
	}
}

// waitToReconcile gives the item back until it is known what Scenario holds.
func (u *Uploader) waitToReconcile(ctx context.Context, j *job) {
	err := u.ledger.Release(ctx, j.it, u.owner, ledger.UntilReconciled(), false, drop.ReasonReconciling.With(drop.TextReconciling.With()))
	if err != nil && ctx.Err() == nil {
		u.written.failed(err) // the claim runs out
	}
	u.reconciler.reconcileSoon() // it may be known by now
}
