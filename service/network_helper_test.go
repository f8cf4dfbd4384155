package service

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/nettest"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/standin"
	"scenario-drop/uploader"
)

// farStudio is a studio whose Scenario is at the end of a line.
type farStudio struct {
	*studio
	line *nettest.Line
}

func newFarStudio(t *testing.T, o standin.Options, lo nettest.Options, folders ...string) *farStudio {
	t.Helper()
	s := newStudio(t, o, folders...)
	line := nettest.New(t, s.server.BaseURL(), lo)
	s.config.Scenario.BaseURL = line.BaseURL()
	return &farStudio{s, line}
}

// clients are those of the product but for what a test gives.
type clients struct {
	apiStall  time.Duration // 0: the product's
	stall     time.Duration // of storage; 0: the product's
	transport http.RoundTripper
	log       *slog.Logger
	now       func() time.Time // of the ledger and the uploader; nil: the product's
}

// runEngine runs the product's watcher and uploader with other clients, until the test
// ends or stop is called.
func (s *farStudio) runEngine(c clients) (e *engine, stop func()) {
	s.t.Helper()
	if c.log == nil {
		c.log = s.log()
	}
	if err := os.MkdirAll(s.config.DataDir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	l, err := ledger.Open(s.t.Context(), s.ledgerPath(), c.now)
	if err != nil {
		s.t.Fatal(err)
	}
	if e, err = newEngine(s.config, l, c.log); err != nil {
		s.t.Fatal(err)
	}
	if e.api, err = scenario.New(scenario.Options{BaseURL: s.config.Scenario.BaseURL, Key: s.config.Scenario.Credentials.Key,
		Secret: s.config.Scenario.Credentials.Secret, StallTimeout: c.apiStall, Transport: c.transport}); err != nil {
		s.t.Fatal(err)
	}
	e.storage = scenario.NewStorage(scenario.StorageOptions{StallTimeout: c.stall, Transport: c.transport})
	e.remake(func(o *uploader.Options) { o.Now = c.now })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil && ctx.Err() == nil {
			s.t.Errorf("the engine ended with: %v", err)
		}
		if err := l.Close(); err != nil {
			s.t.Error(err)
		}
	}
	s.t.Cleanup(stop)
	return e, stop
}

// remake makes the uploader again, which does not run yet, with options that a test changes.
func (e *engine) remake(change func(*uploader.Options)) {
	o := e.uploaderOptions(e.config, e.api, e.storage)
	change(&o)
	e.uploader = uploader.New(o)
}

func (s *farStudio) ledgerPath() string { return LedgerPath(s.config.DataDir) }

// neverFailed asserts that no file was failed on the way.
func (s *farStudio) neverFailed() {
	s.t.Helper()
	l, err := ledger.OpenReadOnly(s.t.Context(), s.ledgerPath())
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	items, _, err := l.Ended(s.t.Context(), 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, it := range items {
		if it.State == drop.Failed {
			s.t.Errorf("%s failed: %s %s", it.Path, it.Reason, it.Detail)
		}
	}
}

func toAPI(r *http.Request) bool     { return !nettest.IsPart(r) }
func toStorage(r *http.Request) bool { return nettest.IsPart(r) }
