package config

import "time"

// Bandwidth is a limit on what is sent, either one for always or by the time of day.
// The zero value is no limit. It is immutable and safe for concurrent use.
type Bandwidth struct {
	slots []slot
}

// slot is a part of the day with its own limit.
type slot struct {
	from, to int // minutes after midnight, 0…1440; to before from: past midnight
	limit    Limit
}

// Limit is how fast may be sent: a rate, or a share of what the line turns out to
// carry. The zero value is no limit.
type Limit struct {
	Rate  int64 // bytes a second; 0: none
	Share int   // percent of the line, 1…99; 0: none
}

const day = 24 * 60 // minutes

// Constant is one limit for always.
func Constant(l Limit) Bandwidth {
	if l == (Limit{}) {
		return Bandwidth{}
	}
	return Bandwidth{slots: []slot{{from: 0, to: day, limit: l}}}
}

// At is the limit at t by the clock of t's own time zone. A slot holds from its first
// minute up to, not including, its last.
func (b Bandwidth) At(t time.Time) Limit {
	hour, minute, _ := t.Clock()
	for _, s := range b.slots {
		if s.covers(hour*60 + minute) {
			return s.limit
		}
	}
	return Limit{}
}

// covers reports whether the slot holds at a minute of the day.
func (s slot) covers(minute int) bool {
	if s.from < s.to {
		return s.from <= minute && minute < s.to
	}
	return minute >= s.from || minute < s.to
}

// overlaps reports whether some minute belongs to both. A slot is one stretch around
// the clock, so two of them meet exactly when one begins inside the other.
func (s slot) overlaps(o slot) bool {
	return s.covers(o.from%day) || o.covers(s.from%day)
}
