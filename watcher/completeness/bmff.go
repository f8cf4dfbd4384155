package completeness

import "scenario-drop/filetype/magic"

// checkBMFF walks the boxes at the top level (ISO 14496-12) and wants the index (moov, or
// meta of a still image) and the data to be among them. The items of a still image must lie
// within the file, wherever they are. What stands behind the last box is none of the file,
// and what optional boxes may be missing there, at a cut exactly between two, cannot be
// known.
//
// A file in fragments is proven complete by the index of fragments at its end (mfra), or by
// the lengths of its parts in a box sidx; otherwise more may follow. The first part of such
// a stream (DASH, HLS) has an index that says so and no data; the others no index.
func checkBMFF(w *window) Verdict {
	m := movie{format: string(magic.Of(w.head()))}
	v := m.walk(w)
	v.Format = m.format
	return v
}

type movie struct {
	format                string
	index, data           bool
	fragments, mfra, moof bool
	endless               bool   // the last box goes to the end of the file, wherever that is
	last                  string // type of the last box
	moov                  box
	items                 items
	parts                 int64 // where the last part ends that a box sidx tells of
}

// box is where a box's content begins and ends.
type box struct{ from, to int64 }

func (m *movie) still() bool { return m.format == "HEIC" || m.format == "AVIF" }

func (m *movie) walk(w *window) Verdict {
	off := int64(0)
	for range 80 {
		if off == w.size {
			return m.verdict(w)
		}
		h := w.at(off, 8)
		if h == nil {
			return m.behind(w, off)
		}
		kind, n, body := string(h[4:8]), int64(be.Uint32(h)), off+8
		switch {
		case !boxType(h[4:8]):
			return m.behind(w, off)
		case n == 0:
			n, m.endless = w.size-off, true
		case n == 1:
			large := w.at(off+8, 8)
			if large == nil {
				return m.behind(w, off)
			}
			n, body = length(be.Uint64(large)), off+16
		}
		if n < body-off || m.endless && m.proven(off) && kind != "mdat" {
			m.endless = false
			return m.behind(w, off)
		}
		if n > w.size-off {
			if (m.proven(off) || m.last == "mdat" && m.fragments) && !knownBox(kind) {
				return m.behind(w, off)
			}
			return incomplete("the %s breaks off in the middle of its %s: at least %d bytes are missing", m.format, boxName(kind), n-(w.size-off))
		}
		if v := m.box(w, kind, box{body, off + n}); v.State != Complete {
			return v
		}
		m.last = kind
		off += n
	}
	if m.fragments {
		return m.verdict(w)
	}
	return cannotTell("the %s has too many parts to check them all", m.format)
}

// box takes note of a box; anything but Complete ends the walk.
func (m *movie) box(w *window, kind string, b box) Verdict {
	switch kind {
	case "moov", "meta":
		if p := w.at(b.from, int(min(12, b.to-b.from))); allZero(p) {
			return incomplete("the %s's index has not been written yet", m.format)
		}
		m.index = true
		if kind == "moov" {
			m.moov = b
		} else if m.items.end == 0 && m.still() {
			m.items = readItems(w, b)
			m.data = m.data || m.items.inside
		}
	case "mini": // a small picture's index and data
		m.index, m.data = true, true
	case "mdat":
		m.data = m.data || b.to > b.from
	case "sidx":
		m.fragments = true
		m.parts = max(m.parts, partsEnd(w, b))
	case "moof":
		m.fragments, m.moof = true, true
	case "styp":
		m.fragments = true
	case "mfra":
		m.mfra = true
	}
	return complete()
}

// proven reports whether the boxes before off are all that must be there, so that what
// follows and is no box of the format is none of the file.
func (m *movie) proven(off int64) bool {
	if m.fragments {
		return m.data && (m.last == "mfra" || m.parts == off)
	}
	return m.index && m.data
}

// behind is the verdict where a box should begin, at off, and none does.
func (m *movie) behind(w *window, off int64) Verdict {
	rest := w.at(off, int(min(8, w.size-off)))
	switch {
	case m.proven(off):
		return m.verdict(w.upTo(off))
	case len(rest) == 8 && allZero(rest):
		return incomplete("the %s has its size but its end is still empty", m.format)
	case m.fragments && m.data && m.last == "mdat" && (len(rest) == 8 || len(rest) > 0 && rest[0] != 0 || len(rest) >= 4 && allZero(rest[:4])):
		return cannotTell("the %s goes on after its data with something else", m.format)
	case len(rest) < 8:
		return incomplete("the %s breaks off at byte %d", m.format, off)
	default:
		return incomplete("the %s breaks off before its index", m.format)
	}
}

