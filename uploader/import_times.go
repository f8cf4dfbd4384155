package uploader

import (
	"sync"
	"time"
)

// imports learns how long Scenario takes for an import, so that most are checked once,
// when they are just done. It is safe for concurrent use.
type imports struct {
	begun chan struct{} // has a token when one began

	mu      sync.Mutex
	running map[int64]importing // by item; those that began in this process
	typical time.Duration
}

type importing struct {
	begun  time.Time
	atWork time.Time // of the latest check that found it not done; zero: there was none
}

// The waits between two checks of an import.
const (
	minCheckWait    = 20 * time.Millisecond
	firstCheckWait  = 150 * time.Millisecond // before anything is known
	secondCheckWait = 100 * time.Millisecond // to the one after it, at least
	maxCheckWait    = 20 * time.Second
)

func newImports() *imports {
	return &imports{begun: make(chan struct{}, 1), running: map[int64]importing{}, typical: firstCheckWait}
}

func (i *imports) begin(item int64, now time.Time) {
	i.mu.Lock()
	i.running[item] = importing{begun: now}
	i.mu.Unlock()
	select {
	case i.begun <- struct{}{}:
	default:
	}
}

// atWork takes note of a check that found an import not done.
func (i *imports) atWork(item int64, asked time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if is, ok := i.running[item]; ok {
		is.atWork = asked
		i.running[item] = is
	}
}

// end takes note of a check that found an import done. A check comes late where there is
// much to do, so one that is the first says only that imports may be quicker than was
// thought. A later one says more: it was done between the two.
func (i *imports) end(item int64, asked time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	is, ok := i.running[item]
	switch {
	case !ok:
	case is.atWork.IsZero():
		i.typical = max(i.typical-i.typical/32, minCheckWait)
	default:
		took := is.atWork.Sub(is.begun) + asked.Sub(is.atWork)/2
		i.typical += (min(max(took, 0), maxCheckWait) - i.typical) / 4
	}
	delete(i.running, item)
}

func (i *imports) forget(item int64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.running, item)
}

// followed is how many imports of this process are not known to have ended.
func (i *imports) followed() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.running)
}

func (i *imports) usual() time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.typical
}

// checkAgainAfter says how long to wait before the next check of an import after a number of
// checks that found it at work: the first at the usual time, the next ones soon after it,
// then ever more rarely.
func checkAgainAfter(checks int, usual time.Duration) time.Duration {
	first := min(max(usual, minCheckWait), maxCheckWait)
	if checks == 0 {
		return first
	}
	next := max(first/2, secondCheckWait)
	if checks > 10 || next<<(checks-1) > maxCheckWait {
		return maxCheckWait
	}
	return next << (checks - 1)
}
