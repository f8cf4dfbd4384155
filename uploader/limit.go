package uploader

import (
	"context"
	"io"
	"time"

	"golang.org/x/time/rate"
)

// throttle holds all parts together to the bandwidth that the config allows at the
// time. The timetable is looked at with every read.
type throttle struct {
	allowed func(time.Time) int64 // bytes a second; 0: no limit
	limiter *rate.Limiter
	now     func() time.Time
}

// throttleBurst is how much may leave at once: small enough for a smooth line, and at
// least what one read of the HTTP client asks for.
const throttleBurst = 64 << 10

func newThrottle(allowed func(time.Time) int64, now func() time.Time) *throttle {
	return &throttle{allowed: allowed, limiter: rate.NewLimiter(rate.Inf, throttleBurst), now: now}
}

// reader hands out r at the rate allowed, until ctx ends.
func (t *throttle) reader(ctx context.Context, r io.Reader) io.Reader {
	if t.allowed == nil {
		return r
	}
	return &throttledReader{ctx: ctx, r: r, t: t}
}

type throttledReader struct {
	ctx context.Context
	r   io.Reader
	t   *throttle
}

func (r *throttledReader) Read(p []byte) (int, error) {
	limit := rate.Inf
	if b := r.t.allowed(r.t.now()); b > 0 {
		limit = rate.Limit(b)
		p = p[:min(len(p), throttleBurst)]
	}
	if r.t.limiter.Limit() != limit {
		r.t.limiter.SetLimit(limit)
	}
	n, err := r.r.Read(p)
	if n > 0 && limit != rate.Inf {
		if werr := r.t.limiter.WaitN(r.ctx, n); werr != nil {
			return n, werr
		}
	}
	return n, err
}
