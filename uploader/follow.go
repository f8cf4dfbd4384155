package uploader

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/drop"
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
	"scenario-drop/uploader/guard"
)

const (
	followAtOnce = 32  // requests in flight for all imports together
	followBatch  = 128 // imports checked between two readings of the ledger
	// After checks that were not many the follower rests for so many times as long as they
	// took, and no longer than followRest: then the next ones are for several imports, and
	// what comes of them is one change.
	followShare = 4
	followRest  = 40 * time.Millisecond
	// An upload that Scenario does not know any more while it is being imported may be
	// an import that is slow to show; it counts as lost after this many checks, some five
	// minutes, so that a second asset of the same bytes is not made lightly.
	maxUnknownChecks = 20
	// After this many checks, some ten minutes, the item says that it waits for Scenario.
	slowAfterChecks = 40
)

// followRecords are what a follower reads and writes down.
type followRecords interface {
	Due(ctx context.Context, limit int) ([]ledger.Item, error)
	CheckAgain(ctx context.Context, it ledger.Item, next time.Time, why drop.Why) error
	End(ctx context.Context, it ledger.Item, owner string, to drop.State, why drop.Why) error
}

// follower follows imports.
type follower struct {
	*base
	ledger    followRecords
	remote    *remote
	imports   *imports
	completer *completer
	idler     *idler
	checked   func() // told after each check
}

// follow checks the uploads that Scenario is importing, each at lengthening
// intervals, for all items together.
func (f *follower) follow(ctx context.Context) error {
	in := idlePolls{min: followEvery}
	asking := make(chan struct{}, followAtOnce)
	for {
		began := f.now()
		due, err := f.ledger.Due(ctx, followBatch)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			f.written.failed(err)
			if !wait.For(ctx, ledgerRetry) {
				return nil
			}
			continue
		}
		if len(due) > 0 {
			in.polls = 0
		}
		var g errgroup.Group
		for _, it := range due {
			g.Go(func() error {
				defer f.checked()
				if err := f.check(ctx, asking, it); err != nil && ctx.Err() == nil {
					if ledger.Unwritable(err) {
						f.written.failed(err)
					} else {
						f.log.Warn("an import could not be followed; it is checked again", logging.Failure("follow"), "item", it.ID, "path", it.Path, "why", err)
					}
					if err := f.checkLater(ctx, it, drop.Why{}); err != nil && ctx.Err() == nil {
						f.written.failed(err)
						wait.For(ctx, ledgerRetry)
					}
				}
				return nil
			})
		}
		g.Wait() // no error is returned by any
		if len(due) == followBatch {
			continue
		}
		if len(due) > 0 && !wait.For(ctx, min(max(f.now().Sub(began), 0)*followShare, followRest)) {
			return nil
		}
		if !f.idler.idle(ctx, true, &in, f.imports.begun, nil) {
			return nil
		}
	}
}

// check reads one upload's record and moves its item on if it can be. asking bounds the
// requests of all checks.
func (f *follower) check(ctx context.Context, asking chan struct{}, it ledger.Item) error {
	var up *scenario.Upload
	select {
	case asking <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	asked := f.now()
	err := f.remote.ask(ctx, func(ctx context.Context) (err error) {
		up, err = f.remote.client.GetUpload(ctx, it.Upload.Remote)
		return err
	})
	var outcome scenario.Outcome
	if err == nil {
		outcome, err = f.remote.outcome(ctx, it, up)
	}
	<-asking // what comes of it is written down in one change with the others
	switch {
	case guard.After(err) == guard.Gone:
		if it.Hold != ledger.HoldUnknown || it.Attempts < maxUnknownChecks {
			return f.checkLater(ctx, it, drop.ReasonUploadUnknown.With(drop.TextUploadUnknown.With()))
		}
		return f.endFollowed(ctx, it, drop.Queued, drop.ReasonStartedOver.With(drop.TextUploadLost.With()))
	case err != nil:
		if r, ok := denialOf(err); ok {
			return f.ledger.CheckAgain(ctx, it, f.now().Add(notAllowedRetry), r.why.Reason.With(drop.TextCannotFollow.With().And(r.why.Detail)))
		}
		return err
	}
	switch outcome {
	case scenario.Imported:
		f.imports.end(it.ID, asked)
		if _, err := f.completer.made(ctx, it, "", up); err != nil {
			return err
		}
		f.wake()
		return nil
	case scenario.Failed:
		return f.endFollowed(ctx, it, drop.Failed, drop.ReasonRefused.With(drop.TextCannotUse.With("words", strings.TrimSuffix(up.ErrorMessage, "."))))
	}
	f.imports.atWork(it.ID, asked)
	if it.Attempts >= slowAfterChecks && it.Reason == "" {
		return f.checkLater(ctx, it, drop.ReasonSlowImport.With(drop.TextSlowImport.With()))
	}
	return f.checkLater(ctx, it, it.Reason.With(it.Detail))
}

func (f *follower) checkLater(ctx context.Context, it ledger.Item, why drop.Why) error {
	return f.ledger.CheckAgain(ctx, it, f.now().Add(checkAgainAfter(it.Attempts+1, f.imports.usual())), why)
}

func (f *follower) endFollowed(ctx context.Context, it ledger.Item, to drop.State, why drop.Why) error {
	f.imports.forget(it.ID)
	if err := f.ledger.End(ctx, it, "", to, why); err != nil {
		return err
	}
	f.log.Warn("file "+string(to), "item", it.ID, "path", it.Path, "reason", why.Reason, "why", why.Detail)
	f.postponed.over(it.ID)
	f.wake()
	return nil
}
