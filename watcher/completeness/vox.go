package completeness

// checkVOX wants the length of the chunk MAIN, which holds all others.
func checkVOX(w *window) Verdict {
	h := w.at(0, 20)
	switch {
	case h == nil:
		return onlyFirst(w.size, "VOX")
	case allZero(h[8:]):
		return incomplete("the VOX has its size but not yet its content")
	case string(h[8:12]) != "MAIN":
		return cannotTell("it is not a VOX as MagicaVoxel writes it")
	}
	end := 20 + int64(le.Uint32(h[12:])) + int64(le.Uint32(h[16:]))
	switch {
	case end == 20:
		return unpatched("VOX")
	case end > w.size:
		return tooShort(w, "VOX", end)
	}
	return w.part(0, end).filled(false)
}
