package completeness

// checkAseprite wants the file to be as long as its header says, and its frames to follow
// each other up to there.
func checkAseprite(w *window) Verdict {
	h := w.at(0, 128)
	if h == nil {
		return onlyFirst(w.size, "Aseprite file")
	}
	end := int64(le.Uint32(h))
	if end > w.size {
		return tooShort(w, "Aseprite file", end)
	}
	return asepriteFrames(w, w.at, 64)
}

// exactAseprite walks all frames, whose lengths count if that of the file does not fit.
func exactAseprite(w *window) Verdict {
	k := walker{w: w}
	return asepriteFrames(w, k.at, 1<<16)
}

func asepriteFrames(w *window, at func(int64, int) []byte, most int) Verdict {
	h := w.head()
	off := int64(128)
	if len(h) < 128 {
		return onlyFirst(w.size, "Aseprite file")
	}
	frames := int(le.Uint16(h[6:]))
	for range min(frames, most) {
		b := at(off, 6)
		switch {
		case b == nil:
			return incomplete("the Aseprite file breaks off in the middle of its frames")
		case allZero(b):
			return incomplete("the Aseprite file has its size but its end is still empty")
		case le.Uint16(b[4:]) != 0xF1FA || le.Uint32(b) < 16:
			return incomplete("the Aseprite file breaks off at byte %d", off)
		}
		if off += int64(le.Uint32(b)); off > w.size {
			return tooShort(w, "Aseprite file", off)
		}
	}
	if frames > most && w.zeros() >= few {
		return incomplete("the Aseprite file has its size but its end is still empty")
	}
	if frames > most {
		off = max(int64(le.Uint32(h)), off)
	}
	return w.upTo(off).filled(false)
}
