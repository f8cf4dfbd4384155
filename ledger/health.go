package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"scenario-drop/drop"
)

// Trouble is why the ledger cannot be written at the moment. It passes.
type Trouble struct {
	Path  string // of the ledger
	Why   error
	Since time.Time
}

// Detail says it for people.
func (t Trouble) Detail() drop.Detail {
	var e *sqlite.Error
	if errors.As(t.Why, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return drop.TextDatabaseFull.With("path", t.Path)
		case sqlite3.SQLITE_READONLY:
			return drop.TextDatabaseReadOnly.With("path", t.Path)
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return drop.TextDatabaseLocked.With("path", t.Path)
		}
	}
	return drop.TextDatabaseUnwritable.With("path", t.Path, "why", t.Why.Error())
}

// health is what was found out about a ledger by using it. It is safe for concurrent use.
type health struct {
	path      string
	now       func() time.Time
	publisher *publisher

	mu      sync.Mutex
	trouble Trouble // Why is nil: none
	damage  error
	damaged chan struct{} // closed with the first damage
}

func newHealth(path string, now func() time.Time, p *publisher) *health {
	return &health{path: path, now: now, publisher: p, damaged: make(chan struct{})}
}

// saw takes the outcome of any use of the database. From the first damage on nothing is
// written any more.
func (h *health) saw(err error) {
	if h == nil || !corrupt(err) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.damage == nil {
		h.damage = &DamagedError{Path: h.path, What: "is damaged: " + err.Error(), Err: err}
		close(h.damaged)
		h.publisher.tellHealth(drop.TextDatabaseDamaged.With("why", h.damage.Error()))
	}
}

// damageSeen returns a *DamagedError once damage was seen.
func (h *health) damageSeen() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.damage
}

// wrote takes the outcome of a transaction; changed tells that it did write something.
func (h *health) wrote(err error, changed bool) {
	h.saw(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case Unwritable(err) && h.trouble.Why == nil:
		h.trouble = Trouble{Path: h.path, Why: err, Since: h.now()}
		h.publisher.tellHealth(h.trouble.Detail())
	case Unwritable(err):
		h.trouble.Why = err
	case err == nil && changed && h.trouble.Why != nil:
		h.trouble = Trouble{}
		h.publisher.tellHealth("")
	}
}

func (h *health) inTrouble() (t Trouble, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.trouble, h.trouble.Why != nil
}

// Damage returns a *DamagedError once a use of the ledger has shown that it is damaged.
// From that moment on nothing more is written, and the next Open checks all of it.
func (l *Ledger) Damage() error { return l.health.damageSeen() }

// Trouble returns why the ledger cannot be written; ok is false when it can, as far as
// is known from the latest change.
func (l *Ledger) Trouble() (t Trouble, ok bool) { return l.health.inTrouble() }

// Probe writes a little, so that Trouble tells how things are now.
func (l *Ledger) Probe(ctx context.Context) error {
	return l.Set(ctx, "probed", fmt.Sprint(l.stamp()))
}

// AwaitDamage waits until Damage has something to return, and returns that; or nil when
// ctx ends.
func (l *Ledger) AwaitDamage(ctx context.Context) error {
	select {
	case <-l.health.damaged:
		return l.health.damageSeen()
	case <-ctx.Done():
		return nil
	}
}
