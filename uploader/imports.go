package uploader

import (
	"sync"
	"time"
)

// imports learns how long Scenario takes for an import, so that most are looked at once,
// when they are about done. It is safe for concurrent use.
type imports struct {
	begun chan struct{} // has a token when one began

	mu      sync.Mutex
	since   map[int64]time.Time // by item; those of this process
	typical time.Duration
}

// The waits between two looks at an import.
const (
	lookSoonest = 20 * time.Millisecond
	lookFirst   = 200 * time.Millisecond // before anything is known
	lookMost    = 20 * time.Second
)

func newImports() *imports {
	return &imports{begun: make(chan struct{}, 1), since: map[int64]time.Time{}, typical: lookFirst}
}

func (i *imports) begin(item int64, now time.Time) {
	i.mu.Lock()
	i.since[item] = now
	i.mu.Unlock()
	select {
	case i.begun <- struct{}{}:
	default:
	}
}

// end takes note of an import that was seen to be done. What was seen late counts as
// long; the look before the usual time is what finds out that imports became faster.
func (i *imports) end(item int64, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if since, ok := i.since[item]; ok {
		i.typical += (min(max(now.Sub(since), 0), lookMost) - i.typical) / 8
	}
	delete(i.since, item)
}

func (i *imports) forget(item int64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.since, item)
}

func (i *imports) usual() time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.typical
}

// lookAgainAfter says how long to wait for the next look at an import after a number of
// looks that found it at work: the first a little before the usual time, the next ones
// soon after it, then ever more rarely.
func lookAgainAfter(looks int, usual time.Duration) time.Duration {
	first := min(max(usual*3/4, lookSoonest), lookMost)
	if looks == 0 {
		return first
	}
	next := max(first/2, lookFirst/2)
	if looks > 10 || next<<(looks-1) > lookMost {
		return lookMost
	}
	return next << (looks - 1)
}
