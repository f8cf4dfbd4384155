package whole

import (
	"bytes"
	"fmt"
)

// hdrWalk is up to which size an HDR is decoded to its end, in bytes.
const hdrWalk = 768 << 10

// checkHDR decodes the run lengths of a small Radiance picture to its last row. Of a
// larger one it asks for the least length that its size makes possible.
func checkHDR(w *window) Verdict {
	h := w.head()
	i := bytes.Index(h, []byte("\n\n"))
	j := -1
	if i >= 0 {
		j = bytes.IndexByte(h[i+2:], '\n')
	}
	if j < 0 {
		if w.size < headSize || bytes.IndexByte(h, 0) >= 0 {
			return incomplete("the HDR's header is cut off")
		}
		return cannotTell("the HDR's header is too long to be read")
	}
	var rows, width int64
	var a, b byte
	line := string(h[i+2 : i+2+j])
	if n, err := fmt.Sscanf(line, "%c%c %d %c%c %d", new(byte), &a, &rows, new(byte), &b, &width); n != 6 || err != nil ||
		rows < 1 || width < 1 || rows > 1<<20 || width > 1<<20 {
		return cannotTell("the HDR's header is not as expected")
	}
	off := int64(i + 2 + j + 1)
	least := 4 + 4*2*((width+126)/127)
	switch {
	case off+rows*min(least, 4*width) > w.size:
		return tooShort(w, "HDR", off+rows*min(least, 4*width))
	case off+rows*width*4 == w.size:
		return w.filled(false) // not compressed
	case w.size > hdrWalk && w.zeros() >= many:
		return incomplete("the HDR has its size but its end is still empty")
	case w.size > hdrWalk:
		return cannotTell("the HDR is too large to be followed to its end")
	}
	s := w.stream(off)
	for range rows {
		if v := hdrRow(s, width); v.State != Complete {
			return v
		}
	}
	return complete()
}

func hdrRow(s *stream, width int64) Verdict {
	var start [4]byte
	for i := range start {
		c, ok := s.next()
		if !ok {
			return incomplete("the HDR breaks off in the middle of the picture")
		}
		start[i] = c
	}
	switch {
	case start == [4]byte{}:
		return incomplete("the HDR has its size but its end is still empty")
	case start[0] != 2 || start[1] != 2 || int64(be.Uint16(start[2:])) != width:
		return cannotTell("the HDR is compressed in an old way")
	}
	for left := 4 * width; left > 0; {
		c, ok := s.next()
		n, skip := int64(c), int64(c)
		if c > 128 {
			n, skip = n-128, 1
		}
		switch {
		case ok && n == 0:
			return incomplete("the HDR breaks off in the middle of the picture")
		case !ok || !s.skip(skip):
			return incomplete("the HDR breaks off in the middle of the picture")
		}
		left -= n
	}
	return complete()
}
