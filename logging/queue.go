package logging

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

const (
	queueLines = 4096            // not yet written
	queueEnd   = 2 * time.Second // for them at the end
)

// Queue is where a daemon's log goes so that the log never stops the daemon: a pipe whose
// reader went away or reads no more, a full disk. Write takes a line and never waits and never
// fails; Run writes it. Lines that could not be written, or for which there was no room, are
// lost, and counted. It is safe for concurrent use.
type Queue struct {
	to    io.Writer
	lines chan []byte
	busy  atomic.Int64 // lines taken and not yet tried
	lost  atomic.Int64 // since it was told
	tell  func(lost int64)
}

// NewQueue returns a Queue before to. tell is called, from Run, when lines can be written
// again after some were lost; it may log. nil: not told.
func NewQueue(to io.Writer, tell func(lost int64)) *Queue {
	return &Queue{to: to, lines: make(chan []byte, queueLines), tell: tell}
}

// Write takes a line.
func (q *Queue) Write(p []byte) (int, error) {
	q.busy.Add(1)
	select {
	case q.lines <- append([]byte(nil), p...):
	default:
		q.busy.Add(-1)
		q.lost.Add(1)
	}
	return len(p), nil
}

// Waiting is how many lines are still to be written.
func (q *Queue) Waiting() int { return int(q.busy.Load()) }

// Run writes the lines until ctx is done, and then what is left. It may return before the
// last line is written where the writer waits for ever.
func (q *Queue) Run(ctx context.Context) {
	written := make(chan struct{})
	go func() { // which a write that never returns leaves behind
		defer close(written)
		q.write(ctx)
	}()
	<-ctx.Done()
	end := time.NewTimer(queueEnd)
	defer end.Stop()
	select {
	case <-written:
	case <-end.C:
	}
}

func (q *Queue) write(ctx context.Context) {
	for {
		select {
		case line := <-q.lines:
			q.one(line)
			continue
		case <-ctx.Done():
		}
		for {
			select {
			case line := <-q.lines:
				q.one(line)
			default:
				return
			}
		}
	}
}

func (q *Queue) one(line []byte) {
	defer q.busy.Add(-1)
	if _, err := q.to.Write(line); err != nil {
		q.lost.Add(1)
		return
	}
	if lost := q.lost.Swap(0); lost > 0 && q.tell != nil {
		q.tell(lost)
	}
}
