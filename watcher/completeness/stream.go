package completeness

import (
	"bytes"
	"io"
)

const piece = 128 << 10 // so that MaxText takes fewer than MaxReads reads

// stream reads a window from an offset on, byte by byte, skipping without reading.
type stream struct {
	w    *window
	buf  []byte
	off  int64 // of the byte after buf
	end  int64 // where it stops
	text *text // whose characters it gives, if not bytes
}

func (w *window) stream(off int64) *stream { return &stream{w: w, off: off, end: w.size} }

// pos is the offset of the next byte; meaningless in UTF-16.
func (s *stream) pos() int64 { return s.off - int64(len(s.buf)) }

func (s *stream) fill() bool {
	if len(s.buf) > 0 {
		return true
	}
	n := min(piece, s.end-s.off)
	if n <= 0 {
		return false
	}
	s.buf = s.w.at(s.off, int(n))
	s.off += int64(len(s.buf))
	if s.text != nil && s.text.order != nil {
		s.buf = s.text.ascii(bytes.Clone(s.buf))
	}
	return len(s.buf) > 0
}

// next returns the next byte; false at the end.
func (s *stream) next() (byte, bool) {
	if len(s.buf) == 0 && !s.fill() {
		return 0, false
	}
	b := s.buf[0]
	s.buf = s.buf[1:]
	return b, true
}

// set is a set of bytes.
type set [256]bool

func setOf(chars string) *set {
	var s set
	for i := range len(chars) {
		s[chars[i]] = true
	}
	return &s
}

// until goes past the next byte of the set and returns it; false at the end.
func (s *stream) until(chars *set) (byte, bool) {
	for s.fill() {
		for i, c := range s.buf {
			if chars[c] {
				s.buf = s.buf[i+1:]
				return c, true
			}
		}
		s.buf = nil
	}
	return 0, false
}

// findByte goes past the next byte c; false at the end.
func (s *stream) findByte(c byte) bool {
	for s.fill() {
		if i := bytes.IndexByte(s.buf, c); i >= 0 {
			s.buf = s.buf[i+1:]
			return true
		}
		s.buf = nil
	}
	return false
}

// past goes up to and including end, of three characters at most, which may repeat
// before it (-->).
func (s *stream) past(end string) bool {
	if len(end) == 1 {
		return s.findByte(end[0])
	}
	var last [3]byte
	for {
		c, ok := s.next()
		if !ok {
			return false
		}
		last = [3]byte{last[1], last[2], c}
		if string(last[3-len(end):]) == end {
			return true
		}
	}
}

// peek returns the next byte without going past it.
func (s *stream) peek() (byte, bool) {
	if !s.fill() {
		return 0, false
	}
	return s.buf[0], true
}

// quoted goes past the rest of a string in which a backslash makes the next character
// ordinary; false if it does not end.
func (s *stream) quoted(quote byte) bool {
	ends := setOf(string(rune(quote)) + `\`)
	for {
		switch c, ok := s.until(ends); {
		case !ok:
			return false
		case c == quote:
			return true
		}
		s.next()
	}
}

// line goes to the end of the line, past its first character of line end.
func (s *stream) line() { s.until(&lineEnds) }

var lineEnds = set{'\r': true, '\n': true}

// skip goes n ≥ 0 bytes on; false if that is past the end.
func (s *stream) skip(n int64) bool {
	if n <= int64(len(s.buf)) {
		s.buf = s.buf[n:]
		return true
	}
	to := s.pos() + n
	if to < 0 || to > s.end {
		return false
	}
	s.buf, s.off = nil, to
	return true
}

// Read implements io.Reader, for the decoders of the standard library.
func (s *stream) Read(p []byte) (int, error) {
	if !s.fill() {
		return 0, io.EOF
	}
	n := copy(p, s.buf)
	s.buf = s.buf[n:]
	return n, nil
}
