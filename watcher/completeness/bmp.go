package completeness

// checkBMP wants as many bytes behind the headers as the picture's rows take. The lengths
// that the header tells are often wrong, so those of an uncompressed picture do not count.
// A compressed one is as long as is told. What is behind the picture does not matter.
func checkBMP(w *window) Verdict {
	b, v := bmpHeader(w)
	if v.State != Complete {
		return v
	}
	if need := b.need(); need > 0 {
		if b.off+need > w.size {
			return tooShort(w, "BMP", b.off+need)
		}
		return w.upTo(b.off + (need+3)/4*4).filled(false)
	}
	end := b.off + b.size
	switch {
	case b.size == 0 && b.rle():
		return incomplete("the BMP does not say how long its picture is")
	case b.size == 0:
		return cannotTell("the BMP does not say how long its picture is")
	case end > w.size:
		return tooShort(w, "BMP", end)
	}
	return w.upTo(end).filled(false)
}

// exactBMP walks the runs of a compressed picture.
func exactBMP(w *window) Verdict {
	b, v := bmpHeader(w)
	if v.State != Complete || !b.rle() {
		return checkBMP(w)
	}
	return b.walkRuns(w.stream(b.off))
}

// bmp is what the headers tell.
type bmp struct {
	off           int64 // of the picture
	width, height int64
	bits          int64 // of a pixel
	compression   uint32
	size          int64 // of the picture as told; 0: not told
}

// bmpHeader reads the headers: of OS/2 (12 bytes; 16 to 64) or Windows (40 and more).
func bmpHeader(w *window) (bmp, Verdict) {
	const file = 14
	var b bmp
	h := w.head()
	n := int64(le.Uint32(h[file:]))
	if int64(len(h)) < file+n {
		return b, incomplete("the BMP's header is cut off")
	}
	b.off = int64(le.Uint32(h[10:]))
	h = h[file:]
	if n == 12 {
		b.width, b.height, b.bits = int64(le.Uint16(h[4:])), int64(le.Uint16(h[6:])), int64(le.Uint16(h[10:]))
	} else {
		b.width, b.height, b.bits = int64(int32(le.Uint32(h[4:]))), int64(int32(le.Uint32(h[8:]))), int64(le.Uint16(h[14:]))
		if b.height < 0 { // from the top down
			b.height = -b.height
		}
	}
	if n >= 24 {
		b.compression, b.size = le.Uint32(h[16:]), int64(le.Uint32(h[20:]))
	}
	if n == 64 && b.compression >= 3 { // OS/2's own
		b.compression = 4
	}
	if b.off == 0 {
		b.off = file + n
	}
	if b.width <= 0 || b.height == 0 || b.bits > 64 {
		return b, cannotTell("the BMP's header is not as expected")
	}
	if b.off > w.size {
		return b, tooShort(w, "BMP", b.off)
	}
	return b, complete()
}

// need is the length of an uncompressed picture, in bytes: rows are padded to four bytes,
// which the last need not be. It is 0 if the picture is compressed.
func (b bmp) need() int64 {
	switch b.compression {
	case 0, 3, 6: // plain, and plain with masks
	default:
		return 0
	}
	row := (b.width*b.bits + 7) / 8
	return (row+3)/4*4*(b.height-1) + row
}

func (b bmp) rle() bool { return b.compression == 1 || b.compression == 2 }

// walkRuns follows the runs (MS-WMF, 2.1.1.7) to the end mark, or to the last row.
func (b bmp) walkRuns(s *stream) Verdict {
	cut := incomplete("the BMP breaks off in the middle of the picture")
	for row := int64(0); row <= b.height; {
		n, _ := s.next()
		c, ok := s.next()
		switch {
		case !ok && row == b.height: // without an end mark
			return complete()
		case !ok:
			return cut
		case n > 0: // a run of one color
		case c == 0:
			row++
		case c == 1:
			return complete()
		case c == 2:
			_, _ = s.next()
			dy, _ := s.next()
			row += int64(dy)
		default: // so many pixels as they are, padded to two bytes
			size := int64(c)
			if b.compression == 2 {
				size = (size + 1) / 2
			}
			if !s.skip(size + size&1) {
				return cut
			}
		}
	}
	return complete()
}