// verdict is that on a file whose boxes end where w does.
func (m *movie) verdict(w *window) Verdict {
	raw := m.format == "MOV" || m.items.raw // QuickTime holds plain sound samples too
	switch {
	case m.fragments:
		return m.fragmented(w)
	case !m.index:
		return incomplete("the %s's index is missing; it is written last", m.format)
	case m.items.end > w.size:
		return incomplete("the %s's picture is not all there: at least %d bytes are missing", m.format, m.items.end-w.size)
	case !m.data && m.moov.to > 0 && m.moov.has(w, "mvex"):
		return cannotTell("the %s is the first part of a stream, and what follows may be in other files", m.format)
	case !m.data && m.moov.to > 0 && m.moov.has(w, "rmra"):
		return cannotTell("the %s only names other files", m.format)
	case !m.data:
		return incomplete("the %s's picture and sound are missing behind its index", m.format)
	case m.endless && m.items.end > 0 && m.moov.to == 0: // the pictures' places tell what the box does not
		return w.upTo(m.items.end).filled(!raw)
	case m.endless:
		return endlessVerdict(m.format)
	case m.last == "free" || m.last == "skip" || m.last == "uuid" || m.last == "udta":
		return complete() // zeros are proper padding there
	default:
		// An index may end in a table of zeros.
		return w.filled(m.last == "mdat" && !raw)
	}
}

// fragmented is the verdict on a file with fragments, or a part of one.
func (m *movie) fragmented(w *window) Verdict {
	switch {
	case fragmentIndex(w):
		return complete()
	case m.mfra:
		return incomplete("the %s's index of fragments at its end has not been written yet", m.format)
	case m.parts > w.size:
		return tooShort(w, m.format, m.parts)
	case m.last == "moof" || !m.data && m.parts == 0 && !m.index:
		return incomplete("the %s breaks off between an index and its data", m.format)
	case m.parts == w.size && m.data && !m.endless:
		return w.filled(true)
	default:
		return w.filled(true).atMost(CannotTell, "the "+m.format+" is made of fragments, of which more may follow")
	}
}

// partsEnd is where the last of the parts ends whose lengths a box sidx has; 0 if it
// cannot be known.
func partsEnd(w *window, b box) int64 {
	p := w.at(b.from, int(min(b.to-b.from, 64<<10)))
	if len(p) < 32 {
		return 0
	}
	var first int64
	if q := p[12:]; p[0] == 0 {
		first, p = int64(be.Uint32(q[4:])), q[8:]
	} else {
		first, p = length(be.Uint64(q[8:])), q[16:]
	}
	if len(p) < 4 || b.to-b.from > 64<<10 {
		return 0
	}
	count := int(be.Uint16(p[2:]))
	if p = p[4:]; count == 0 || len(p) < count*12 {
		return 0
	}
	end := b.to + first
	for range count {
		end += int64(be.Uint32(p) & 0x7FFFFFFF)
		p = p[12:]
	}
	return end
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

// has reports whether a box has another of that type right in it.
func (b box) has(w *window, kind string) bool {
	off, _ := b.find(w, kind)
	return off > 0
}

// find returns where the content of the first box of that type in b begins and ends; 0 if
// there is none.
func (b box) find(w *window, kind string) (from, to int64) {
	off := b.from
	for range 64 {
		h := w.at(off, 8)
		if h == nil || off+8 > b.to {
			break
		}
		n := int64(be.Uint32(h))
		if n < 8 || n > b.to-off {
			break
		}
		if string(h[4:]) == kind {
			return off + 8, off + n
		}
		off += n
	}
	return 0, 0
}

func boxType(p []byte) bool {
	for _, c := range p {
		if (c < 0x20 || c > 0x7E) && c != 0xA9 {
			return false
		}
	}
	return true
}

// knownBox reports whether a box may follow index and data, and is not by chance what
// another program left there.
func knownBox(kind string) bool {
	switch kind {
	case "mdat", "moov", "meta", "free", "skip", "wide", "uuid", "udta", "moof", "mfra", "styp", "sidx", "ssix", "prft", "emsg", "pnot", "PICT", "mpvd", "sefd":
		return true
	}
	return false
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
