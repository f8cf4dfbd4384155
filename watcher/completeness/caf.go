package completeness

// checkCAF walks the chunks of Apple's Core Audio Format to the end of the file, and wants
// the samples (data) to be among them, and their table of packets (pakt) where packets are
// of different sizes. Samples of unknown length, -1, go to the end of the file: the verdict
// is CannotTell then.
func checkCAF(w *window) Verdict {
	var data, packets, varies bool
	off := int64(8)
	for range 80 {
		h := w.at(off, 12)
		if h == nil && (!data || varies && !packets) {
			return incomplete("the CAF breaks off at byte %d", min(off, w.size))
		}
		if h == nil || !boxType(h[:4]) {
			return cafEnd(w, off, data && (packets || !varies))
		}
		kind, n := string(h[:4]), int64(be.Uint64(h[4:]))
		switch {
		case kind == "data" && n == -1:
			return endlessVerdict("CAF")
		case n < 0, data && !cafChunk(kind):
			return cafEnd(w, off, data && (packets || !varies))
		case n > w.size-off-12:
			return tooShort(w, "CAF", off+12+n)
		case kind == "data" && n < 4 && allZero(w.at(off+12, int(min(few, w.size-off-12)))): // they begin with a count of edits
			return incomplete("the CAF has its size but not yet its content")
		case kind == "data":
			data = true
		case kind == "pakt":
			packets = true
		case kind == "desc":
			if d := w.at(off+12, 24); d != nil {
				varies = be.Uint32(d[16:]) == 0 || be.Uint32(d[20:]) == 0
			}
		}
		off += 12 + n
		if off == w.size {
			return cafEnd(w, off, data && (packets || !varies))
		}
	}
	return cannotTell("the CAF has too many parts to check them all")
}

// cafEnd is the verdict on a CAF whose chunks end at off; all says whether those are there
// that must be.
func cafEnd(w *window, off int64, all bool) Verdict {
	switch {
	case all:
		return w.upTo(off).filled(false)
	case w.zeros() >= few:
		return incomplete("the CAF has its size but its end is still empty")
	default:
		return incomplete("the CAF breaks off before its sound or its table of packets")
	}
}

// cafChunk reports whether a chunk behind the samples is of the format, and not by chance
// what another program left there.
func cafChunk(kind string) bool {
	switch kind {
	case "pakt", "kuki", "chan", "strg", "mark", "regn", "inst", "midi", "umid", "ovvw", "peak", "uuid", "edct", "info", "free", "data", "desc":
		return true
	}
	return false
}
