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
// handler is no [Fold].
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
// one message are folded. The id is stable and names what fails, such as "ledger" or
// "folder:/art"; it is part of the line.
func Failure(id string) slog.Attr { return slog.Any(attrKey, failureID(id)) }

// Recovery marks a record as the end of every failure with the id. It is a line if
// the failure was one since the recovery before.
func Recovery(id string) slog.Attr { return slog.Any(attrKey, recoveryID(id)) }

// Fold is a [slog.Handler] that folds marked records. Its methods are safe for
// concurrent use; handlers derived from it fold together.
type Fold struct {
	next slog.Handler
	*shared
}

// shared is what a Fold and the handlers derived from it have in common.
type shared struct {
	now  func() time.Time
	wake chan struct{} // holds one: a line may have become due sooner

	mu     sync.Mutex
	spells map[spellKey]*spell
}

// mostSpells bounds the memory. Of more different failures at one time, the one that
// was silent for longest is forgotten.
const mostSpells = 256

type spellKey struct{ id, message string }

// NewFold returns a handler that folds what it hands on to next. It starts nothing:
// Run writes the lines that become due while nothing else is logged.
func NewFold(next slog.Handler, now func() time.Time) *Fold {
	return &Fold{next: next, shared: &shared{now: now, wake: make(chan struct{}, 1), spells: map[spellKey]*spell{}}}
}

// Enabled is that of the handler behind.
func (f *Fold) Enabled(ctx context.Context, l slog.Level) bool { return f.next.Enabled(ctx, l) }

// WithAttrs returns a Fold whose records have the attributes as well.
func (f *Fold) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Fold{next: f.next.WithAttrs(attrs), shared: f.shared}
}

// WithGroup returns a Fold whose records have their attributes in a group.
func (f *Fold) WithGroup(name string) slog.Handler {
	return &Fold{next: f.next.WithGroup(name), shared: f.shared}
}

// Handle writes the record, or counts it.
func (f *Fold) Handle(ctx context.Context, r slog.Record) error {
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
		return f.failed(ctx, r, string(failure))
	case recovery != "":
		return f.recovered(ctx, r, string(recovery))
	}
	return f.next.Handle(ctx, r)
}

func (f *Fold) failed(ctx context.Context, r slog.Record, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, now := spellKey{id, r.Message}, f.now()
	s := f.spells[key]
	if s == nil {
		if len(f.spells) >= mostSpells {
			f.forgetOldest(ctx)
		}
		s = &spell{}
		f.spells[key] = s
	}
	say := s.failed(now)
	s.last, s.to = r, f.next
	if say {
		return s.write(ctx, now)
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return nil
}

func (f *Fold) recovered(ctx context.Context, r slog.Record, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	var ended []*spell
	say := false
	for key, s := range f.spells {
		if key.id == id && !s.over {
			ended = append(ended, s)
			say = s.recovered(now) || say
		}
	}
	if say || len(ended) == 0 {
		return f.next.Handle(ctx, r)
	}
	ended[0].recovery, ended[0].to = r, f.next
	return nil
}

// forgetOldest makes room for another failure. It needs mu.
func (f *Fold) forgetOldest(ctx context.Context) {
	var oldest spellKey
	for key, s := range f.spells {
		if f.spells[oldest] == nil || s.seen.Before(f.spells[oldest].seen) {
			oldest = key
		}
	}
	_ = f.spells[oldest].write(ctx, f.now()) // there is nobody to tell that the log cannot be written
	delete(f.spells, oldest)
}

// Run writes the lines that are due until ctx is done, and then all that is left.
func (f *Fold) Run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(f.due(ctx, f.now()))
		select {
		case <-ctx.Done():
			f.flush(ctx)
			return
		case <-f.wake:
		case <-timer.C:
		}
	}
}

// flush writes a line for every failure that has repetitions yet untold.
func (f *Fold) flush(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.spells {
		_ = s.write(ctx, f.now()) // there is nobody to tell
	}
}

// due writes the lines that are due at now, forgets the failures that are long over,
// and returns how long from now the next line is due.
func (f *Fold) due(ctx context.Context, now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait := longest
	for key, s := range f.spells {
		switch {
		case s.pending > 0 && !now.Before(s.next):
			_ = s.write(ctx, now) // there is nobody to tell
		case s.pending > 0:
			wait = min(wait, s.next.Sub(now))
		case s.old(now):
			delete(f.spells, key)
		}
	}
	return wait
}
