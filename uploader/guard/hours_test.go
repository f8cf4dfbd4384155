package guard

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/internal/testkit/logtest"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

const flapping = 12 * time.Hour // of virtual time

// foldedLog is the daemon's log, in memory, until the test ends.
func foldedLog(t *testing.T) (*slog.Logger, *logtest.Buffer) {
	t.Helper()
	text := &logtest.Buffer{}
	f := logging.NewDeduplicator(slog.NewTextHandler(text, nil), time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return slog.New(f), text
}

// Hours of a host that comes and goes with a hundred requests at it leave nothing behind: the log
// is bounded, and no timer or goroutine is left.
func TestHoursOfFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, text := foldedLog(t)
		api := NewAPI(nil, Options{Log: log})
		ctx, cancel := context.WithTimeout(t.Context(), flapping)
		defer cancel()
		start := time.Now()
		classes := []scenario.Class{scenario.Network, scenario.ServerFault, scenario.RateLimited, scenario.Garbled}
		request := func(context.Context) error {
			at := time.Since(start)
			if at%(40*time.Second) < 15*time.Second {
				return nil
			}
			return &scenario.Error{Class: classes[int(at/(10*time.Minute))%len(classes)]}
		}
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				for ctx.Err() == nil {
					time.Sleep(10 * time.Second)
					api.Once(ctx, request)
				}
			})
		}
		all.Wait()
		lines := strings.Count(text.String(), "\n")
		t.Logf("%d lines", lines)
		if lines < 4 || lines > 90*int(flapping/time.Hour) {
			t.Errorf("there are %d lines:\n%.3000s", lines, text)
		}
		if len(api.breaker.failures) > len(classes) {
			t.Errorf("%d kinds of failure are remembered", len(api.breaker.failures))
		}
	})
}
