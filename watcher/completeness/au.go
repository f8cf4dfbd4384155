package completeness

// checkAU wants the samples to be as long as the header of Sun's and NeXT's sound declares:
// where they begin, and how long they are; all ones if that is not known.
func checkAU(w *window) Verdict {
	h := w.at(0, 24)
	if h == nil {
		return onlyFirst(w.size, "AU")
	}
	off, n := int64(be.Uint32(h[4:])), be.Uint32(h[8:])
	end := off + int64(n)
	switch {
	case off > w.size:
		return incomplete("the AU's sound is missing")
	case endless(n), n == 0 && off < w.size:
		return endlessVerdict("AU")
	case end > w.size:
		return tooShort(w, "AU", end)
	default:
		return w.upTo(end).filled(false)
	}
}
