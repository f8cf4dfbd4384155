package guard

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"scenario-drop/scenario"
)

// TestRateOfALimitedServer asks a server that allows 20 requests a second, obeys its
// Retry-After, and finds a rate that wastes little of what is allowed.
func TestRateOfALimitedServer(t *testing.T) {
	for _, retryAfter := range []time.Duration{200 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const allowed = 20
			server := rate.NewLimiter(allowed, allowed)
			p := newRateLimiter(time.Now)
			asked, refused := 0, 0
			run := func(d time.Duration) {
				asked, refused = 0, 0
				for end := time.Now().Add(d); time.Now().Before(end); {
					if err := p.wait(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Millisecond) // so that an unlimited client comes to an end
					no := !server.Allow()
					p.learn(no)
					asked++
					if no {
						refused++
						time.Sleep(retryAfter)
					}
				}
			}
			run(15 * time.Second)
			t.Logf("Retry-After %v, first 15 s: %d of %d refused", retryAfter, refused, asked)
			const length = 5 * time.Minute
			run(length)
			got := float64(asked-refused) / (allowed * length.Seconds())
			t.Logf("then: %.1f %% of what is allowed, %.2f %% refused", 100*got, 100*float64(refused)/float64(asked))
			if got < 0.95 {
				t.Errorf("%.1f %% of what is allowed was used", 100*got)
			}
			if refused*100 > asked {
				t.Errorf("%d of %d requests were refused", refused, asked)
			}

			// The limit goes away: the rate follows.
			server.SetLimit(rate.Inf)
			run(5 * time.Minute)
			before := asked
			run(time.Minute)
			if asked < before/5 || asked < 10*60*allowed {
				t.Errorf("without a limit, %d requests in a minute", asked)
			}
		})
	}
}

// Sixty-four workers ask the same server. Those who had a turn while the breaker was open do
// not all rush in when it closes, which would be refused again.
func TestRateOfManyWorkers(t *testing.T) {
	for _, retryAfter := range []time.Duration{0, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const allowed = 20
			server := rate.NewLimiter(allowed, allowed)
			api := NewAPI(nil, Options{})
			var asked, refused atomic.Int64
			request := func(context.Context) error {
				time.Sleep(time.Millisecond)
				asked.Add(1)
				if server.Allow() {
					return nil
				}
				refused.Add(1)
				return &scenario.Error{Class: scenario.RateLimited, RetryAfter: retryAfter}
			}
			ctx, stop := context.WithCancel(t.Context())
			var workers sync.WaitGroup
			for range 64 {
				workers.Go(func() {
					for ctx.Err() == nil {
						api.Once(ctx, request)
					}
				})
			}
			time.Sleep(10 * time.Second)
			before, refusedBefore := asked.Load(), refused.Load()
			const length = 10 * time.Minute
			time.Sleep(length)
			all, no := asked.Load()-before, refused.Load()-refusedBefore
			stop()
			workers.Wait()
			got := float64(all-no) / (allowed * length.Seconds())
			t.Logf("Retry-After %v: %.1f %% of what is allowed, %.2f %% refused", retryAfter, 100*got, 100*float64(no)/float64(all))
			if got < 0.95 {
				t.Errorf("%.1f %% of what is allowed was used", 100*got)
			}
			if no*100 > all {
				t.Errorf("%d of %d requests were refused", no, all)
			}
		})
	}
}

// After a refusal the rate is below what was asked, and grows again.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRateLimiter(time.Now)
		for range 100 {
			p.wait(t.Context())
			p.learn(false)
		}
		p.learn(true)
		cut := p.limiter.Limit()
		if cut < 50 || cut > 90 {
			t.Fatalf("after a refusal at 100 requests a second the rate is %v", cut)
		}
		p.learn(true)
		if got := p.limiter.Limit(); got != cut {
			t.Errorf("refusals of one moment cut the rate twice: %v", got)
		}
		for range 120 {
			time.Sleep(time.Second)
			p.learn(false)
		}
		if got := p.limiter.Limit(); got < cut*1.5 {
			t.Errorf("two minutes without a refusal raised the rate from %v to %v only", cut, got)
		}
		for range 100 {
			time.Sleep(2 * time.Second)
			p.learn(true)
		}
		if got := p.limiter.Limit(); got != minRate {
			t.Errorf("the rate fell to %v, want no lower than %v", got, minRate)
		}
	})
}
