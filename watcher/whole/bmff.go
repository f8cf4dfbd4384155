package whole

import "scenario-drop/filetype/magic"

// checkBMFF walks the boxes at the top level to the exact end of the file and wants the
// index (moov, or meta of a still image) and the data to be among them. What optional
// boxes may be missing behind them, at a cut exactly between two boxes, cannot be known.
// A file in fragments is proven whole by the index of fragments (mfra) at its end only.
func checkBMFF(w *window) Verdict {
	m := movie{format: string(magic.Of(w.head()))}
	v := m.walk(w)
	v.Format = m.format
	return v
}

type movie struct {
	format                       string
	index, data, fragments, mfra bool
	endless                      bool   // the last box goes to the end of the file, wherever that is
	last                         string // type of the last box
}

func (m *movie) walk(w *window) Verdict {
	off := int64(0)
	for range 64 {
		if off == w.size {
			return m.verdict(w)
		}
		h := w.at(off, 8)
		if h == nil {
			return incomplete("the %s breaks off at byte %d", m.format, off)
		}
		if !boxType(h[4:8]) {
			return m.behind(h)
		}
		kind, n := string(h[4:8]), int64(be.Uint32(h))
		switch {
		case n == 0:
			n, m.endless = w.size-off, true
		case n == 1:
			large := w.at(off+8, 8)
			if large == nil {
				return incomplete("the %s breaks off at byte %d", m.format, off)
			}
			if n = length(be.Uint64(large)); n < 16 {
				return m.behind(h)
			}
		case n < 8:
			return m.behind(h)
		}
		if n > w.size-off {
			return incomplete("the %s breaks off in the middle of its %s: at least %d bytes are missing", m.format, boxName(kind), n-(w.size-off))
		}
		switch kind {
		case "moov", "meta":
			m.index = true
			if b := w.at(off+8, int(min(12, n-8))); allZero(b) {
				return incomplete("the %s's index has not been written yet", m.format)
			}
		case "mdat":
			m.data = m.data || n > 8
		case "moof", "styp", "sidx":
			m.fragments = true
		case "mfra":
			m.mfra = true
		}
		m.last = kind
		off += n
	}
	if m.fragments {
		return m.verdict(w)
	}
	return cannotTell("the %s has too many parts to check them all", m.format)
}

// behind is the verdict where a box should begin and none does.
func (m *movie) behind(h []byte) Verdict {
	switch {
	case m.index && m.data:
		return cannotTell("the %s goes on after its index and data with something else", m.format)
	case allZero(h):
		return incomplete("the %s has its size but its end is still empty", m.format)
	default:
		return incomplete("the %s breaks off before its index", m.format)
	}
}

func (m *movie) verdict(w *window) Verdict {
	switch {
	case !m.index:
		return incomplete("the %s's index is missing; it is written last", m.format)
	case m.fragments && fragmentIndex(w):
		return complete()
	case m.fragments && m.mfra:
		return incomplete("the %s's index of fragments at its end has not been written yet", m.format)
	case m.fragments:
		return w.filled(true).atMost(CannotTell, "the "+m.format+" is made of fragments, of which more may follow")
	case !m.data && m.format == "HEIC", !m.data && m.format == "AVIF":
		return cannotTell("the %s has no data of its own behind its index", m.format)
	case !m.data:
		return incomplete("the %s's picture and sound are missing behind its index", m.format)
	case m.endless:
		return cannotTell("the %s was written as a stream and does not say how long it is", m.format)
	case m.last == "free" || m.last == "skip" || m.last == "uuid" || m.last == "udta":
		return complete() // zeros are proper padding there
	default:
		// QuickTime holds plain sound samples too, and an index may end in a table of zeros.
		return w.filled(m.last == "mdat" && m.format != "MOV")
	}
}

// fragmentIndex reports whether the file ends in a box mfra, which says its own length
// in its last four bytes.
func fragmentIndex(w *window) bool {
	t := w.tail(16)
	if len(t) < 16 || string(t[4:8]) != "mfro" {
		return false
	}
	h := w.at(w.size-int64(be.Uint32(t[12:])), 8)
	return h != nil && string(h[4:8]) == "mfra"
}

func boxType(p []byte) bool {
	for _, c := range p {
		if (c < 0x20 || c > 0x7E) && c != 0xA9 {
			return false
		}
	}
	return true
}

func boxName(kind string) string {
	switch kind {
	case "mdat":
		return "picture and sound data"
	case "moov", "meta", "moof":
		return "index"
	default:
		return "header"
	}
}
