package guard

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rateLimiter holds API requests to a rate learnt from the server's refusals: there is none
// until the first 429. Each 429 says that the rate of the moment is too much, and cuts it by a
// share; from there it rises by the same amount each second, since limits change (additive
// increase, multiplicative decrease). Where nothing was refused for long there is none any
// more. It is safe for concurrent use.
type rateLimiter struct {
	limiter *rate.Limiter
	now     func() time.Time

	mu      sync.Mutex
	second  time.Time // the start of the second being counted
	asked   int       // requests in it
	last    int       // requests in the second before
	took    int       // of the second being counted: answers that were no refusal
	taken   float64   // such answers a second, of late
	cuts    int       // so far; counted up to two
	cut     time.Time // the last cut; zero: never
	ceiling float64   // requests a second when the last 429 came
	base    float64   // requests a second after it
	set     time.Time // when the rate was last changed
}

const (
	minRate   = 1 // requests a second
	rateBurst = 4
	// A 429 within closeCuts of the one before says that the rate is far too high.
	closeCuts          = 5 * time.Second
	smallCut, largeCut = 0.97, 0.75
	minCut             = 0.9             // than this share of what the server takes
	takenWindow        = 8 * time.Second // what it takes is averaged
	// Of a first burst refusals come back sooner than other answers, so that too few seem
	// to be allowed. More are tried so many times sooner then.
	firstFactor = 10
	increase    = 0.0015 // of the ceiling, each second
	forgetAfter = 2 * time.Minute
)

func newRateLimiter(now func() time.Time) *rateLimiter {
	return &rateLimiter{limiter: rate.NewLimiter(rate.Inf, rateBurst), now: now}
}

func (r *rateLimiter) wait(ctx context.Context) error { return r.limiter.Wait(ctx) }

// limit is the rate of the moment; ok is false while there is none.
func (r *rateLimiter) limit() (perSecond float64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return float64(r.limiter.Limit()), r.base > 0
}

// learn takes note of a request's outcome.
func (r *rateLimiter) learn(refused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.count(now)
	r.asked++
	if !refused {
		r.took++
	}
	switch {
	case refused:
		r.refused(now)
	case r.base > 0 && now.Sub(r.set) >= time.Second/4:
		since := now.Sub(r.cut)
		if since > forgetAfter {
			r.base, r.cuts = 0, 0
			r.setLimit(now, math.Inf(1))
			break
		}
		step := r.ceiling * increase
		if r.cuts == 1 {
			step *= firstFactor
		}
		r.setLimit(now, r.base+step*since.Seconds())
	}
}

// count ends the second being counted if it is over.
func (r *rateLimiter) count(now time.Time) {
	length := now.Sub(r.second)
	if length < time.Second {
		return
	}
	if !r.second.IsZero() {
		perSecond := float64(r.took) / length.Seconds()
		if r.taken == 0 {
			r.taken = perSecond
		}
		r.taken += (perSecond - r.taken) * min(1, length.Seconds()/takenWindow.Seconds())
	}
	r.last, r.asked, r.took, r.second = r.asked, 0, 0, now
}

func (r *rateLimiter) refused(now time.Time) {
	since := now.Sub(r.cut)
	if r.base > 0 && since < time.Second {
		return // asked before the last cut
	}
	r.ceiling = float64(r.limiter.Limit())
	share := smallCut
	if r.base == 0 {
		r.ceiling = float64(max(r.last, r.asked))
	}
	if r.base == 0 || since < closeCuts {
		share = largeCut
	}
	// What the server took of late it will take again: a refusal right after another is the
	// doing of a rate that is past.
	r.base, r.cut, r.cuts = max(r.ceiling*share, r.taken*minCut, minRate), now, min(r.cuts+1, 2)
	r.setLimit(now, r.base)
}

func (r *rateLimiter) setLimit(now time.Time, perSecond float64) {
	r.limiter.SetLimit(rate.Limit(perSecond))
	r.set = now
}
