package guard

import (
	"context"
	"io"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is how fast may be sent; the zero value is no limit.
type Limit struct {
	Rate  int64 // bytes a second; 0: none
	Share int   // percent of what the line turns out to carry; 0: none
}

// bandwidth holds all parts together to the bandwidth that the config allows at the
// time. The timetable is read with every piece. Parts of large files take turns, so
// that one of a small file waits behind a single read of theirs and gets half of what
// is allowed.
type bandwidth struct {
	allowed func(time.Time) Limit
	limiter *rate.Limiter
	line    *lineRate
	now     func() time.Time
	turn    chan struct{} // has a token while a large part waits
}

// bandwidthBurst is how much may leave at once: small enough for a smooth line, and at
// least what one read of the HTTP client asks for.
const bandwidthBurst = 64 << 10

func newBandwidth(allowed func(time.Time) Limit, sent func() int64, now func() time.Time) *bandwidth {
	return &bandwidth{allowed: allowed, limiter: rate.NewLimiter(rate.Inf, bandwidthBurst), line: &lineRate{sent: sent}, now: now, turn: make(chan struct{}, 1)}
}

// reader hands out r, of a large file or not, at the rate allowed, until ctx ends.
func (b *bandwidth) reader(ctx context.Context, r io.Reader, large bool) io.Reader {
	return &limitedReader{ctx: ctx, r: r, b: b, large: large}
}

type limitedReader struct {
	ctx   context.Context
	r     io.Reader
	b     *bandwidth
	large bool
}

func (r *limitedReader) Read(p []byte) (int, error) {
	limit := r.b.limit()
	if limit != rate.Inf {
		p = p[:min(len(p), bandwidthBurst)]
	}
	n, err := r.r.Read(p)
	if n > 0 && limit != rate.Inf {
		if werr := r.b.wait(r.ctx, n, r.large); werr != nil {
			return n, werr
		}
	}
	return n, err
}

// limit is what holds at the moment.
func (b *bandwidth) limit() rate.Limit {
	now := b.now()
	limit := rate.Inf
	l := b.allowed(now)
	if l.Share > 0 {
		l.Rate = b.line.share(now, l.Share)
	}
	if l.Rate > 0 {
		limit = rate.Limit(l.Rate)
	}
	if b.limiter.Limit() != limit {
		b.limiter.SetLimit(limit)
	}
	return limit
}

func (b *bandwidth) wait(ctx context.Context, n int, large bool) error {
	if large {
		select {
		case b.turn <- struct{}{}:
			defer func() { <-b.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return b.limiter.WaitN(ctx, n)
}

// lineRate finds out what the line carries: every few minutes of sending nothing is
// held back for some seconds, and the best of them counts. It is safe for concurrent
// use.
type lineRate struct {
	sent func() int64 // bytes so far

	mu     sync.Mutex
	best   float64 // bytes a second; 0: not known
	since  time.Time
	before int64
	until  time.Time // the end of the trial under way
	next   time.Time // when the next trial begins
}

const (
	trialLength = 5 * time.Second
	trialEvery  = 3 * time.Minute
)

// share is a percentage of what the line carries, in bytes a second; 0 while that is
// being found out.
func (l *lineRate) share(now time.Time, percent int) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.next) {
		l.until, l.next, l.best = now.Add(trialLength), now.Add(trialEvery), 0
		l.since, l.before = now, l.sent()
	}
	if now.Before(l.until) {
		if took := now.Sub(l.since); took >= time.Second {
			sent := l.sent()
			l.best = max(l.best, float64(sent-l.before)/took.Seconds())
			l.since, l.before = now, sent
		}
		return 0
	}
	if l.best == 0 { // too little was sent to tell
		l.next = now
		return 0
	}
	return max(1, int64(l.best*float64(percent)/100))
}
