package service

import (
	"context"
	"time"

	"scenario-drop/config"
)

// limitVersionWaits has no version wait for longer than a config's version_interval says: it may
// have been longer when the version was taken. What waits under a shorter one keeps its time.
func (e *engine) limitVersionWaits(ctx context.Context, c *config.Config) error {
	intervals := map[string]time.Duration{} // what waits of a folder that is none any more is let go of at once
	for _, w := range c.Watches {
		intervals[w.Path] = w.VersionInterval
	}
	clamped, err := e.ledger.LimitVersionWait(ctx, func(root string) time.Duration { return intervals[root] })
	if clamped > 0 {
		e.sender().Wake()
	}
	return err
}

// withoutIntervals is a config under which every new version goes at once: a single pass ends
// with all that is there sent.
func withoutIntervals(c *config.Config) *config.Config {
	same := *c
	same.Watches = make([]config.Watch, len(c.Watches))
	for i, w := range c.Watches {
		w.VersionInterval = 0
		same.Watches[i] = w
	}
	return &same
}
