package whole

// The RIFF family: lengths are declared in headers, which recorders enter last.

// endless reports whether a declared length is one of those that a program writes when
// it does not know: all ones, or SoX's 0x7FFFF000 and what follows from it. A finished
// stream keeps it, a recording in progress may have it too.
func endless(n uint32) bool { return n >= 0xFFFFFF00 || n>>12 == 0x7FFFF }

func unpatched(what string) Verdict {
	return incomplete("the %s's length has not been entered yet, as programs do when they finish a file", what)
}

func endlessVerdict(what string) Verdict {
	return cannotTell("the %s was written as a stream and does not say how long it is", what)
}

// riffBody is the part of a RIFF file that its header declares; a verdict if that is not
// there.
func riffBody(w *window, what string, declared uint32) (*window, Verdict) {
	switch end := 8 + int64(declared); {
	case declared == 0:
		return nil, unpatched(what)
	case endless(declared):
		return nil, endlessVerdict(what)
	case end > w.size:
		return nil, tooShort(w, what, end)
	default:
		return &window{base: w.base, size: end, limits: w.limits, first: w.first[:min(int64(len(w.first)), end)]}, Verdict{}
	}
}

func checkAIFF(w *window) Verdict {
	body, v := riffBody(w, "AIFF", be.Uint32(w.head()[4:]))
	if body == nil {
		return v
	}
	return body.filled(false)
}

// checkAVI walks the RIFF pieces; a file of over 1 GiB has several (OpenDML).
func checkAVI(w *window) Verdict {
	var end int64
	for range 64 {
		h := w.at(end, 12)
		if h == nil || string(h[:4]) != "RIFF" {
			break
		}
		n := le.Uint32(h[4:])
		switch {
		case n == 0:
			return unpatched("AVI")
		case endless(n):
			return endlessVerdict("AVI")
		}
		next := end + 8 + int64(n) + int64(n&1)
		if next-int64(n&1) > w.size {
			return tooShort(w, "AVI", next)
		}
		end = min(next, w.size)
	}
	if rest := w.size - end; rest > 0 && rest < 12 {
		return incomplete("the AVI breaks off at byte %d", end)
	}
	return (&window{base: w.base, size: end, limits: w.limits}).filled(true)
}

// checkWAV wants the sound's chunk and the whole RIFF to fit in the file. RF64 and BW64
// have their lengths in a chunk "ds64".
func checkWAV(w *window) Verdict {
	h := w.head()
	large := string(h[:4]) != "RIFF"
	declared := le.Uint32(h[4:])
	var riff64, data64 int64
	off, dataEnd := int64(12), int64(0)
	for range 48 {
		h := w.at(off, 8)
		if h == nil {
			break
		}
		id, n := string(h[:4]), int64(le.Uint32(h[4:]))
		switch {
		case id == "ds64" && large:
			if d := w.at(off+8, 16); d != nil {
				riff64, data64 = length(le.Uint64(d)), length(le.Uint64(d[8:]))
			}
		case id == "data" && dataEnd == 0:
			if large && n == 0xFFFFFFFF {
				n = data64
			} else if endless(uint32(n)) {
				return endlessVerdict("WAV")
			}
			if n == 0 && off+8 < w.size && (declared == 0 || large) {
				return unpatched("WAV")
			}
			dataEnd = off + 8 + n
			if dataEnd > w.size {
				return tooShort(w, "WAV", dataEnd)
			}
		case allZero(h):
			return incomplete("the WAV has its size but not yet its content")
		}
		if dataEnd != 0 {
			break
		}
		off += 8 + n + n&1
	}
	if dataEnd == 0 {
		return incomplete("the WAV's sound is missing")
	}
	return wavEnd(w, large, declared, riff64, dataEnd)
}

// wavEnd checks the length of the whole file, the sound being there up to dataEnd. Some
// programs count the header's 8 bytes, or a padding byte they do not write; the sound
// ending where the file does shows that nothing is missing.
func wavEnd(w *window, large bool, declared uint32, riff64, dataEnd int64) Verdict {
	end := 8 + int64(declared)
	switch {
	case large && declared == 0xFFFFFFFF:
		end = 8 + riff64
	case declared == 0:
		return unpatched("WAV")
	case endless(declared):
		return endlessVerdict("WAV")
	}
	atEnd := w.size-dataEnd <= 1
	if end > w.size && !(atEnd && end-w.size <= 8) {
		return tooShort(w, "WAV", end)
	}
	return w.filled(false)
}
