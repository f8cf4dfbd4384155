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
	c := &connections{now: now, sent: sent, climb: climb{limit: firstConnections, least: leastConnections, most: MostConnections, factor: 2}}
	if fixed > 0 {
		c.climb = climb{limit: fixed, least: fixed, most: fixed}
	}
	return c
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

// grant takes a connection if there is one to be had.
func (c *connections) grant(large bool) bool {
	if c.inFlight >= c.climb.limit {
		return false
	}
	if large {
		if c.large >= c.climb.limit-reserved(c.climb.limit) {
			return false
		}
		c.large++
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
	if c.wanted && took < 2*measureFor {
		rate := float64(sent-c.before) / took.Seconds()
		c.recent = rate / float64(max(1, c.inFlight))
		c.climb.judge(rate)
		c.serve()
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

	rate    float64 // bytes a second, before the step being judged
	from    int     // connections before that step; 0: none is being judged
	settled bool    // the step has had an interval for its connections to get going
	hold    int     // intervals to stay before another step
}

const (
	// Up from here, in bytes a second, a single connection is not what limits.
	wellFed    = 8 << 20
	holdFor    = 30 // intervals
	laterSteps = 1.25
	// Each added share of connections has to bring this share of it in speed.
	worthIt = 0.15
)

// judge takes the rate of an interval in which more connections were wanted.
func (c *climb) judge(rate float64) {
	switch {
	case c.from != 0 && !c.settled:
		c.settled = true
	case c.from != 0:
		if rate < c.rate*(1+worthIt*(float64(c.limit)/float64(c.from)-1)) {
			c.limit, c.from, c.hold, c.factor = c.from, 0, holdFor, laterSteps
			return
		}
		c.step(rate)
	case c.hold > 0:
		c.hold--
	default:
		c.step(rate)
	}
}

func (c *climb) step(rate float64) {
	more := min(c.most, max(c.limit+1, int(float64(c.limit)*c.factor)))
	if more <= c.limit || rate/float64(c.limit) > wellFed {
		c.from, c.hold = 0, holdFor
		return
	}
	c.rate, c.from, c.limit, c.settled = rate, c.limit, more, false
}

func (c *climb) trouble() {
	if c.hold > holdFor-2 && c.from == 0 {
		return // one cut for many parts that broke together
	}
	c.limit, c.from, c.hold, c.factor = max(c.least, c.limit/2), 0, holdFor, laterSteps
}
