package completeness

// checkDSF wants the file to be as long as Sony's DSD stream file says, its tag included.
func checkDSF(w *window) Verdict {
	h := w.at(0, 28)
	if h == nil {
		return onlyFirst(w.size, "DSF")
	}
	switch n := length(le.Uint64(h[12:])); {
	case n == 0:
		return unpatched("DSF")
	case n > w.size:
		return tooShort(w, "DSF", n)
	default:
		return w.upTo(n).filled(false)
	}
}
