package guard

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"scenario-drop/scenario"
)

// Part is one part to send.
type Part struct {
	URL         string
	Size        int64  // bytes, at least 1
	ContentType string // the upload's; "" sends none
	Large       bool   // the size class: parts of small files go first

	// Open opens what is to be sent, once nothing but the bandwidth is waited for any more. It
	// is called at most once for each PutPart, and what it returned is closed before that
	// returns. Its error is PutPart's.
	Open func(context.Context) (io.ReadCloser, error)

	// Acknowledged is called once storage has the part, before its connection is given to another.
	// It must not block. nil: nobody needs to know.
	Acknowledged func()
}

// Parts puts single parts; it is a *scenario.Storage.
type Parts interface {
	PutPart(ctx context.Context, p scenario.PutPart) (etag string, err error)
}

// StorageOptions of a Storage.
type StorageOptions struct {
	Options

	Connections int                   // parts in flight at most; 0: chosen by itself
	Bandwidth   func(time.Time) Limit // what holds at a time; nil: never a limit
}

// Storage guards the requests to Scenario's storage. It is safe for concurrent use.
type Storage struct {
	client    Parts
	breaker   *breaker
	slots     *slots
	bandwidth *bandwidth
	sent      atomic.Int64
}

// NewStorage guards a client's requests. It starts nothing.
func NewStorage(client Parts, o StorageOptions) *Storage {
	o.defaults()
	if o.Bandwidth == nil {
		o.Bandwidth = func(time.Time) Limit { return Limit{} }
	}
	s := &Storage{client: client, breaker: newBreaker("Storage", o.Log, o.Now)}
	s.slots = newSlots(o.Connections, s.sent.Load, o.Now)
	s.bandwidth = newBandwidth(o.Bandwidth, s.sent.Load, o.Now)
	return s
}

// PutPart sends a part once, when storage is there and has a connection to spare, and returns
// its ETag, which may be "". What is to be done after an error tells Decide; besides those of
// scenario.Storage.PutPart the error may be Open's. While the caller does it, nothing is held.
func (s *Storage) PutPart(ctx context.Context, p Part) (etag string, err error) {
	pass, err := s.enter(ctx, p.Large)
	if err != nil {
		return "", err
	}
	defer s.slots.release(p.Large)
	began := s.slots.begin()
	etag, err = s.put(ctx, p)
	s.slots.end(began, p.Size, err == nil)
	s.breaker.leave(pass, err)
	if err == nil && p.Acknowledged != nil {
		p.Acknowledged()
	}
	if err != nil && ctx.Err() == nil && Decide(err, 1) == Retry {
		s.slots.trouble()
	}
	return etag, err
}

// enter waits for the breaker and then for a slot. If the breaker opened meanwhile the slot is
// given back and the breaker waited for again.
func (s *Storage) enter(ctx context.Context, large bool) (pass, error) {
	for {
		p, err := s.breaker.enter(ctx)
		if err != nil {
			return p, err
		}
		if err := s.slots.acquire(ctx, large); err != nil {
			s.breaker.leave(p, err)
			return p, err
		}
		if s.breaker.holds(p) {
			return p, nil
		}
		s.slots.release(large)
	}
}

func (s *Storage) put(ctx context.Context, p Part) (etag string, err error) {
	body, err := p.Open(ctx)
	if err != nil {
		return "", err
	}
	defer body.Close()
	counted := &countedReader{body, s}
	return s.client.PutPart(ctx, scenario.PutPart{URL: p.URL, Size: p.Size, ContentType: p.ContentType, Body: s.bandwidth.reader(ctx, counted, p.Large)})
}

// countedReader counts what is sent, and lets the number of connections be judged by it.
type countedReader struct {
	r io.Reader
	s *Storage
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.s.sent.Add(int64(n))
	c.s.slots.measure()
	return n, err
}

// SetConnections bounds the parts in flight to another number; 0: chosen by itself. Parts in
// flight go on.
func (s *Storage) SetConnections(n int) { s.slots.fix(n) }

// PerConnection is what one connection carried of late, in bytes a second; 0 if that is unknown.
func (s *Storage) PerConnection() float64 { return s.slots.each() }

// Sent returns how many bytes of parts have left since the start.
func (s *Storage) Sent() int64 { return s.sent.Load() }

// Limit hands out r, which moves bytes of a large file, at the bandwidth allowed, until ctx
// ends.
func (s *Storage) Limit(ctx context.Context, r io.Reader) io.Reader {
	return s.bandwidth.reader(ctx, r, true)
}

// Outage returns why storage cannot be used at the moment; ok is false when it can.
func (s *Storage) Outage() (o Outage, ok bool) { return s.breaker.outage() }
