package transfer

import (
	"context"
	"sync"
)

// receipts are those of parts that storage has, while they are written down. A part leaves only once those
// of the parts whose connection it has taken over are: so that of a process that dies no more is sent again
// than what was in flight. It is safe for concurrent use.
type receipts struct {
	mu      sync.Mutex
	writing map[chan struct{}]bool
}

// begin notes one more; the function that it returns, that it is written down, or never will be.
func (r *receipts) begin() (end func()) {
	done := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writing == nil {
		r.writing = map[chan struct{}]bool{}
	}
	r.writing[done] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.writing, done)
		close(done)
	}
}

// wait waits for those that are being written down now.
func (r *receipts) wait(ctx context.Context) error {
	r.mu.Lock()
	now := make([]chan struct{}, 0, len(r.writing))
	for done := range r.writing {
		now = append(now, done)
	}
	r.mu.Unlock()
	for _, done := range now {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
