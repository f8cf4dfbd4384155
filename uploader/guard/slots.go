package guard

import (
	"context"
	"slices"
	"sync"
	"time"
)

// slots bounds the parts in flight over all files. Parts of small files go first,
// and those of large files leave some connections for them. Unless the config fixes
// it, the bound follows what the line carries (see hillClimb). It is safe for concurrent
// use.
type slots struct {
	now  func() time.Time
	sent func() int64 // bytes so far

	mu       sync.Mutex
	climb    hillClimb
	inFlight int
	large    int // of those in flight, the parts of large files
	small    []chan struct{}
	big      []chan struct{}
	since    time.Time // the start of the interval being measured
	before   int64     // sent by then
	wanted   bool      // somebody waited all through the interval
	recent   float64   // bytes a second of one connection
	round    round
}

// Bounds of slots that are chosen by themselves.
const (
	firstConnections = 8
	minConnections   = 2
	// MaxConnections is how many parts are in flight at most.
	MaxConnections = 64
	measureEvery   = time.Second
)

// newSlots bounds to fixed parts in flight, or, if it is 0, to what proves best.
func newSlots(fixed int, sent func() int64, now func() time.Time) *slots {
	s := &slots{now: now, sent: sent}
	s.fix(fixed)
	return s
}

// fix bounds to another number, as newSlots does. Parts in flight go on.
func (s *slots) fix(fixed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.climb = hillClimb{limit: firstConnections, min: minConnections, max: MaxConnections, factor: 2, quick: true}
	if fixed > 0 {
		s.climb = hillClimb{limit: fixed, min: fixed, max: fixed}
	}
	s.serve()
}

// acquire waits for a connection, which release gives back.
func (s *slots) acquire(ctx context.Context, large bool) error {
	s.mu.Lock()
	if s.grant(large) {
		s.mu.Unlock()
		return ctx.Err()
	}
	turn := make(chan struct{})
	queue := s.queue(large)
	*queue = append(*queue, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(*queue, turn); i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	} else { // granted in this very moment
		s.giveBack(large)
	}
	return ctx.Err()
}

func (s *slots) release(large bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveBack(large)
}

func (s *slots) queue(large bool) *[]chan struct{} {
	if large {
		return &s.big
	}
	return &s.small
}

func (s *slots) giveBack(large bool) {
	s.inFlight--
	if large {
		s.large--
	}
	s.serve()
}

// grant takes a connection if there is one to be had. The parts of large files that were
// under way when the bound came down may take minutes: small files do not wait for them.
func (s *slots) grant(large bool) bool {
	full, kept := s.inFlight >= s.climb.limit, reserved(s.climb.limit)
	switch {
	case large && (full || s.large >= s.climb.limit-kept):
		return false
	case large:
		s.large++
	case full && s.inFlight-s.large >= kept:
		return false
	}
	s.inFlight++
	return true
}

// reserved is how many connections the parts of large files leave to small ones.
func reserved(limit int) int {
	if limit == 1 {
		return 0
	}
	return max(1, limit/8)
}

// serve lets on whoever waits, small files first.
func (s *slots) serve() {
	for _, large := range []bool{false, true} {
		queue := s.queue(large)
		for len(*queue) > 0 && s.grant(large) {
			close((*queue)[0])
			*queue = slices.Delete(*queue, 0, 1)
		}
	}
}

// measure judges the bound by what was sent since the last time. Whoever sends calls it
// now and then.
func (s *slots) measure() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if len(s.small)+len(s.big) == 0 {
		s.wanted = false
	}
	took := now.Sub(s.since)
	if took < measureEvery {
		return
	}
	sent := s.sent()
	// While a step's new connections are being handed out nobody waits for a moment. As long
	// as those of a step that was taken back are in use, a rate is no measure for the bound.
	if (s.wanted || s.climb.seen < settleIntervals) && took < 2*measureEvery {
		rate := float64(sent-s.before) / took.Seconds()
		s.recent = rate / float64(max(1, s.inFlight))
		if s.inFlight <= s.climb.limit {
			s.climb.judge(rate, s.large == 0)
			s.serve()
		}
	}
	s.since, s.before, s.wanted = now, sent, true
}

// trouble says that storage pushed back or a connection broke.
func (s *slots) trouble() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.climb.trouble()
}

// each is what one connection carried of late, in bytes a second; 0 if that is unknown.
func (s *slots) each() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recent
}
