package uploader

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"scenario-drop/scenario"
)

// TestPaceOfALimitedServer asks a server that allows 20 requests a second, obeys its
// Retry-After, and finds a rate that wastes little of what is allowed.
func TestPaceOfALimitedServer(t *testing.T) {
	for _, retryAfter := range []time.Duration{200 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const allowed = 20
			server := rate.NewLimiter(allowed, allowed)
			p := newPace(time.Now)
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

// Sixty-four workers ask the same server. Those who had a turn while the gate was closed do
// not all rush in when it opens, which would be refused again.
func TestPaceOfManyWorkers(t *testing.T) {
	for _, retryAfter := range []time.Duration{0, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const allowed = 20
			server := rate.NewLimiter(allowed, allowed)
			p := newPace(time.Now)
			gate := newGate("Scenario", slog.New(slog.DiscardHandler), time.Now)
			gate.turn = p.wait
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
						p.learn(scenario.ClassOf(gate.Do(ctx, request)) == scenario.RateLimited)
					}
				})
			}
			time.Sleep(10 * time.Second)
			before, refusedBefore := asked.Load(), refused.Load()
			const length = 2 * time.Minute
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
