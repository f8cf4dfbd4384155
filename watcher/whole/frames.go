package whole

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
