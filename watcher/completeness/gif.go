package completeness

import "bytes"

// gifWalk is up to which size a GIF is walked block by block, in bytes. Its blocks are
// of 255 bytes at most, so a walk reads all of it.
const gifWalk = 768 << 10

// checkGIF walks the blocks of a small GIF to its trailer, exactly. Of a larger one only
// the end is looked at: a block terminator and the trailer, before zeros at most; a cut
// passes for an end once in 65 536 times, and what does not end so is walked as well.
func checkGIF(w *window) Verdict {
	if w.size > gifWalk {
		if bytes.HasSuffix(bytes.TrimRight(w.tail(many), "\x00"), []byte("\x00;")) {
			return complete()
		}
		return endMissing("GIF")
	}
	return exactGIF(w)
}

// exactGIF walks the blocks to the trailer; what is behind it does not matter.
func exactGIF(w *window) Verdict {
	h := w.at(0, 13)
	if h == nil {
		return endMissing("GIF")
	}
	s := w.stream(13)
	s.skip(colorTable(h[10]))
	for {
		b, ok := s.next()
		switch {
		case !ok:
			return endMissing("GIF")
		case b == ';':
			return complete()
		case b == '!':
			ok = s.skip(1) && skipBlocks(s)
		case b == ',':
			ok = s.skip(8)
			if flags, more := s.next(); ok && more {
				ok = s.skip(colorTable(flags)+1) && skipBlocks(s)
			} else {
				ok = false
			}
		case b == 0: // an empty block: seen in the wild, skipped by decoders
		default:
			return incomplete("the GIF breaks off at byte %d", s.pos()-1)
		}
		if !ok {
			return endMissing("GIF")
		}
	}
}

// colorTable is the length of the color table that flags announce, in bytes.
func colorTable(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func skipBlocks(s *stream) bool {
	for {
		n, ok := s.next()
		if !ok || !s.skip(int64(n)) {
			return false
		}
		if n == 0 {
			return true
		}
	}
}
