package completeness

import "bytes"

// checkAVI wants the length that each piece (RIFF) declares; a file of over 1 GiB has
// several pieces (OpenDML).
func checkAVI(w *window) Verdict {
	var end int64
	for range 64 {
		h := w.at(end, 12)
		if h == nil || string(h[:4]) != "RIFF" || end > 0 && string(h[8:]) != "AVIX" {
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
	if rest := w.at(end, int(min(12, w.size-end))); len(rest) > 0 && len(rest) < 12 && bytes.HasPrefix([]byte("RIFF"), rest[:min(4, len(rest))]) {
		return incomplete("the AVI breaks off at byte %d", end)
	}
	return w.upTo(end).filled(true)
}

// exactAVI walks all chunks. A length of the whole that is wrong does not matter if the
// chunks go on to the end of the file and the index is among them. Zeros at the end do not
// matter if they are in a chunk, as padding or a black picture.
func exactAVI(w *window) Verdict {
	var last string
	var index bool
	off, level := int64(0), int64(0) // level: where the pictures' list ends
	for off+8 <= w.size {
		h := w.at(off, int(min(12, w.size-off)))
		if h == nil {
			break
		}
		if !boxType(h[:4]) {
			if allZero(h[:8]) && off < declaredAVI(w) {
				return incomplete("the AVI has its size but its end is still empty")
			}
			break
		}
		n := int64(le.Uint32(h[4:]))
		kind := string(h[:4])
		list := ""
		if len(h) == 12 {
			list = string(h[8:])
		}
		switch {
		case kind == "RIFF":
			off += 12
			continue
		case kind == "LIST" && list == "movi":
			if n == 0 {
				return unpatched("AVI")
			}
			level = off + 8 + n
			off += 12
			continue
		case kind == "idx1":
			index = true
		}
		if off+8+n > w.size {
			return tooShort(w, "AVI", off+8+n)
		}
		last = kind
		off += 8 + n + n&1
	}
	rest := w.at(off, int(max(0, min(4, w.size-off))))
	switch {
	case off > w.size+1 || len(rest) > 1 && bytes.HasPrefix([]byte("RIFF"), rest):
		return incomplete("the AVI breaks off at byte %d", min(off, w.size))
	case level == 0 || off < level:
		return incomplete("the AVI breaks off at byte %d", min(off, w.size))
	case last == "JUNK":
		return complete()
	case index || off >= declaredAVI(w):
		return cannotTell("the AVI says it is longer, but its last part is whole")
	default:
		return incomplete("the AVI's index is missing")
	}
}

// declaredAVI is the length of the first piece.
func declaredAVI(w *window) int64 { return 8 + int64(le.Uint32(w.head()[4:])) }
