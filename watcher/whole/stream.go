package whole

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
