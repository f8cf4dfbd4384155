package completeness

// check3DS wants the length of the chunk 4D4D, which holds all others, and those it
// begins with.
func check3DS(w *window) Verdict {
	h := w.at(0, 6)
	if h == nil {
		return onlyFirst(w.size, "3DS")
	}
	end := int64(le.Uint32(h[2:]))
	if end > w.size {
		return tooShort(w, "3DS", end)
	}
	for off, n := int64(6), 0; off+6 <= end && n < 32; n++ {
		c := w.at(off, 6)
		if c == nil {
			return incomplete("the 3DS breaks off at byte %d", off)
		}
		length := int64(le.Uint32(c[2:]))
		switch {
		case allZero(c):
			return incomplete("the 3DS has its size but not all of its content")
		case length < 6:
			return cannotTell("the 3DS has a part whose length makes no sense")
		}
		off += length
	}
	return w.filledTo(end)
}

// checkLWO wants the length of the form of a LightWave or Modo object, less the byte of
// padding that may be missing behind a last chunk of odd length, and no chunk of zeros.
func checkLWO(w *window) Verdict {
	h := w.at(0, 12)
	if h == nil {
		return onlyFirst(w.size, "LWO")
	}
	end := 8 + int64(be.Uint32(h[4:]))
	if end > w.size+1 {
		return tooShort(w, "LWO", end)
	}
	if w.zeros() < few && end <= w.size {
		return complete()
	}
	const most = 64
	for off, n := int64(12), 0; off < end && n < most; n++ {
		c := w.at(off, 8)
		switch {
		case c == nil:
			return incomplete("the LWO breaks off at byte %d", off)
		case c[0] == 0:
			return incomplete("the LWO has its size but not all of its content")
		}
		size := int64(be.Uint32(c[4:]))
		if off += 8 + size; off == w.size && end > w.size && size%2 == 1 {
			return complete() // the padding is all that is missing
		}
		off += size & 1
		if off > w.size {
			return incomplete("the LWO breaks off in its last part")
		}
	}
	if end > w.size {
		return tooShort(w, "LWO", end)
	}
	return w.filledTo(end)
}

// checkMB walks the groups of a Maya scene in binary form, whose lengths have 32 bits
// (FOR4) or, since Maya 2014, 64 (FOR8), and which are aligned to 4 or 8 bytes. What
// follows the last group is of no importance if it is none.
func checkMB(w *window) Verdict {
	if v, ok := walkMB(w, 64); ok {
		return v
	}
	return incomplete("the Maya scene may break off") // the exact check goes on
}

func exactMB(w *window) Verdict {
	if v, ok := walkMB(w, MaxExactReads-100); ok {
		return v
	}
	return cannotTell("the Maya scene has too many parts to check them all")
}

func walkMB(w *window, most int) (v Verdict, ok bool) {
	off := int64(0)
	for range most {
		h := w.at(off, int(min(16, w.size-off)))
		var end, align int64
		switch {
		case h == nil:
			return w.filledTo(w.size), true
		case allZero(h):
			return cannotTell("the Maya scene ends in zeros, which may be a part not yet written"), true
		case len(h) >= 8 && h[3] == '4' && mayaGroup(h):
			end, align = off+8+int64(be.Uint32(h[4:])), 4
		case len(h) >= 16 && h[3] == '8' && mayaGroup(h):
			end, align = off+16+length(be.Uint64(h[8:])), 8
		case mayaGroup(h):
			return incomplete("the Maya scene breaks off at byte %d", off), true
		default:
			return w.filledTo(off), true
		}
		if end > w.size {
			return incomplete("the Maya scene breaks off: at least %d bytes are missing", end-w.size), true
		}
		off = min((end+align-1)&^(align-1), w.size)
	}
	return v, false
}

// mayaGroup reports whether a group of a Maya scene begins with h, as far as that is there.
func mayaGroup(h []byte) bool {
	for _, name := range []string{"FOR4", "FOR8", "LIS4", "LIS8", "CAT4", "CAT8", "PRO4", "PRO8"} {
		if n := min(len(h), 4); string(h[:n]) == name[:n] {
			return true
		}
	}
	return false
}
