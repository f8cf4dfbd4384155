package uploader

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace holds API requests to a rate learnt from the server's refusals: there is none
// until the first 429. Each 429 says that the rate of the moment is too much; from a
// little below it the rate comes back to it, stays near it for most of a minute, and
// then tries more, ever faster, since limits change (the curve is that of TCP CUBIC,
// RFC 9438). It is safe for concurrent use.
type pace struct {
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
	slowestPace = 1 // requests a second
	paceBurst   = 4
	// A 429 within cutsApart of the one before says that the rate is far too high.
	cutsApart         = 5 * time.Second
	cutALittle, cutTo = 0.97, 0.75
	cutNoFurther      = 0.9             // than this share of what the server takes
	takenOver         = 8 * time.Second // what it takes is averaged
	// Of a first burst refusals come back sooner than other answers, so that too few seem
	// to be allowed. More are tried so many times sooner then.
	firstHaste    = 10
	backAtCeiling = 30 * time.Second
	beyondCeiling = 0.1 // of the ceiling, after as long again
)

func newPace(now func() time.Time) *pace {
	return &pace{limiter: rate.NewLimiter(rate.Inf, paceBurst), now: now}
}

func (p *pace) wait(ctx context.Context) error { return p.limiter.Wait(ctx) }

// learn takes note of a request's outcome.
func (p *pace) learn(refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.count(now)
	p.asked++
	if !refused {
		p.took++
	}
	switch {
	case refused:
		p.refused(now)
	case p.base > 0 && now.Sub(p.set) >= time.Second/4:
		since := now.Sub(p.cut)
		if p.cuts == 1 {
			since *= firstHaste
		}
		p.setLimit(now, paceAfter(p.ceiling, p.base, since))
	}
}

// count ends the second being counted if it is over.
func (p *pace) count(now time.Time) {
	length := now.Sub(p.second)
	if length < time.Second {
		return
	}
	if !p.second.IsZero() {
		rate := float64(p.took) / length.Seconds()
		if p.taken == 0 {
			p.taken = rate
		}
		p.taken += (rate - p.taken) * min(1, length.Seconds()/takenOver.Seconds())
	}
	p.last, p.asked, p.took, p.second = p.asked, 0, 0, now
}

func (p *pace) refused(now time.Time) {
	since := now.Sub(p.cut)
	if p.base > 0 && since < time.Second {
		return // asked before the last cut
	}
	p.ceiling = float64(p.limiter.Limit())
	share := cutALittle
	if p.base == 0 {
		p.ceiling = float64(max(p.last, p.asked))
	}
	if p.base == 0 || since < cutsApart {
		share = cutTo
	}
	// What the server took of late it will take again: a refusal right after another is the
	// doing of a rate that is past.
	p.base, p.cut, p.cuts = max(p.ceiling*share, p.taken*cutNoFurther, slowestPace), now, min(p.cuts+1, 2)
	p.setLimit(now, p.base)
}

func (p *pace) setLimit(now time.Time, perSecond float64) {
	p.limiter.SetLimit(rate.Limit(perSecond))
	p.set = now
}

// paceAfter is the rate at a time after a cut from ceiling to base.
func paceAfter(ceiling, base float64, since time.Duration) float64 {
	x := since.Seconds()/backAtCeiling.Seconds() - 1 // 0: back at the ceiling
	if x < 0 {
		return ceiling + (ceiling-base)*x*x*x
	}
	return ceiling * (1 + beyondCeiling*x*x*x)
}
