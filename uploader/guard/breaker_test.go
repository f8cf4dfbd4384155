package guard

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/logging"
	"scenario-drop/scenario"
)

func fails(class scenario.Class, after time.Duration) func(context.Context) error {
	return func(context.Context) error { return &scenario.Error{Class: class, RetryAfter: after} }
}

func works(context.Context) error { return nil }

// do makes a request as soon as the breaker lets it, and tells it what came of that.
func (b *breaker) do(ctx context.Context, request func(context.Context) error) error {
	p, err := b.enter(ctx)
	if err == nil {
		err = request(ctx)
		b.leave(p, err)
	}
	return err
}

// A thousand who wait at a host that is down ask it no more often than one would, and
// all go on soon after it is back.
func TestBreakerHoldsThousands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("Scenario", slog.New(slog.DiscardHandler), time.Now)
		start, back := time.Now(), 10*time.Minute
		var asked atomic.Int64
		request := func(ctx context.Context) error {
			asked.Add(1)
			if time.Since(start) < back {
				return &scenario.Error{Class: scenario.Network}
			}
			return nil
		}
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				for b.do(t.Context(), request) != nil {
				}
			})
		}
		time.Sleep(back - time.Second)
		down := asked.Load()
		all.Wait()
		took := time.Since(start) - back

		// All ask once before the first answer; then backoffs of 15 to 30 s follow.
		if limit := int64(1000 + 10*60/15 + 8); down > limit {
			t.Errorf("a host that was down for %v was asked %d times, want at most %d", back, down, limit)
		}
		if took > maxNetworkWait {
			t.Errorf("the last got through %v after the host was back", took)
		}
		if _, open := b.outage(); open {
			t.Error("the breaker is still open")
		}
	})
}

func TestBreakerObeysRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("Scenario", slog.New(slog.DiscardHandler), time.Now)
		b.do(t.Context(), fails(scenario.RateLimited, 42*time.Second))
		if c, open := b.outage(); !open || c.Class != scenario.RateLimited || c.Detail() == "" {
			t.Fatalf("outage() = %+v, %v", c, open)
		}
		start := time.Now()
		if err := b.do(t.Context(), works); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != 42*time.Second {
			t.Errorf("waited %v, want 42 s", waited)
		}
	})
}

func TestBreakerStaysClosedForWhatIsNotTheHosts(t *testing.T) {
	b := newBreaker("Scenario", slog.New(slog.DiscardHandler), time.Now)
	for _, err := range []error{errors.New("the file changed"), &scenario.Error{Class: scenario.Rejected}, &scenario.Error{Class: scenario.NotFound},
		&scenario.Error{Class: scenario.Expired}, context.Canceled} {
		b.do(t.Context(), func(context.Context) error { return err })
		if c, open := b.outage(); open {
			t.Errorf("after %v the breaker is open: %+v", err, c)
		}
	}
}

// A no to one request shows that the host is well; a request that was cut short by its
// caller shows nothing, and lets the next one try.
func TestBreakerProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("Scenario", slog.New(slog.DiscardHandler), time.Now)
		b.do(t.Context(), fails(scenario.Network, 0))
		time.Sleep(maxNetworkWait)
		b.do(t.Context(), func(context.Context) error { return context.Canceled })
		if _, open := b.outage(); !open {
			t.Fatal("a request without an answer closed the breaker")
		}
		b.do(t.Context(), fails(scenario.Rejected, 0))
		if _, open := b.outage(); open {
			t.Fatal("an answer did not close the breaker")
		}
	})
}

func TestBreakerWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("Scenario", slog.New(slog.DiscardHandler), time.Now)
		b.do(t.Context(), fails(scenario.Refused, time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.do(ctx, works); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Do = %v, want the end of the context", err)
		}
	})
}

// A host that fails in several ways in turn is left alone no less than one that keeps
// to one way, and the log names each way once.
func TestBreakerOfManyTroubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines logLines
		b := newBreaker("Scenario", slog.New(logging.NewDeduplicator(&lines, time.Now)), time.Now)
		classes := []scenario.Class{scenario.Network, scenario.ServerFault, scenario.Garbled}
		start, asked := time.Now(), 0
		for time.Since(start) < 10*time.Minute {
			b.do(t.Context(), fails(classes[asked%len(classes)], 0))
			asked++
		}
		// Each way counts for itself: eight steps up to its longest wait, and then two
		// in three wait 15 s at least.
		if most := 3*8 + 3*10*60/(15+15+60); asked > most {
			t.Errorf("asked %d times in ten minutes, want at most %d", asked, most)
		}
		b.do(t.Context(), works)
		if got := lines.count(); got != len(classes)+1 {
			t.Errorf("the log has %d lines, want one for each of %d troubles and one for their end", got, len(classes))
		}
	})
}

// What is over within two seconds is no news; what takes longer is one line at its
// beginning and one at its end.
func TestBreakerLog(t *testing.T) {
	for name, c := range map[string]struct {
		failures, lines int
		after           time.Duration
	}{
		"within the grace": {failures: 1, lines: 0},
		"outage":           {failures: 8, lines: 2},
		"wait asked for":   {failures: 1, after: time.Minute, lines: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lines logLines
				b := newBreaker("Scenario", slog.New(logging.NewDeduplicator(&lines, time.Now)), time.Now)
				for range c.failures {
					b.do(t.Context(), fails(scenario.Network, c.after))
				}
				b.do(t.Context(), works)
				if got := lines.count(); got != c.lines {
					t.Errorf("the log has %d lines, want %d", got, c.lines)
				}
			})
		})
	}
}

// A computer that sleeps for hours stops the timers, but not the wall clock: work goes on
// soon after it woke, whatever wait was under way.
func TestBreakerAfterSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		now := func() time.Time { return time.Now().Round(0).Add(time.Duration(slept.Load())) }
		b := newBreaker("Scenario", slog.New(slog.DiscardHandler), now)
		b.do(t.Context(), fails(scenario.RateLimited, time.Hour))
		start := time.Now()
		time.AfterFunc(time.Minute, func() { slept.Store(int64(8 * time.Hour)) })
		if err := b.do(t.Context(), works); err != nil {
			t.Fatal(err)
		}
		if awake := time.Since(start) - time.Minute; awake < 0 || awake > 30*time.Second {
			t.Errorf("the next request came %v after waking, want within 30 s", awake)
		}
	})
}

// logLines counts what is logged at info and above, but for the lines that sum up what
// repeats.
type logLines struct {
	slog.Handler
	n atomic.Int64
}

func (l *logLines) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	sum := false
	r.Attrs(func(a slog.Attr) bool {
		sum = sum || a.Key == "repeated"
		return true
	})
	if !sum {
		l.n.Add(1)
	}
	return nil
}

func (l *logLines) count() int { return int(l.n.Load()) }

// Whoever reports failures rather than wait for their end asks a few times, and not where only a
// person helps.
func TestTries(t *testing.T) {
	for class, want := range map[scenario.Class]int{scenario.Network: 3, scenario.RateLimited: 3, scenario.ServerFault: 3, scenario.Garbled: 3,
		scenario.Refused: 1, scenario.NotFound: 1, scenario.Rejected: 1, scenario.PlanLimit: 1} {
		synctest.Test(t, func(t *testing.T) {
			a, asked := NewAPI(nil, Options{Tries: 3}), 0
			err := a.Do(t.Context(), func(context.Context) error { asked++; return &scenario.Error{Class: class} })
			if scenario.ClassOf(err) != class || asked != want {
				t.Errorf("%v: asked %d times, want %d; %v", class, asked, want, err)
			}
		})
	}
}
