package uploader

import (
	"context"
	"time"
)

// idler waits where there is nothing to do.
type idler struct {
	*base
	leftOut func() []string // the folders of which nothing is taken up
}

// untilDue is the time until an item is due. What is due already was not for this lane, or
// it would have been claimed. What waits for a silent folder may be much, and is not
// asked for that often.
func (i *idler) untilDue(ctx context.Context, in *vain) time.Duration {
	at, ok, err := i.ledger.NextDue(ctx)
	if err != nil || !ok {
		return longestSleep
	}
	least := in.wait()
	if len(i.leftOut()) > 0 {
		least = max(least, time.Second)
	}
	return min(longestSleep, max(at.Sub(i.now()), least))
}

// idle waits until something may have to be done: a wake, a finished file, or, with
// room for it, the time an item is due. It reports false when ctx has ended.
func (i *idler) idle(ctx context.Context, room bool, in *vain, wake, freed <-chan struct{}) bool {
	wait := longestSleep
	if room {
		wait = i.untilDue(ctx, in)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		in.looks = 0
	case <-freed:
		in.looks = 0
	case <-timer.C:
		in.looks++
	}
	return true
}

// vain counts a loop's looks at the ledger since something happened, so that one which
// has nothing to do does not look ten times a second for as long as others have.
type vain struct {
	least time.Duration // to the next look after the first in vain
	looks int
}

// wait is the shortest time to the next look.
func (v *vain) wait() time.Duration {
	return min(v.least<<min(v.looks, 10), mostVain)
}

// mostVain also bounds how late a loop is with what becomes due meanwhile.
const mostVain = 2 * time.Second

// sleep waits; it reports false when ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
