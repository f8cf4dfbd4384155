package service

import (
	"context"
	"log/slog"
	"time"

	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/logging"
)

// settleApart is the time between two checks whether the ledger's gap is at its end.
const settleApart = 15 * time.Second

// settleGap ends the ledger's gap, in which somebody else may have sent files, once all files
// from before it are dealt with.
func (e *engine) settleGap(ctx context.Context) error {
	for wait.For(ctx, settleApart) {
		settled, err := e.settled(ctx)
		if settled {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			e.log.Warn("it could not be written down that the files from before the start are dealt with; it is tried again",
				logging.Failure("ledger-gap"), "why", err)
		}
	}
	return nil
}

// settled ends the ledger's gap if every folder was scanned without trouble since the start, and
// nothing from before is being worked on.
func (e *engine) settled(ctx context.Context) (bool, error) {
	for _, f := range e.watcher.Folders() {
		if f.LastScan.IsZero() || f.Err != "" {
			return false, nil
		}
	}
	return e.ledger.Settle(ctx)
}

// logOlder tells that an older copy of the ledger was put in its place.
func logOlder(l *ledger.Ledger, log *slog.Logger) {
	if l.Older() {
		log.Error("an older copy of the local database was put in the place of a newer one; files that were in the folders before now, and that it does not know, are compared with what Scenario holds before anything is sent",
			"ledger", l.Path())
	}
}
