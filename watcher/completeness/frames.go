package completeness

// frames are a sound's frames that follow each other, each of which tells its own length.
type frames struct {
	header int                // bytes that length needs
	length func(p []byte) int // of the frame that p begins with; 0 if it is none
	tail   int                // bytes in which several of the longest frames have room
}

// chain counts the frames that p begins with, up to 4 whose headers are in p, and says
// where the last of them ends, which may be behind p.
func (f frames) chain(p []byte) (n, end int) {
	for n < 4 && end+f.header <= len(p) {
		k := f.length(p[end:])
		if k == 0 {
			break
		}
		n++
		end += k
	}
	return n, end
}

// sync finds the first place in p where four frames follow each other; -1 if there is none.
func (f frames) sync(p []byte) int {
	for i := 0; i+f.header <= len(p); i++ {
		if p[i] != 0xFF {
			continue
		}
		if n, _ := f.chain(p[i:]); n == 4 {
			return i
		}
	}
	return -1
}

// last finds where the last frame before end ends, walking from start, where a frame
// begins; whole is false if that is behind end, or if the beginning of another frame
// follows. Bytes between frames that belong to none are skipped, as players do.
func (f frames) last(w *window, start, end int64) (last int64, whole bool) {
	s := w.upTo(end).stream(start)
	last = start
	for {
		h := s.ahead(f.header)
		if len(h) == 0 {
			return last, last > start
		}
		if len(h) < f.header && s.pos() == last {
			return last, !f.begun(w, start, h) && last > start
		}
		if len(h) == f.header {
			if k := f.length(h); k > 0 {
				if !s.skip(int64(k)) {
					return last, false
				}
				last = s.pos()
				continue
			}
		}
		p := s.ahead(f.tail)
		i := f.sync(p)
		switch {
		case i >= 0:
			s.skip(int64(i))
		case len(p) < f.tail:
			return last, last > start
		default:
			s.skip(int64(len(p) / 2))
		}
	}
}

// begun reports whether p, which is shorter than a header, begins like the frame at start.
func (f frames) begun(w *window, start int64, p []byte) bool {
	first := w.at(start, f.header)
	return first != nil && p[0] == first[0] && (len(p) < 2 || p[1] == first[1])
}

// quickLast is last, from a place near the end on.
func (f frames) quickLast(w *window, start, end int64) (last int64, whole bool) {
	if end-start <= int64(f.tail) {
		return f.last(w, start, end)
	}
	from := end - int64(f.tail)
	i := f.sync(w.at(from, f.tail))
	if i < 0 {
		return end, false
	}
	return f.last(w, from+int64(i), end)
}

// ahead returns the next n bytes without going on, and fewer at the end only.
func (s *stream) ahead(n int) []byte {
	if len(s.buf) < n && s.off < s.w.size {
		pos := s.pos()
		size := min(max(piece, int64(n)), s.w.size-pos)
		if p := s.w.at(pos, int(size)); p != nil {
			s.buf, s.off = p, pos+size
		}
	}
	return s.buf[:min(n, len(s.buf))]
}
