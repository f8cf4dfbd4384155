package service

import (
	"context"

	"scenario-drop/config"
)

// limitVersionWaits has no version wait for longer than a config's version_interval says: it may
// have been longer when the version was taken. What waits under a shorter one keeps its time.
func (e *engine) limitVersionWaits(ctx context.Context, c *config.Config) error {
	hurried := 0
	for _, w := range c.Watches {
		n, err := e.ledger.LimitVersionWait(ctx, w.Path, w.VersionInterval)
		hurried += n
		if err != nil {
			return err
		}
	}
	if hurried > 0 {
		e.sender().Wake()
	}
	return nil
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
