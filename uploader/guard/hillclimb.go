package guard

// hillClimb finds the number of connections by trying: more, as long as each step carries
// clearly more; back, where it does not; and again after a while, since lines change.
type hillClimb struct {
	limit    int
	min, max int
	factor   float64 // of the next step up

	seen   int     // intervals since the limit was last changed
	mean   float64 // bytes a second in them, the latest counting most
	rate   float64 // the mean before the step being judged
	from   int     // connections before that step; 0: none is being judged
	failed int     // steps in a row that brought too little
	hold   int     // intervals to stay before another step

	quick   bool // rounds are judged, too: no step brought too little so far
	changes int  // of limit, so far
}

const (
	// Up from here, in bytes a second, a single connection is not what limits.
	fastConnection = 8 << 20
	// With so much for each, in bytes a second, connections more than a line needs do no harm.
	minShare = 640 << 10
	// After a step that brought too little, another is tried after firstHold intervals,
	// and after twice as many each time: what was measured may have been chance.
	firstHold, maxHold = 4, 32
	laterFactor        = 1.5
	// Each added share of connections has to bring this share of it in speed.
	minGain = 0.15
	// A new connection is faster than the line at first, until it loses a packet, and what
	// it puts into the system's buffers counts as sent: so many intervals say nothing.
	settleIntervals = 2
	// A step by less than twice has to stand out from chance.
	smallStepIntervals = 3
)

// judge takes the rate of an interval in which more connections were wanted, by small files
// alone or not.
func (h *hillClimb) judge(rate float64, small bool) {
	if h.seen++; h.seen <= settleIntervals {
		return
	}
	if h.seen == settleIntervals+1 {
		h.mean = rate
	}
	h.mean = (h.mean + rate) / 2
	switch {
	case h.from != 0:
		ratio := float64(h.limit) / float64(h.from)
		if ratio >= 2 || h.seen >= settleIntervals+smallStepIntervals {
			h.verdict(small)
		}
	case h.hold > 0:
		h.hold--
	default:
		h.step()
	}
}

// judgeRound takes the rate of a round (see round), which needs no settling.
func (h *hillClimb) judgeRound(rate float64) {
	if !h.quick {
		return
	}
	if h.mean = rate; h.from != 0 {
		h.verdict(true)
	} else {
		h.step()
	}
}

// verdict ends the trial of a step: up from it if it paid, else back. Small files do not go back
// to fewer than what minShare allows: their connections pause between parts, and lose
// more of a line to that when one loses a packet. In rounds a step that brought less than half
// of what it might have is the last one: the line is full, or nearly.
func (h *hillClimb) verdict(small bool) {
	gain := h.mean/h.rate - 1
	more := float64(h.limit)/float64(h.from) - 1
	switch {
	case gain < more*minGain:
		back := h.from
		if small {
			back = max(back, min(h.limit, int(max(h.mean, h.rate)/minShare)))
		}
		h.change(back)
		h.rest(min(maxHold, firstHold<<h.failed), small)
		h.failed = min(h.failed+1, 8)
	case small && h.quick && gain < more/2:
		h.from = 0
		h.rest(maxHold, small)
	default:
		h.failed = 0
		h.step()
	}
}

// rest stays for some intervals; what was found for small files at first stands for the longest
// time, since a drop of them may be over before another trial pays.
func (h *hillClimb) rest(intervals int, small bool) {
	if h.quick && small {
		intervals = maxHold
	}
	h.quick, h.factor, h.hold = false, laterFactor, intervals
}

func (h *hillClimb) step() {
	more := min(h.max, max(h.limit+1, int(float64(h.limit)*h.factor)))
	if more <= h.limit || h.mean/float64(h.limit) > fastConnection {
		h.from, h.hold = 0, maxHold
		return
	}
	rate, from := h.mean, h.limit
	h.change(more)
	h.rate, h.from = rate, from
}

func (h *hillClimb) change(limit int) {
	h.limit, h.from, h.seen = limit, 0, 0
	h.changes++
}

func (h *hillClimb) trouble() {
	if h.hold > maxHold-2 && h.from == 0 {
		return // one cut for many parts that broke together
	}
	h.change(max(h.min, h.limit/2))
	h.rest(maxHold, false)
}
