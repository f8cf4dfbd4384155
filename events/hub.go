// Package events tells whoever wants to know what happened: the status page, `status --follow`,
// later the tray and webhooks.
//
// The newest events are kept in a ring, and are read from any point on. A publisher never waits
// for a reader: one that is too slow, or comes back after too long, is told that events were
// lost, and looks at the whole again. Events are not durable, and none is told of before it is
// true; after a crash the local database says what is so.
package events

import (
	"context"
	"sync"
	"time"

	"scenario-drop/drop"
)

// Kept is how many events are kept: the moves of some 200 files, or 4 minutes of progress.
const Kept = 1024

// Hub takes events and keeps the newest. It is safe for concurrent use.
type Hub struct {
	now func() time.Time

	mu      sync.Mutex
	ring    []drop.Event // by its number, modulo the length
	first   int64        // the oldest kept; last+1: none
	last    int64
	changed chan struct{} // closed with the next event; nil: nobody waits
	readers int
	joined  chan struct{} // closed when the first reader joins
}

// New returns a hub that keeps so many events. now is the clock; nil means time.Now. The
// numbers go on from the time in microseconds, so that a reader with a number of an earlier
// run, which published less than one event a microsecond, sees that events were lost. They
// are exact in JavaScript.
func New(kept int, now func() time.Time) *Hub {
	if now == nil {
		now = time.Now
	}
	start := now().UnixMicro()
	return &Hub{now: now, ring: make([]drop.Event, kept), first: start + 1, last: start, joined: make(chan struct{})}
}

// Publish tells of what happened, in this order. On a nil Hub it does nothing.
func (h *Hub) Publish(happened ...drop.EventData) {
	if h == nil || len(happened) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	at := h.now()
	for _, data := range happened {
		h.last++
		*h.at(h.last) = drop.Event{ID: h.last, At: at, Data: data}
	}
	h.first = max(h.first, h.last+1-int64(len(h.ring)))
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
}

func (h *Hub) at(id int64) *drop.Event { return &h.ring[id%int64(len(h.ring))] }

// Last returns the number of the newest event. Whoever looks at the whole after that, and
// reads on from there, misses nothing.
func (h *Hub) Last() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// Since returns the events after the one with a number, the oldest first, and the number to go
// on from. If events after it are not kept any more, or the number is of another run, lost is
// true, and all that are kept are returned.
func (h *Hub) Since(id int64) (happened []drop.Event, next int64, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if lost = !h.knows(id); lost {
		id = h.first - 1
	}
	for ; id < h.last; id++ {
		happened = append(happened, *h.at(id + 1))
	}
	return happened, h.last, lost
}

// knows reports whether all events after the one with a number are kept.
func (h *Hub) knows(id int64) bool { return id >= h.first-1 && id <= h.last }

// Wait waits until Since has something to tell; or for the end of ctx, which is its error.
func (h *Hub) Wait(ctx context.Context, id int64) error {
	for {
		h.mu.Lock()
		if id != h.last {
			h.mu.Unlock()
			return nil
		}
		if h.changed == nil {
			h.changed = make(chan struct{})
		}
		changed := h.changed
		h.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Join tells that somebody reads, until leave is called, once.
func (h *Hub) Join() (leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers++; h.readers == 1 {
		close(h.joined)
	}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.readers--; h.readers == 0 {
			h.joined = make(chan struct{})
		}
	}
}

// AwaitReader waits until somebody reads: what would have to be looked up to be told of need not
// be while nobody does. It fails with the end of ctx.
func (h *Hub) AwaitReader(ctx context.Context) error {
	h.mu.Lock()
	joined := h.joined
	h.mu.Unlock()
	select {
	case <-joined:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
