package uploader

import (
	"context"
	"time"
)

// dueTimes are what an idler reads and writes down.
type dueTimes interface {
	NextDue(ctx context.Context) (at time.Time, ok bool, err error)
}

// idler waits where there is nothing to do.
type idler struct {
	*base
	ledger      dueTimes
	unavailable func() []string // the folders of which nothing is taken up
}

// untilDue is the time until an item is due. What is due already was not for this size class, or
// it would have been claimed. What waits for an unresponsive folder may be much, and is not
// asked for that often.
func (i *idler) untilDue(ctx context.Context, in *idlePolls) time.Duration {
	at, ok, err := i.ledger.NextDue(ctx)
	if err != nil || !ok {
		return maxSleep
	}
	shortest := in.wait()
	if len(i.unavailable()) > 0 {
		shortest = max(shortest, time.Second)
	}
	return min(maxSleep, max(at.Sub(i.now()), shortest))
}

// idle waits until something may have to be done: a wake, a finished file, or, with
// room for it, the time an item is due. It reports false when ctx has ended.
func (i *idler) idle(ctx context.Context, room bool, in *idlePolls, wake, freed <-chan struct{}) bool {
	wait := maxSleep
	if room {
		wait = i.untilDue(ctx, in)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		in.polls = 0
	case <-freed:
		in.polls = 0
	case <-timer.C:
		in.polls++
	}
	return true
}

// idlePolls counts a loop's polls of the ledger since something happened, so that one which
// has nothing to do does not poll ten times a second for as long as others have.
type idlePolls struct {
	min   time.Duration // to the next poll after the first that found nothing
	polls int
}

// wait is the shortest time to the next poll.
func (p *idlePolls) wait() time.Duration {
	return min(p.min<<min(p.polls, 10), maxIdleWait)
}

// maxIdleWait also bounds how late a loop is with what becomes due meanwhile.
const maxIdleWait = 2 * time.Second
