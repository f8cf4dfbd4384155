package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// breaker is a circuit breaker before every request to one host. While the host is in trouble
// (no network, a rate limit, a refused key, server faults) it is open; when the wait is over it
// lets one request through as a probe, and closes for all when that one succeeds. So ten
// thousand waiting files ask a host that is down no more often than one.
//
// It is safe for concurrent use.
type breaker struct {
	host string // in words, for the log: "Scenario" or "Storage"
	log  *slog.Logger
	now  func() time.Time

	mu       sync.Mutex
	class    scenario.Class // why it is open; 0: it is closed
	why      error
	failures map[scenario.Class]int // since it opened
	said     bool                   // the log was told of this outage
	since    time.Time
	until    time.Time
	probing  bool
	changed  chan struct{} // closed when any of the above changed
}

const (
	// A breaker that is open for less than this is not worth a line in the log.
	grace = 2 * time.Second
	// Timers stand still while the computer sleeps; the wall clock, read so often, does not.
	maxTimer = 15 * time.Second
)

// pass is what a request got from the breaker.
type pass struct {
	probe bool // it is the one that tries an open breaker; leave must be called
}

func newBreaker(host string, log *slog.Logger, now func() time.Time) *breaker {
	return &breaker{host: host, log: log, now: now, changed: make(chan struct{}), failures: map[scenario.Class]int{}}
}

// enter waits until a request may be made, or ctx has ended. What came of the request is told to
// leave.
func (b *breaker) enter(ctx context.Context) (pass, error) {
	for {
		if err := ctx.Err(); err != nil {
			return pass{}, err
		}
		b.mu.Lock()
		if b.class == 0 {
			b.mu.Unlock()
			return pass{}, nil
		}
		wait := remaining(b.now(), b.until)
		if wait <= 0 && !b.probing {
			b.probing = true
			b.mu.Unlock()
			return pass{probe: true}, nil
		}
		changed := b.changed
		b.mu.Unlock()

		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(min(wait, maxTimer))
		}
		select {
		case <-ctx.Done():
			return pass{}, ctx.Err()
		case <-changed:
		case <-timer:
		}
	}
}

// holds reports whether a pass is still good after its holder waited for something else: the
// breaker may have opened meanwhile.
func (b *breaker) holds(p pass) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return p.probe || b.class == 0
}

// remaining is how long it is until a moment, by whichever clock says less: the
// monotonic one stands still while the computer sleeps, and the wall clock may be set
// back.
func remaining(now, until time.Time) time.Duration {
	return min(until.Sub(now), until.Round(0).Sub(now.Round(0)))
}

// leave learns from what came of a request: nil, its error, or why it was not made.
func (b *breaker) leave(p pass, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.probe {
		b.probing = false
	}
	defer func() {
		close(b.changed)
		b.changed = make(chan struct{})
	}()
	class := scenario.ClassOf(err)
	var e *scenario.Error
	var retryAfter time.Duration
	if errors.As(err, &e) {
		retryAfter = e.RetryAfter
	}
	if hostBackoff(class, 1, retryAfter) == 0 {
		// Any answer about this request alone shows that the host is well; an error
		// that is none of the host's (a file that changed, the end of ctx) shows nothing.
		if b.class != 0 && (err == nil || class != 0) {
			b.close()
		}
		return
	}
	if b.class != 0 && !p.probe {
		return // a request from before it opened; it tells nothing new
	}
	b.open(class, err, retryAfter)
}

// open opens the breaker, or keeps it open. A host that fails in several ways in turn
// is left alone for longer each time all the same: every way has a count of its own.
func (b *breaker) open(class scenario.Class, err error, retryAfter time.Duration) {
	now := b.now()
	if b.class == 0 {
		b.since = now
	}
	b.class, b.why = class, err
	b.failures[class]++
	b.until = now.Add(hostBackoff(class, b.failures[class], retryAfter))
	if b.until.Sub(b.since) >= grace {
		b.said = true
		b.log.Warn(fmt.Sprintf("%s cannot be used for now (%s); everything waits and resumes automatically", b.host, class),
			logging.Failure(b.failureID()), "next_try", b.until.Sub(now).Round(time.Millisecond), "why", err)
	}
}

func (b *breaker) close() {
	if b.said {
		tries := 0
		for _, n := range b.failures {
			tries += n
		}
		b.log.Info(b.host+" can be reached again", logging.Recovery(b.failureID()),
			"after", b.now().Round(0).Sub(b.since.Round(0)).Round(time.Millisecond), "tries", tries)
	}
	b.class, b.why, b.said = 0, nil, false
	clear(b.failures)
}

// failureID names the host's failures in the log.
func (b *breaker) failureID() string { return "host:" + b.host }

// outage returns why the breaker is open; ok is false while it is closed.
func (b *breaker) outage() (o Outage, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.class == 0 {
		return Outage{}, false
	}
	return Outage{Class: b.class, Why: b.why, Since: b.since, Until: b.until}, true
}
