package uploader

import (
	"context"
	"slices"
	"sync"
	"time"
)

// connections bounds the parts in flight over all files. Parts of small files go first,
// and those of large files leave some connections for them. Unless the config fixes
// it, the bound follows what the line carries (see climb). It is safe for concurrent
// use.
type connections struct {
	now  func() time.Time
	sent func() int64 // bytes so far

	mu       sync.Mutex
	climb    climb
	inFlight int
	large    int // of those in flight, the parts of large files
	small    []chan struct{}
	big      []chan struct{}
	since    time.Time // the start of the interval being measured
	before   int64     // sent by then
	wanted   bool      // somebody waited all through the interval
	recent   float64   // bytes a second of one connection
}

// Bounds of connections that are chosen by themselves.
const (
	firstConnections = 8
	leastConnections = 2
	// MostConnections is how many parts are in flight at most.
	MostConnections = 64
	measureFor      = time.Second
)

// newConnections bounds to fixed parts in flight, or, if it is 0, to what proves best.
func newConnections(fixed int, sent func() int64, now func() time.Time) *connections {
	c := &connections{now: now, sent: sent}
	c.fix(fixed)
	return c
}

// fix bounds to another number, as newConnections does. Parts in flight go on.
func (c *connections) fix(fixed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.climb = climb{limit: firstConnections, least: leastConnections, most: MostConnections, factor: 2}
	if fixed > 0 {
		c.climb = climb{limit: fixed, least: fixed, most: fixed}
	}
	c.serve()
}

// acquire waits for a connection, which release gives back.
func (c *connections) acquire(ctx context.Context, large bool) error {
	c.mu.Lock()
	if c.grant(large) {
		c.mu.Unlock()
		return ctx.Err()
	}
	turn := make(chan struct{})
	queue := c.queue(large)
	*queue = append(*queue, turn)
	c.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(*queue, turn); i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	} else { // granted in this very moment
		c.giveBack(large)
	}
	return ctx.Err()
}

func (c *connections) release(large bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.giveBack(large)
}

func (c *connections) queue(large bool) *[]chan struct{} {
	if large {
		return &c.big
	}
	return &c.small
}

func (c *connections) giveBack(large bool) {
	c.inFlight--
	if large {
		c.large--
	}
	c.serve()
}

// grant takes a connection if there is one to be had. The parts of large files that were
// under way when the bound came down may take minutes: small files do not wait for them.
func (c *connections) grant(large bool) bool {
	full, kept := c.inFlight >= c.climb.limit, reserved(c.climb.limit)
	switch {
	case large && (full || c.large >= c.climb.limit-kept):
		return false
	case large:
		c.large++
	case full && c.inFlight-c.large >= kept:
		return false
	}
	c.inFlight++
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
func (c *connections) serve() {
	for _, large := range []bool{false, true} {
		queue := c.queue(large)
		for len(*queue) > 0 && c.grant(large) {
			close((*queue)[0])
			*queue = slices.Delete(*queue, 0, 1)
		}
	}
}

// measure judges the bound by what was sent since the last time. Whoever sends calls it
// now and then.
func (c *connections) measure() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.small)+len(c.big) == 0 {
		c.wanted = false
	}
	took := now.Sub(c.since)
	if took < measureFor {
		return
	}
	sent := c.sent()
	// While a step's new connections are being handed out nobody waits for a moment. As long
	// as those of a step that was taken back are in use, a rate is no measure for the bound.
	if (c.wanted || c.climb.seen < settleFor) && took < 2*measureFor {
		rate := float64(sent-c.before) / took.Seconds()
		c.recent = rate / float64(max(1, c.inFlight))
		if c.inFlight <= c.climb.limit {
			c.climb.judge(rate)
			c.serve()
		}
	}
	c.since, c.before, c.wanted = now, sent, true
}

// trouble says that storage pushed back or a connection broke.
func (c *connections) trouble() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.climb.trouble()
}

// each is what one connection carried of late, in bytes a second; 0 if that is unknown.
func (c *connections) each() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recent
}

// climb finds the number of connections by trying: more, as long as each step carries
// clearly more; back, where it does not; and again after a while, since lines change.
type climb struct {
	limit       int
	least, most int
	factor      float64 // of the next step up

	seen   int     // intervals since the limit was last changed
	mean   float64 // bytes a second in them, the latest counting most
	rate   float64 // the mean before the step being judged
	from   int     // connections before that step; 0: none is being judged
	failed int     // steps in a row that brought too little
	hold   int     // intervals to stay before another step
}

const (
	// Up from here, in bytes a second, a single connection is not what limits.
	wellFed = 8 << 20
	// After a step that brought too little, another is tried after holdFirst intervals,
	// and after twice as many each time: what was measured may have been chance.
	holdFirst, holdFor = 4, 32
	laterSteps         = 1.5
	// Each added share of connections has to bring this share of it in speed.
	worthIt = 0.15
	// A new connection is faster than the line at first, until it loses a packet, and what
	// it puts into the system's buffers counts as sent: so many intervals say nothing.
	settleFor = 2
	// A step by less than twice has to stand out from chance.
	judgeLater = 3
)

// judge takes the rate of an interval in which more connections were wanted.
func (c *climb) judge(rate float64) {
	if c.seen++; c.seen <= settleFor {
		return
	}
	if c.seen == settleFor+1 {
		c.mean = rate
	}
	c.mean = (c.mean + rate) / 2
	switch {
	case c.from != 0:
		ratio := float64(c.limit) / float64(c.from)
		switch {
		case ratio < 2 && c.seen < settleFor+judgeLater:
		case c.mean < c.rate*(1+worthIt*(ratio-1)):
			c.change(c.from)
			c.factor, c.hold = laterSteps, min(holdFor, holdFirst<<c.failed)
			c.failed = min(c.failed+1, 8)
		default:
			c.failed = 0
			c.step()
		}
	case c.hold > 0:
		c.hold--
	default:
		c.step()
	}
}

func (c *climb) step() {
	more := min(c.most, max(c.limit+1, int(float64(c.limit)*c.factor)))
	if more <= c.limit || c.mean/float64(c.limit) > wellFed {
		c.from, c.hold = 0, holdFor
		return
	}
	rate, from := c.mean, c.limit
	c.change(more)
	c.rate, c.from = rate, from
}

func (c *climb) change(limit int) { c.limit, c.from, c.seen = limit, 0, 0 }

func (c *climb) trouble() {
	if c.hold > holdFor-2 && c.from == 0 {
		return // one cut for many parts that broke together
	}
	c.change(max(c.least, c.limit/2))
	c.hold, c.factor = holdFor, laterSteps
}
