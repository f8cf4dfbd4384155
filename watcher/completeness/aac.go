package completeness

import "scenario-drop/filetype/magic"

// checkAAC wants the last frame of an AAC in frames of its own (ADTS) to be there to its
// end. How many there are is told nowhere: without a tag at the end, which is written last,
// the verdict is CannotTell.
func checkAAC(w *window) Verdict { return aac(w, frames.quickLast) }

// exactAAC walks all frames.
func exactAAC(w *window) Verdict { return aac(w, frames.last) }

func aac(w *window, last func(f frames, w *window, start, end int64) (int64, bool)) Verdict {
	first := w.at(0, int(min(7, w.size)))
	switch {
	case len(first) < 7:
		return onlyFirst(w.size, "AAC")
	case allZero(first):
		return incomplete("the AAC has its size but not yet its content")
	case magic.ADTSFrame(first) == 0:
		return cannotTell("its content is not an AAC's")
	}
	f := frames{header: 7, tail: 64 << 10, length: func(p []byte) int {
		if (p[1]^first[1])&0xFE != 0 || (p[2]^first[2])&0xFC != 0 {
			return 0
		}
		return magic.ADTSFrame(p)
	}}
	return framesEnd(w, "AAC", 0, func(end int64) (int64, bool) { return last(f, w, 0, end) }, func() Verdict {
		return cannotTell("the AAC does not say how long it is; its last frame is whole")
	})
}
