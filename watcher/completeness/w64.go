package completeness

const w64Data = "data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"

// checkW64 wants the samples and the whole file to be as long as Sony's Wave64 declares:
// chunks have names of 16 bytes and lengths of 64 bits that count both, and begin at
// multiples of 8. A program that writes into a pipe enters the largest number.
func checkW64(w *window) Verdict {
	h := w.at(0, 24)
	if h == nil {
		return onlyFirst(w.size, "W64")
	}
	stated, off := length(le.Uint64(h[16:])), int64(40)
	for range 48 {
		h := w.at(off, 24)
		if h == nil {
			return incomplete("the W64's sound is missing")
		}
		n := length(le.Uint64(h[16:]))
		switch {
		case allZero(h):
			return incomplete("the W64 has its size but not yet its content")
		case n < 24:
			return cannotTell("the W64 is not built as expected")
		case string(h[:16]) == w64Data:
			return w64End(w, off, n, stated)
		}
		off += (n + 7) &^ 7
	}
	return cannotTell("the W64's header has too many parts")
}

// w64End is the verdict on a W64 whose samples' chunk of n bytes is at off.
func w64End(w *window, off, n, stated int64) Verdict {
	unknown := length(1<<63 - 1)
	switch end := off + n; {
	case n >= unknown, n == 24 && stated == 0:
		return endlessVerdict("W64")
	case end > w.size:
		return tooShort(w, "W64", end)
	case stated == 0 || stated >= unknown:
		return endlessVerdict("W64")
	case stated > w.size && (end < w.size || stated-w.size >= 8): // but for padding
		return tooShort(w, "W64", stated)
	default:
		return w.upTo(min(max(end, stated), w.size)).filled(false)
	}
}
