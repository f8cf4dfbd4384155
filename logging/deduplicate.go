// Package logging keeps a log readable while something fails again and again: the first
// failure of its kind is a line at once, its repetitions become one line now and then
// with their number, and the recovery is one line. docs/decisions/0014-log.md has the
// rules.
//
// Whoever logs says which failure a record is about, by an attribute:
//
//	log.Warn("Scenario cannot be reached", logging.Failure("host:Scenario"), "why", err)
//	log.Info("Scenario can be reached again", logging.Recovery("host:Scenario"))
//
// Records without one pass through as they are, and so does everything where the
// handler is no [Deduplicator].
package logging

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// attrKey is the attribute by which a line names its failure, for whoever searches the log.
const attrKey = "failure"

// repeatedKey is the attribute with the number of failures that a line stands for.
const repeatedKey = "repeated"

type (
	failureID  string
	recoveryID string
)

// LogValue makes the id plain text in the log.
func (id failureID) LogValue() slog.Value { return slog.StringValue(string(id)) }

// LogValue makes the id plain text in the log.
func (id recoveryID) LogValue() slog.Value { return slog.StringValue(string(id)) }

// Failure marks a record as one of a failure that may repeat. Records with one id and
// one message are deduplicated. The id is stable and names what fails, such as "ledger" or
// "folder:/art"; it is part of the line.
func Failure(id string) slog.Attr { return slog.Any(attrKey, failureID(id)) }

// Recovery marks a record as the end of every failure with the id. It is a line if
// the failure was one since the recovery before.
func Recovery(id string) slog.Attr { return slog.Any(attrKey, recoveryID(id)) }

// Deduplicator is a [slog.Handler] that deduplicates marked records. Its methods are safe for
// concurrent use; handlers derived from it deduplicate together.
type Deduplicator struct {
	next slog.Handler
	*shared
}

// shared is what a Deduplicator and the handlers derived from it have in common.
type shared struct {
	now  func() time.Time
	wake chan struct{} // holds one: a line may have become due sooner

	mu     sync.Mutex
	bursts map[burstKey]*burst
}

// maxBursts bounds the memory. Of more different failures at one time, the one that
// was idle for longest is forgotten.
const maxBursts = 256

type burstKey struct{ id, message string }

// NewDeduplicator returns a handler that deduplicates what it hands on to next. It starts nothing:
// Run writes the lines that become due while nothing else is logged.
func NewDeduplicator(next slog.Handler, now func() time.Time) *Deduplicator {
	return &Deduplicator{next: next, shared: &shared{now: now, wake: make(chan struct{}, 1), bursts: map[burstKey]*burst{}}}
}

// Enabled is that of the handler behind.
func (d *Deduplicator) Enabled(ctx context.Context, l slog.Level) bool { return d.next.Enabled(ctx, l) }

// WithAttrs returns a Deduplicator whose records have the attributes as well.
func (d *Deduplicator) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Deduplicator{next: d.next.WithAttrs(attrs), shared: d.shared}
}

// WithGroup returns a Deduplicator whose records have their attributes in a group.
func (d *Deduplicator) WithGroup(name string) slog.Handler {
	return &Deduplicator{next: d.next.WithGroup(name), shared: d.shared}
}

// Handle writes the record, or counts it.
func (d *Deduplicator) Handle(ctx context.Context, r slog.Record) error {
	var failure failureID
	var recovery recoveryID
	r.Attrs(func(a slog.Attr) bool {
		switch id := a.Value.Any().(type) {
		case failureID:
			failure = id
		case recoveryID:
			recovery = id
		}
		return failure == "" && recovery == ""
	})
	switch {
	case failure != "":
		return d.failed(ctx, r, string(failure))
	case recovery != "":
		return d.recovered(ctx, r, string(recovery))
	}
	return d.next.Handle(ctx, r)
}

func (d *Deduplicator) failed(ctx context.Context, r slog.Record, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key, now := burstKey{id, r.Message}, d.now()
	s := d.bursts[key]
	if s == nil {
		if len(d.bursts) >= maxBursts {
			d.forgetOldest(ctx)
		}
		s = &burst{}
		d.bursts[key] = s
	}
	say := s.failed(now)
	s.last, s.to = r, d.next
	if say {
		return s.write(ctx, now)
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
	return nil
}

func (d *Deduplicator) recovered(ctx context.Context, r slog.Record, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	var ended []*burst
	say := false
	for key, s := range d.bursts {
		if key.id == id && !s.over {
			ended = append(ended, s)
			say = s.recovered(now) || say
		}
	}
	if say || len(ended) == 0 {
		return d.next.Handle(ctx, r)
	}
	ended[0].recovery, ended[0].to = r, d.next
	return nil
}

// forgetOldest makes room for another failure. It needs mu.
func (d *Deduplicator) forgetOldest(ctx context.Context) {
	var oldest burstKey
	for key, s := range d.bursts {
		if d.bursts[oldest] == nil || s.seen.Before(d.bursts[oldest].seen) {
			oldest = key
		}
	}
	_ = d.bursts[oldest].write(ctx, d.now()) // there is nobody to tell that the log cannot be written
	delete(d.bursts, oldest)
}

// Run writes the lines that are due until ctx is done, and then all that is left.
func (d *Deduplicator) Run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(d.due(ctx, d.now()))
		select {
		case <-ctx.Done():
			d.flush(ctx)
			return
		case <-d.wake:
		case <-timer.C:
		}
	}
}

// flush writes a line for every failure that has repetitions yet untold.
func (d *Deduplicator) flush(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.bursts {
		_ = s.write(ctx, d.now()) // there is nobody to tell
	}
}

// due writes the lines that are due at now, forgets the failures that are long over,
// and returns how long from now the next line is due.
func (d *Deduplicator) due(ctx context.Context, now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait := maxInterval
	for key, s := range d.bursts {
		switch {
		case s.pending > 0 && !now.Before(s.next):
			_ = s.write(ctx, now) // there is nobody to tell
		case s.pending > 0:
			wait = min(wait, s.next.Sub(now))
		case s.old(now):
			delete(d.bursts, key)
		}
	}
	return wait
}
