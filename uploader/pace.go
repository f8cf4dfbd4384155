package uploader

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace holds API requests to a rate learnt from the server's refusals: there is none
// until the first 429; each 429 cuts the rate to three quarters of what was being
// asked, and each second without one raises it a little. It is safe for concurrent use.
type pace struct {
	limiter *rate.Limiter
	now     func() time.Time

	mu     sync.Mutex
	second time.Time // the start of the second being counted
	asked  int       // requests in it
	last   int       // requests in the second before
	cut    time.Time // the last cut
}

const slowestPace = 1 // requests a second

func newPace(now func() time.Time) *pace {
	return &pace{limiter: rate.NewLimiter(rate.Inf, 4), now: now}
}

func (p *pace) wait(ctx context.Context) error { return p.limiter.Wait(ctx) }

// learn takes note of a request's outcome.
func (p *pace) learn(refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Sub(p.second) >= time.Second {
		p.last, p.asked, p.second = p.asked, 0, now
		if limit := p.limiter.Limit(); limit != rate.Inf && now.Sub(p.cut) >= time.Second {
			p.limiter.SetLimit(limit*1.02 + 0.1)
		}
	}
	p.asked++
	if !refused || now.Sub(p.cut) < time.Second {
		return
	}
	p.cut = now
	rated := p.limiter.Limit()
	if rated == rate.Inf {
		rated = rate.Limit(max(p.last, p.asked))
	}
	p.limiter.SetLimit(max(rated*3/4, slowestPace))
}
