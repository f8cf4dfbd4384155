package service

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/watcher"
)

// sink takes what the watcher finds into the ledger, by the rules of the config.
type sink struct {
	ledger *ledger.Ledger
	rules  atomic.Pointer[map[string]config.Watch] // by folder
	config atomic.Pointer[config.Config]           // of those rules
	shared func(folder string) bool                // other computers may have it, too
	wake   func()
	log    *slog.Logger
}

func newSink(c *config.Config, l *ledger.Ledger, wake func(), shared func(string) bool, log *slog.Logger) *sink {
	s := &sink{ledger: l, wake: wake, shared: shared, log: log}
	s.setRules(c)
	return s
}

// setRules has what is found from now on judged by a config.
func (s *sink) setRules(c *config.Config) {
	rules := make(map[string]config.Watch, len(c.Watches))
	for _, w := range c.Watches {
		rules[w.Path] = w
	}
	s.config.Store(c)
	s.rules.Store(&rules)
}

func (s *sink) Known(ctx context.Context, dir string) (map[string]file.Fingerprint, error) {
	return s.ledger.Known(ctx, dir)
}

func (s *sink) Ready(ctx context.Context, found []watcher.Candidate) error {
	found, err := s.withoutExisting(ctx, found)
	if err != nil || len(found) == 0 {
		return err
	}
	rules := *s.rules.Load()
	observations := make([]ledger.Observation, len(found))
	for i, c := range found {
		observations[i] = observation(c, rules[c.Folder])
	}
	queued, err := s.ledger.Admit(ctx, observations)
	if queued > 0 {
		s.wake()
	}
	return err
}

// observation judges a finished file by its folder's rule.
func observation(c watcher.Candidate, rule config.Watch) ledger.Observation {
	s := ledger.Observation{Root: c.Folder, Path: c.Path, Fingerprint: c.Fingerprint, State: drop.Queued,
		IgnoreChanges: rule.OnChange == "ignore", Interval: rule.VersionInterval}
	if rule.MaxSize > 0 && c.Fingerprint.Size > rule.MaxSize {
		s.State, s.Reason = drop.Ignored, drop.ReasonTooLarge
		s.Detail = drop.TextTooLarge.With("size", strconv.FormatInt(c.Fingerprint.Size, 10), "max", strconv.FormatInt(rule.MaxSize, 10))
	}
	return s
}

func (s *sink) Held(ctx context.Context, h watcher.Held) error {
	if h.Reason == drop.ReasonGone {
		return s.gone(ctx, h)
	}
	rest, err := s.withoutExisting(ctx, []watcher.Candidate{{Folder: h.Folder, Path: h.Path, Fingerprint: h.Fingerprint}})
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return watcher.ErrNotAwaited
	}
	before, err := s.ledger.Find(ctx, h.Path)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	_, err = s.ledger.Admit(ctx, []ledger.Observation{{Root: h.Folder, Path: h.Path, Fingerprint: h.Fingerprint,
		State: drop.Held, Reason: h.Reason, Detail: h.Detail}})
	if err != nil {
		return err
	}
	it, err := s.ledger.Find(ctx, h.Path)
	if err != nil {
		return err
	}
	if it.Forced && it.State != drop.Held && it.Fingerprint.SameVersion(h.Fingerprint) {
		s.wake() // it may have come to work just now
		return watcher.ErrNotAwaited
	}
	if it.State == drop.Held && (before.ID != it.ID || before.State != it.State || before.Reason != it.Reason) {
		s.logHeld(it, h)
	}
	return nil
}

// logHeld writes the one line for a file that is held now. That a file is still being
// written is no failure, and may come and go for as long as a program keeps it open.
func (s *sink) logHeld(it ledger.Item, h watcher.Held) {
	attrs := []any{"item", it.ID, "path", it.Path, "reason", it.Reason, "why", it.Detail}
	if h.Reason == drop.ReasonStillOpen || h.Reason == drop.ReasonKeepsChanging || h.Reason == drop.ReasonTransferUnfinished {
		s.log.Info("file waits for its program", append(attrs, logging.Failure(string(drop.ReasonBeingWritten)))...)
		return
	}
	s.log.Warn("file held", attrs...)
}

// gone ends the wait for a file that was held and is no longer there.
func (s *sink) gone(ctx context.Context, h watcher.Held) error {
	it, err := s.ledger.Find(ctx, h.Path)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && it.State != drop.Held {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.ledger.End(ctx, it, "", drop.Gone, h.Reason.With(h.Detail))
	if errors.Is(err, ledger.ErrNotMoved) {
		return nil
	}
	return err
}
