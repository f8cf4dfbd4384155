package completeness

import "bytes"

const (
	oggMark    = "OggS\x00"
	oggLongest = 27 + 255 + 255*255 // bytes of a page
	oggFirst   = 2                  // flag of a stream's first page
	oggLast    = 4                  // flag of a stream's last page
)

// checkOGG wants the last page to be there to its last byte, which its checksum proves
// (RFC 3533). If the page is marked as its stream's last, the OGG is complete, whatever
// stands behind it. Many programs never set that mark (messengers' voice messages, a stream
// that was recorded): such a file may go on, but nothing that it tells of is missing. Then
// the verdict is CannotTell, since a copy that stopped exactly between two pages looks the
// same.
func checkOGG(w *window) Verdict {
	t := w.tail(oggLongest)
	sum := newOGGSum()
	for i, budget := len(t), MaxRead; ; {
		if i = bytes.LastIndex(t[:i], []byte(oggMark)); i < 0 {
			break
		}
		n, ok := oggPage(t[i:])
		if !ok || n > len(t)-i || budget < n {
			continue // it is cut off, or the mark is there by chance
		}
		budget -= n
		if sum.right(t[i : i+n]) {
			return oggBehind(w.upTo(w.size-int64(len(t)-i-n)), t[i:i+n], t[i+n:])
		}
	}
	return oggDamaged(t)
}

// oggBehind is the verdict on an OGG that is whole up to its page, with rest behind it. The
// window w ends with the page.
func oggBehind(w *window, page, rest []byte) Verdict {
	damaged := false
	for len(rest) > 0 {
		if !bytes.HasPrefix(rest, []byte(oggMark)) {
			if len(rest) < len(oggMark) && bytes.HasPrefix([]byte(oggMark), rest) {
				return incomplete("the OGG's last page is cut off")
			}
			break
		}
		n, ok := oggPage(rest)
		switch {
		case !ok || n > len(rest):
			return incomplete("the OGG's last page is cut off")
		case allZero(rest[max(0, n-few):n]):
			return incomplete("the OGG has its size but its end is still empty")
		}
		damaged, rest = true, rest[n:]
	}
	switch {
	case damaged:
		return cannotTell("the OGG's last page is damaged")
	case page[5]&oggLast != 0 && oggEnded(w, page):
		return complete()
	case len(rest) >= few && allZero(rest):
		return incomplete("the OGG has its size but its end is still empty")
	default:
		return cannotTell("the OGG's last page is whole, but not marked as its end")
	}
}

// oggDamaged is the verdict on an OGG without a page in its tail that is whole: cut off,
// unless its pages have wrong checksums and end where the file does.
func oggDamaged(t []byte) Verdict {
	for i := len(t); ; {
		if i = bytes.LastIndex(t[:i], []byte(oggMark)); i < 0 {
			return incomplete("the OGG's last page is missing")
		}
		n, ok := oggPage(t[i:])
		switch {
		case !ok || n > len(t)-i:
			return incomplete("the OGG's last page is cut off")
		case allZero(t[max(i, len(t)-few):]):
			return incomplete("the OGG has its size but its end is still empty")
		case n == len(t)-i || t[i+5]&oggLast != 0:
			return cannotTell("the OGG's last page is damaged")
		}
	}
}

// oggEnded reports whether the other streams that begin where that of the last page does
// (a video's pictures and sound) end in the tail too.
func oggEnded(w *window, last []byte) bool {
	var open [][]byte // numbers of streams
	known := false
	for p := w.head(); len(p) >= 27 && bytes.HasPrefix(p, []byte(oggMark)) && p[5]&oggFirst != 0; {
		if bytes.Equal(p[14:18], last[14:18]) {
			known = true
		} else {
			open = append(open, p[14:18])
		}
		n, ok := oggPage(p)
		if !ok || n > len(p) {
			break
		}
		p = p[n:]
	}
	if !known || len(open) == 0 {
		return true
	}
	t := w.tail(oggLongest)
	ended := 0
	for _, number := range open {
		for i := len(t); ; {
			if i = bytes.LastIndex(t[:i], []byte(oggMark)); i < 0 {
				break
			}
			if p := t[i:]; len(p) >= 27 && p[5]&oggLast != 0 && bytes.Equal(p[14:18], number) {
				ended++
				break
			}
		}
	}
	return ended == len(open)
}

// exactOGG walks all pages. Bytes between two pages do not matter, as to every reader.
func exactOGG(w *window) Verdict {
	s := w.stream(0)
	start, end := int64(-1), int64(0)
	for {
		h := s.ahead(27 + 255)
		if len(h) < len(oggMark) || !bytes.HasPrefix(h, []byte(oggMark)) {
			if !s.find(oggMark) {
				break
			}
			continue
		}
		n, ok := oggPage(h)
		if !ok || !s.skip(int64(n)) {
			return incomplete("the OGG's last page is cut off")
		}
		start, end = s.pos()-int64(n), s.pos()
	}
	if start < 0 {
		return incomplete("the OGG's pages are missing")
	}
	page := w.at(start, int(end-start))
	if page == nil {
		return incomplete("the OGG's last page is cut off")
	}
	var rest []byte
	if n := min(w.size-end, many); n > 0 {
		rest = w.tail(int(n))
	}
	switch sum := newOGGSum(); {
	case sum.right(page):
		return oggBehind(w.upTo(end), page, rest)
	case allZero(page[max(0, len(page)-few):]):
		return incomplete("the OGG has its size but its end is still empty")
	default:
		return cannotTell("the OGG's last page is damaged")
	}
}

// find goes on to where mark stands next; false at the end.
func (s *stream) find(mark string) bool {
	for {
		if len(s.ahead(len(mark))) < len(mark) {
			return false
		}
		if i := bytes.Index(s.buf, []byte(mark)); i >= 0 {
			return s.skip(int64(i))
		}
		s.skip(int64(len(s.buf) - len(mark) + 1))
	}
}

// oggPage returns the length of the page that p begins with.
func oggPage(p []byte) (int, bool) {
	if len(p) < 27 || len(p) < 27+int(p[26]) || p[5] >= 8 {
		return 0, false
	}
	n := 27 + int(p[26])
	for _, s := range p[27:n] {
		n += int(s)
	}
	return n, true
}

// oggSum is a table for pages' checksums.
type oggSum [256]uint32

func newOGGSum() *oggSum {
	var t oggSum
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ 0x04C11DB7
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return &t
}

// right reports whether a page has the checksum it says; its own field counts as zeros.
func (t *oggSum) right(page []byte) bool {
	c := t.add(0, page[:22])
	c = t.add(c, make([]byte, 4))
	return t.add(c, page[26:]) == le.Uint32(page[22:])
}

func (t *oggSum) add(c uint32, p []byte) uint32 {
	for _, b := range p {
		c = c<<8 ^ t[byte(c>>24)^b]
	}
	return c
}
