package completeness

import "bytes"

// checkJP2 walks the boxes of a JPEG 2000 file to the codestream, or takes a bare
// codestream, and walks its tile-parts, which tell their lengths, to the end mark (EOC).
// What is behind it does not matter. Of a codestream of very many parts, or whose last one
// does not tell its length, the quick check wants the end mark at the end of the file.
func checkJP2(w *window) Verdict {
	body, v := jp2Codestream(w, w.at)
	if body == nil {
		return v
	}
	c := codestream{w: body, at: body.at, maxParts: 40}
	v, ended := c.walk()
	if !ended && bytes.HasSuffix(body.tail(2), eoi) {
		return complete()
	}
	return v
}

// exactJP2 walks all parts, and searches the last for the end mark if need be.
func exactJP2(w *window) Verdict {
	boxes := walker{w: w}
	body, v := jp2Codestream(w, boxes.at)
	if body == nil {
		return v
	}
	parts := walker{w: body}
	c := codestream{w: body, at: parts.at, maxParts: 1 << 20}
	v, ended := c.walk()
	if !ended && body.find(c.off, body.size, eoi) >= 0 {
		return complete()
	}
	return v
}

// jp2Codestream finds the box with the codestream; a verdict if there is none.
func jp2Codestream(w *window, at func(int64, int) []byte) (*window, Verdict) {
	if h := w.head(); h[0] == 0xFF {
		return w, Verdict{}
	}
	var off int64
	for range 32 {
		b := at(off, 8)
		if b == nil || allZero(b) {
			return nil, incomplete("the JP2's picture is missing")
		}
		head, n, kind := int64(8), int64(be.Uint32(b)), string(b[4:])
		switch n {
		case 0: // to the end of the file
			n = w.size - off
		case 1:
			if b = at(off+8, 8); b == nil {
				return nil, incomplete("the JP2's picture is missing")
			}
			head, n = 16, length(be.Uint64(b))
		}
		if n < head {
			return nil, cannotTell("the JP2 is not as expected at byte %d", off)
		}
		if n > w.size-off {
			return nil, tooShort(w, "JP2", off+n)
		}
		if kind == "jp2c" {
			if part := w.part(off+head, n-head); part != nil {
				return part, Verdict{}
			}
			return nil, incomplete("the JP2's picture is missing")
		}
		if kind == "moov" || kind == "ftbl" { // moving, or in pieces
			return nil, cannotTell("this kind of JP2 does not tell its length cheaply")
		}
		off += n
	}
	return nil, cannotTell("the JP2 has too many parts to check them all")
}

// codestream walks the markers of one (ISO/IEC 15444-1, annex A).
type codestream struct {
	w        *window
	at       func(int64, int) []byte
	off      int64
	maxParts int
}

// walk goes from part to part; false if it did not get to the end.
func (c *codestream) walk() (Verdict, bool) {
	const startOfTile = 0xFF90
	cut := incomplete("the JP2 breaks off in the middle of the picture")
	tiles, last := int64(0), int64(-1)
	c.off = 2
	for range c.maxParts {
		if c.off == c.w.size && tiles > 0 && last == tiles-1 {
			return cannotTell("the JP2's last part is there, but not its end mark"), true
		}
		b := c.at(c.off, 2)
		if b == nil {
			return endMissing("JP2"), true
		}
		switch m := be.Uint16(b); {
		case bytes.Equal(b, eoi):
			return complete(), true
		case m == startOfTile:
			p := c.at(c.off, 10)
			if p == nil {
				return cut, true
			}
			last = int64(be.Uint16(p[4:]))
			n := int64(be.Uint32(p[6:]))
			if n == 0 { // up to the end mark
				return endMissing("JP2"), false
			}
			if n < 12 || n > c.w.size-c.off {
				return cut, true
			}
			c.off += n
		case m >= 0xFF4F && last < 0: // the main header
			p := c.at(c.off, 4)
			if p == nil {
				return cut, true
			}
			if m == 0xFF51 {
				tiles = c.tiles()
			}
			c.off += 2 + int64(be.Uint16(p[2:]))
		case m == 0:
			return incomplete("the JP2 has its size but its end is still empty"), true
		default:
			return incomplete("the JP2 breaks off at byte %d", c.w.base+c.off), true
		}
	}
	return endMissing("JP2"), false
}

// tiles is their number, from the size marker (SIZ) at off; 0 if it cannot be known.
func (c *codestream) tiles() int64 {
	p := c.at(c.off, 38)
	if p == nil {
		return 0
	}
	n := int64(1)
	for _, i := range []int{6, 10} { // across, down
		size, tile, first := int64(be.Uint32(p[i:])), int64(be.Uint32(p[i+16:])), int64(be.Uint32(p[i+24:]))
		if tile == 0 || size <= first {
			return 0
		}
		n *= (size - first + tile - 1) / tile
	}
	return n
}
