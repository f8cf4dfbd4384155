package logging

import (
	"context"
	"log/slog"
	"time"
)

// The time between two lines of one failure doubles from minInterval to maxInterval.
const (
	minInterval = 10 * time.Second
	maxInterval = time.Hour
	// wellFor is how long all must have been well after a recovery for the next failure
	// to be a new one, with a line at once. What comes and goes faster is reported with
	// its recoveries.
	wellFor = time.Minute
	// forgotten is how long a failure that has no recovery must not have been seen to
	// be new again. It is longer than the longest time between two tries.
	forgotten = 2 * time.Hour
)

// burst is one failure from its first record on, through quick recoveries.
//
//	first, or new after wellFor or forgotten    a line at once
//	again before next                        counted
//	again after next                         a line with the count; the time to the next doubles
//	recovered, and a line told of it since the recovery before   a line
//	recovered otherwise                      comes after the line with the count
type burst struct {
	seen    time.Time     // the last record, a recovery included
	next    time.Time     // when a line may come again
	every   time.Duration // from the last line to next; 0: nothing was seen yet
	pending int           // failures no line has told of
	told    bool          // a line has told of the failure that is not over, or was not
	over    bool

	last     slog.Record // the newest failure
	recovery slog.Record // after it, not written; no message: none
	to       slog.Handler
}

// failed counts a failure at now and reports whether that makes a line.
func (s *burst) failed(now time.Time) (say bool) {
	fresh := s.every == 0 || s.old(now)
	if fresh && s.pending == 0 {
		s.every = 0
	}
	if s.over {
		s.told = false
	}
	s.seen, s.over, s.recovery = now, false, slog.Record{}
	s.pending++
	return fresh || !now.Before(s.next)
}

// recovered notes the end at now and reports whether that makes a line.
func (s *burst) recovered(now time.Time) (say bool) {
	s.seen, s.over = now, true
	if s.told {
		s.pending = 0 // the recovery's line says how many there were in all
	}
	return s.told
}

// old reports whether a failure at now would be a new one.
func (s *burst) old(now time.Time) bool {
	idle := now.Sub(s.seen)
	return s.over && idle >= wellFor || idle >= forgotten
}

// write makes the line for what is pending, and the one of the recovery after it.
func (s *burst) write(ctx context.Context, now time.Time) error {
	if s.pending == 0 {
		return nil
	}
	r := s.last.Clone()
	if s.every > 0 { // else it is the first, and stands for itself
		r.Time = now
		r.AddAttrs(slog.Int(repeatedKey, s.pending))
	}
	s.every = min(max(2*s.every, minInterval), maxInterval)
	s.next, s.pending, s.told = now.Add(s.every), 0, true
	if err := s.to.Handle(ctx, r); err != nil {
		return err
	}
	if s.recovery.Message == "" {
		return nil
	}
	r = s.recovery.Clone()
	r.Time = now
	s.recovery = slog.Record{}
	return s.to.Handle(ctx, r)
}
