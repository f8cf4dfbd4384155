package uploader

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

// Gate stands before every request to one host. While the host is in trouble (no
// network, a rate limit, a refused key, server faults) it is closed; when the wait is
// over it lets one request through to try, and opens for all when that one succeeds.
// So ten thousand waiting files ask a host that is down no more often than one.
//
// A Gate is safe for concurrent use.
type Gate struct {
	host string // in words, for the log: "Scenario" or "storage"
	log  *slog.Logger
	now  func() time.Time
	turn func(context.Context) error // what each request waits for besides; nil: nothing

	mu       sync.Mutex
	class    scenario.Class // 0: open
	why      error
	failures map[scenario.Class]int // since the gate closed
	said     bool                   // the log was told of this closing
	since    time.Time
	until    time.Time
	probing  bool
	changed  chan struct{} // closed when any of the above changed
}

const (
	// A gate that is closed for less than this is not worth a line in the log.
	hiccup = 2 * time.Second
	// Timers stand still while the computer sleeps; the wall clock, looked at so often,
	// does not.
	longestGateSleep = 15 * time.Second
)

// Closed says why a gate is closed.
type Closed struct {
	Class scenario.Class
	Why   error
	Since time.Time
	Until time.Time // when the next try is
}

func newGate(host string, log *slog.Logger, now func() time.Time) *Gate {
	return &Gate{host: host, log: log, now: now, changed: make(chan struct{}), failures: map[scenario.Class]int{}}
}

// Do waits until the gate lets it through, runs the request, and learns from its
// error. The wait ends early with ctx.
func (g *Gate) Do(ctx context.Context, request func(context.Context) error) error {
	probe, err := g.enter(ctx)
	if err != nil {
		return err
	}
	err = request(ctx)
	g.leave(ctx, probe, err)
	return err
}

// enter waits for the gate and for a turn. Turns that come while the gate is closed are
// lost, or all who had one would rush in together when it opens.
func (g *Gate) enter(ctx context.Context) (probe bool, err error) {
	for turn := g.turn == nil; ; turn = g.turn == nil {
		g.mu.Lock()
		for g.class == 0 {
			g.mu.Unlock()
			if turn {
				return false, ctx.Err()
			}
			if err := g.turn(ctx); err != nil {
				return false, err
			}
			turn = true
			g.mu.Lock()
		}
		wait := remaining(g.now(), g.until)
		if wait <= 0 && !g.probing {
			g.probing = true
			g.mu.Unlock()
			return true, nil
		}
		changed := g.changed
		g.mu.Unlock()

		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(min(wait, longestGateSleep))
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-changed:
		case <-timer:
		}
	}
}

// remaining is how long it is until a moment, by whichever clock says less: the
// monotonic one stands still while the computer sleeps, and the wall clock may be set
// back.
func remaining(now, until time.Time) time.Duration {
	return min(until.Sub(now), until.Round(0).Sub(now.Round(0)))
}

func (g *Gate) leave(ctx context.Context, probe bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if probe {
		g.probing = false
	}
	defer func() {
		close(g.changed)
		g.changed = make(chan struct{})
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
		if g.class != 0 && (err == nil || class != 0) {
			g.open()
		}
		return
	}
	if g.class != 0 && !probe {
		return // a request from before the gate closed; it tells nothing new
	}
	g.shut(class, err, retryAfter)
}

// shut closes the gate, or keeps it closed. A host that fails in several ways in turn
// is left alone for longer each time all the same: every way has a count of its own.
func (g *Gate) shut(class scenario.Class, err error, retryAfter time.Duration) {
	now := g.now()
	if g.class == 0 {
		g.since = now
	}
	g.class, g.why = class, err
	g.failures[class]++
	g.until = now.Add(hostBackoff(class, g.failures[class], retryAfter))
	if g.until.Sub(g.since) >= hiccup {
		g.said = true
		g.log.Warn(fmt.Sprintf("%s cannot be used for now (%s); everything waits and resumes automatically", g.host, class),
			logging.Failure(g.failureID()), "next_try", g.until.Sub(now).Round(time.Millisecond), "why", err)
	}
}

func (g *Gate) open() {
	if g.said {
		tries := 0
		for _, n := range g.failures {
			tries += n
		}
		g.log.Info(g.host+" can be reached again", logging.Recovery(g.failureID()),
			"after", g.now().Round(0).Sub(g.since.Round(0)).Round(time.Millisecond), "tries", tries)
	}
	g.class, g.why, g.said = 0, nil, false
	clear(g.failures)
}

// failureID names the gate's failures in the log.
func (g *Gate) failureID() string { return "host:" + g.host }

// Closed returns why the gate is closed; ok is false while it is open.
func (g *Gate) Closed() (c Closed, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.class == 0 {
		return Closed{}, false
	}
	return Closed{Class: g.class, Why: g.why, Since: g.since, Until: g.until}, true
}

// String says it in a sentence.
func (c Closed) String() string {
	switch c.Class {
	case scenario.Refused:
		words := ""
		if e, ok := errors.AsType[*scenario.Error](c.Why); ok && e.Message != "" {
			words = " (" + e.Message + ")"
		}
		return "Scenario refuses the API key" + words + ". Check the key and its project; work resumes automatically once it is accepted."
	case scenario.RateLimited:
		return "Scenario asked to slow down; work resumes automatically."
	case scenario.ServerFault:
		return "Scenario has a fault at the moment; work resumes automatically."
	case scenario.Garbled:
		return fmt.Sprintf("Something else than Scenario answers (a login page or a proxy?); work resumes automatically. %v", c.Why)
	}
	return fmt.Sprintf("Scenario cannot be reached; work resumes automatically once the network is back. %v", c.Why)
}
