package guard

import "time"

// round measures, from the parts of small files alone, what a number of connections carries:
// what each part took says it without waiting for an interval's end. As many parts as there are
// connections are not counted after a change, since connections are being made; the same number
// of parts after them is, to the last one, or only the quick ones would count.
type round struct {
	id      int // so that parts of the rounds before are known
	changes int // of the bound, when the round began
	began   int // parts
	ended   int // of those counted
	bytes   int64
	busy    time.Duration // of the connections that carried them
}

// inRound is a part's place in a round.
type inRound struct {
	id, number int
	at         time.Time
}

// begin takes note of a part that begins now.
func (s *slots) begin() inRound {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.round.changes != s.climb.changes {
		s.round = round{id: s.round.id + 1, changes: s.climb.changes}
	}
	s.round.began++
	return inRound{s.round.id, s.round.began, s.now()}
}

// end takes note of a part that storage has acknowledged, or of one that failed. A round says
// something if all connections were in use by small files to its end, and more of those wait.
func (s *slots) end(p inRound, bytes int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, limit := &s.round, s.climb.limit
	if p.id != r.id || r.changes != s.climb.changes || p.number <= limit || p.number > 2*limit {
		return
	}
	r.ended++
	r.bytes += bytes
	r.busy += s.now().Sub(p.at)
	if ok && r.ended < limit {
		return
	}
	rate := float64(r.bytes) / r.busy.Seconds() * float64(limit)
	*r = round{id: r.id + 1, changes: r.changes, began: limit}
	if ok && s.large == 0 && len(s.small) > 0 && s.inFlight == limit {
		s.climb.judgeRound(rate)
		s.serve()
	}
}
