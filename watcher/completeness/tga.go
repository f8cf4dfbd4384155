package completeness

import "bytes"

// checkTGA wants as many bytes behind the header as the pixels take. A compressed picture
// is followed run by run, or, if it is a large one, ends with the footer of TGA 2.0. The
// format has no signature: a file named so whose header makes no sense may be anything.
func checkTGA(w *window) Verdict {
	t, v := tgaHeader(w)
	if v.State != Complete {
		return v
	}
	if !t.rle {
		end := t.off + t.pixels*t.each
		if end > w.size {
			return tooShort(w, "TGA", end)
		}
		return w.upTo(end).filled(false)
	}
	switch {
	case w.size <= 768<<10:
		return t.walkRuns(w)
	case bytes.Equal(w.tail(len(tgaFooter)), []byte(tgaFooter)):
		return complete()
	}
	return incomplete("the TGA's end is not where it should be")
}

// exactTGA follows the runs of a compressed picture of any length.
func exactTGA(w *window) Verdict {
	t, v := tgaHeader(w)
	if v.State != Complete || !t.rle {
		return checkTGA(w)
	}
	return t.walkRuns(w)
}

const tgaFooter = "TRUEVISION-XFILE.\x00"

// tga is what the header tells.
type tga struct {
	off    int64 // of the picture
	pixels int64
	each   int64 // length of a pixel, in bytes
	rle    bool
}

func tgaHeader(w *window) (tga, Verdict) {
	var t tga
	h := w.head()
	switch {
	case len(h) < 18:
		return t, onlyFirst(w.size, "TGA")
	case allZero(h):
		return t, incomplete("the file has its size but not yet its content")
	}
	kind, bits := h[2], h[16]
	width, height := int64(le.Uint16(h[12:])), int64(le.Uint16(h[14:]))
	mapped := h[1] == 1
	sane := h[1] <= 1 && width > 0 && height > 0 && h[17]&0xC0 == 0
	switch kind & 7 {
	case 1:
		sane = sane && mapped && (bits == 8 || bits == 16)
	case 2:
		sane = sane && (bits == 15 || bits == 16 || bits == 24 || bits == 32)
	case 3:
		sane = sane && (bits == 8 || bits == 16)
	default:
		sane = false
	}
	if !sane || kind&^8 > 3 {
		return t, cannotTell("its content does not look like TGA")
	}
	t.off = 18 + int64(h[0])
	if mapped {
		t.off += int64(le.Uint16(h[5:])) * int64((h[7]+7)/8)
	}
	t.pixels, t.each, t.rle = width*height, int64((bits+7)/8), kind&8 != 0
	return t, complete()
}

// walkRuns follows the packets: of one pixel repeated, or of as many as there are.
func (t tga) walkRuns(w *window) Verdict {
	if t.off > w.size {
		return tooShort(w, "TGA", t.off)
	}
	s := w.stream(t.off)
	for left := t.pixels; left > 0; {
		c, ok := s.next()
		n := int64(c&0x7F) + 1
		size := t.each
		if c&0x80 == 0 {
			size *= n
		}
		if !ok || !s.skip(size) {
			return incomplete("the TGA breaks off in the middle of the picture")
		}
		left -= n
	}
	return w.upTo(s.pos()).filled(true)
}
