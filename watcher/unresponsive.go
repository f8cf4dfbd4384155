package watcher

import (
	"context"
	"time"

	"scenario-drop/logging"
)

// logUnresponsive logs, until ctx is done, when a folder does not answer, which its own
// goroutine cannot say, and when it does again.
func (w *Watcher) logUnresponsive(ctx context.Context) {
	tick := time.NewTicker(max(w.limits.stuck/2, time.Millisecond))
	defer tick.Stop()
	since := make(map[*folder]time.Time) // not in it: it answers
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, f := range w.list() {
			now := w.now()
			at, started, unresponsive := f.status.unresponsive(now, w.limits.stuck)
			switch {
			case unresponsive:
				since[f] = started
				f.log.Warn("folder does not answer; the others go on. Is the disk or the network share still connected?",
					logging.Failure(f.failureID("unresponsive")), "at", at, "for", now.Sub(started).Round(time.Second))
			case !since[f].IsZero():
				f.log.Info("folder answers again", logging.Recovery(f.failureID("unresponsive")), "after", now.Sub(since[f]).Round(time.Second))
				delete(since, f)
			}
		}
	}
}
