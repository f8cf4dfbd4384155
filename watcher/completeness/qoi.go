package completeness

import "bytes"

const qoiEnd = "\x00\x00\x00\x00\x00\x00\x00\x01"

// checkQOI wants the end mark of eight bytes, which cannot be chance behind a picture.
func checkQOI(w *window) Verdict {
	if bytes.Equal(w.tail(len(qoiEnd)), []byte(qoiEnd)) {
		return complete()
	}
	return endMissing("QOI")
}

// exactQOI follows the pixels to the end mark; what is behind it does not matter.
func exactQOI(w *window) Verdict {
	h := w.head()
	s := w.stream(14)
	for left := int64(be.Uint32(h[4:])) * int64(be.Uint32(h[8:])); left > 0; left-- {
		c, ok := s.next()
		switch {
		case c == 0xFE: // RGB
			ok = ok && s.skip(3)
		case c == 0xFF: // RGBA
			ok = ok && s.skip(4)
		case c>>6 == 2: // a difference of brightness
			ok = ok && s.skip(1)
		case c>>6 == 3: // a run
			left -= int64(c & 0x3F)
		}
		if !ok {
			return incomplete("the QOI breaks off in the middle of the picture")
		}
	}
	rest := w.size - s.pos()
	switch b := w.at(s.pos(), int(min(rest, int64(len(qoiEnd))))); {
	case string(b) == qoiEnd:
		return complete()
	case rest >= few && allZero(b):
		return incomplete("the QOI has its size but its end is still empty")
	}
	return cannotTell("the QOI's picture is there, but not its end mark") // readers do without
}
