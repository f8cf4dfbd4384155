package uploader

import (
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
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
