package completeness

// The RIFF family: lengths are declared in headers, which recorders enter last.

// endless reports whether a declared length is one of those that a program writes when
// it does not know: about all ones, or about the largest number that is not negative (SoX,
// MPlayer, ALSA). A finished stream keeps it, a recording in progress may have it too.
func endless(n uint32) bool { return n >= 0xFFFFF000 || n >= 0x7FFFF000 && n < 0x80001000 }

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
		return w.upTo(end), Verdict{}
	}
}
