package completeness

import (
	"bytes"
	"fmt"
)

// hdrWalk is up to which size an HDR is decoded to its end, in bytes.
const hdrWalk = 768 << 10

// checkHDR decodes the run lengths of a small Radiance picture to its last row. Of a
// larger one, the last row that begins in the end of the file must end with it; what is
// not so is followed from its beginning. One that is not compressed has its length.
func checkHDR(w *window) Verdict {
	h, v := hdrHeader(w)
	switch {
	case v.State != Complete:
		return v
	case h.off+h.rows*h.width*4 == w.size: // not compressed
		return w.filled(false)
	case w.size <= hdrWalk:
		return h.walkRows(w)
	case h.lastRow(w):
		return complete()
	}
	return incomplete("the HDR does not end with a row of the picture")
}

// exactHDR decodes one of any length.
func exactHDR(w *window) Verdict {
	h, v := hdrHeader(w)
	if v.State != Complete {
		return v
	}
	return h.walkRows(w)
}

// hdr is what the header tells.
type hdr struct {
	off         int64 // of the picture
	rows, width int64 // as they are stored, which may be columns
	rle         bool  // the first row is compressed in the newer way
}

func hdrHeader(w *window) (hdr, Verdict) {
	var p hdr
	h := w.head()
	i := bytes.Index(h, []byte("\n\n"))
	j := -1
	if i >= 0 {
		j = bytes.IndexByte(h[i+2:], '\n')
	}
	if j < 0 {
		if w.size < headSize || bytes.IndexByte(h, 0) >= 0 {
			return p, incomplete("the HDR's header is cut off")
		}
		return p, cannotTell("the HDR's header is too long to be read")
	}
	var a, b byte
	line := string(h[i+2 : i+2+j])
	if n, err := fmt.Sscanf(line, "%c%c %d %c%c %d", new(byte), &a, &p.rows, new(byte), &b, &p.width); n != 6 || err != nil ||
		p.rows < 1 || p.width < 1 || p.rows > 1<<20 || p.width > 1<<20 {
		return p, cannotTell("the HDR's header is not as expected")
	}
	p.off = int64(i + 2 + j + 1)
	return p, complete()
}

// walkRows decodes all rows.
func (h hdr) walkRows(w *window) Verdict {
	s := w.stream(h.off)
	first := w.at(h.off, 4)
	h.rle = first != nil && first[0] == 2 && first[1] == 2
	for range h.rows {
		if v := h.row(s); v.State != Complete {
			return v
		}
	}
	return complete()
}

// lastRow looks for a row that begins in the end of the file and ends with it.
func (h hdr) lastRow(w *window) bool {
	if h.width < 8 || h.width > 0x7FFF { // stored in another way
		return false
	}
	mark := []byte{2, 2, byte(h.width >> 8), byte(h.width)}
	t := w.tail(int(min(4+4*h.width*129/128+8, 160<<10)))
	from := w.size - int64(len(t))
	tail := w.part(from, int64(len(t)))
	if tail == nil {
		return false
	}
	for i := 0; ; i++ {
		n := bytes.Index(t[i:], mark)
		if n < 0 {
			return false
		}
		i += n
		s := &stream{w: tail, buf: t[i:], off: tail.size, end: tail.size}
		if v := h.row(s); v.State == Complete && s.pos() == tail.size {
			return true
		}
	}
}

// row decodes one row. Those of fewer than 8 pixels, or more than 32767, and those of old
// writers are pixels, of which some stand for repetitions of the last.
func (h hdr) row(s *stream) Verdict {
	cut := incomplete("the HDR breaks off in the middle of the picture")
	var start [4]byte
	for i := range start {
		c, ok := s.next()
		if !ok {
			return cut
		}
		start[i] = c
	}
	if h.rle && start == [4]byte{} {
		return incomplete("the HDR has its size but its end is still empty")
	}
	if start[0] != 2 || start[1] != 2 || int64(be.Uint16(start[2:])) != h.width {
		return h.pixels(s, start)
	}
	for left := 4 * h.width; left > 0; {
		c, ok := s.next()
		n, skip := int64(c), int64(c)
		if c > 128 {
			n, skip = n-128, 1
		}
		if !ok || n == 0 || !s.skip(skip) {
			return cut
		}
		left -= n
	}
	return complete()
}

// pixels decodes a row of the old way, which begins with this pixel: (1, 1, 1, n)
// repeats the last one n times, times 256 with each further one.
func (h hdr) pixels(s *stream, pixel [4]byte) Verdict {
	shift := 0
	zero := true
	for left := h.width; ; {
		n := int64(1)
		if pixel[0] == 1 && pixel[1] == 1 && pixel[2] == 1 && shift < 24 {
			n = int64(pixel[3]) << shift
			shift += 8
		} else {
			shift = 0
		}
		zero = zero && pixel == [4]byte{}
		if left -= n; left <= 0 {
			break
		}
		for i := range pixel {
			c, ok := s.next()
			if !ok {
				return incomplete("the HDR breaks off in the middle of the picture")
			}
			pixel[i] = c
		}
	}
	if zero {
		return cannotTell("a row of the HDR is zeros, which may be black or not written yet")
	}
	return complete()
}
