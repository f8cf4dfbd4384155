package transfer

import (
	"context"
	"sync"
)

// watermark is how far the sending of an upload has begun. The hashing pass waits for it,
// so that each byte is read from the disk once and from memory the second time.
type watermark struct {
	mu    sync.Mutex
	part  int // the highest that has begun
	moved chan struct{}
}

func newWatermark() *watermark { return &watermark{moved: make(chan struct{})} }

func (w *watermark) pass(part int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if part > w.part {
		w.part = part
		close(w.moved)
		w.moved = make(chan struct{})
	}
}

// wait returns once the part has begun to be sent, or ctx has ended.
func (w *watermark) wait(ctx context.Context, part int) error {
	for {
		w.mu.Lock()
		here, moved := w.part, w.moved
		w.mu.Unlock()
		if here >= part {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}
