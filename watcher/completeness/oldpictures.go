package completeness

// checkSGI wants the rows of an SGI picture to be there: all of them, or as the table of
// its compressed rows tells.
func checkSGI(w *window) Verdict {
	h := w.at(0, 512)
	if h == nil {
		return onlyFirst(w.size, "SGI picture")
	}
	width, height, channels := int64(be.Uint16(h[6:])), max(int64(be.Uint16(h[8:])), 1), max(int64(be.Uint16(h[10:])), 1)
	switch be.Uint16(h[4:]) { // how many of these are used
	case 1:
		height, channels = 1, 1
	case 2:
		channels = 1
	}
	rows := height * channels
	if h[2] == 0 {
		return plainPicture(w, "SGI picture", 512, width*rows*int64(h[3]))
	}
	end := 512 + 8*rows
	if end > w.size {
		return tooShort(w, "SGI picture", end)
	}
	if rows > 96<<10 {
		return cannotTell("the SGI picture is too large to add up its rows")
	}
	table := w.at(512, int(8*rows))
	for i := range len(table) / 8 {
		off, n := int64(be.Uint32(table[4*i:])), int64(be.Uint32(table[4*i+len(table)/2:]))
		if off == 0 || n == 0 {
			return incomplete("the SGI picture's table of rows has not been written yet")
		}
		end = max(end, off+n)
	}
	if end > w.size {
		return tooShort(w, "SGI picture", end)
	}
	return w.upTo(end).filled(false)
}

// checkSun wants as many bytes behind the header and the colors of a Sun raster picture as
// the header tells; old ones tell no length, and are not compressed. Where a compressed one
// gives its length before compression, its runs are followed.
func checkSun(w *window) Verdict {
	h := w.head()
	width, height, depth := int64(be.Uint32(h[4:])), int64(be.Uint32(h[8:])), int64(be.Uint32(h[12:]))
	size, kind, colors := int64(be.Uint32(h[16:])), be.Uint32(h[20:]), int64(be.Uint32(h[28:]))
	if width > 1<<20 || height > 1<<20 || depth > 32 {
		return cannotTell("the Sun raster picture's header is not as expected")
	}
	pixels := (width*depth + 15) / 16 * 2 * height
	switch {
	case kind != 2:
		size = pixels
	case size == pixels || size == 0: // some writers give the length before compression
		return sunRuns(w, 32+colors, pixels)
	}
	return plainPicture(w, "Sun raster picture", 32+colors, size)
}

// sunRuns follows the runs of a compressed Sun raster picture to its last pixel: 0x80 and a
// number before a byte that is there so many times and once more, 0x80 and 0 for one 0x80.
func sunRuns(w *window, off, pixels int64) Verdict {
	s := w.stream(off)
	for pixels > 0 {
		c, ok := s.next()
		n := byte(0)
		if ok && c == 0x80 {
			if n, ok = s.next(); ok && n > 0 {
				ok = s.skip(1)
			}
		}
		switch {
		case !ok && w.limits.spent, !ok && s.pos() < w.size:
			return cannotTell("the Sun raster picture is too large to be followed to its end")
		case !ok:
			return incomplete("the Sun raster picture breaks off")
		}
		pixels -= 1 + int64(n)
	}
	return w.upTo(s.pos()).filled(false)
}

// checkPCX follows the runs of a small PCX to its last row, and wants the palette of one
// with 256 colors, which stands behind them. Of a larger one the palette at the end will
// do.
func checkPCX(w *window) Verdict {
	const palette = 1 + 768
	if w.size > 768<<10 {
		if p := w.at(w.size-palette, 1); p != nil && p[0] == 0x0C && w.head()[1] == 5 && w.head()[3] == 8 {
			return complete()
		}
		return incomplete("the PCX's end is not where it should be")
	}
	return exactPCX(w)
}

// exactPCX follows the runs of a PCX of any length.
func exactPCX(w *window) Verdict {
	h := w.head()
	if len(h) < 128 {
		return onlyFirst(w.size, "PCX")
	}
	rows := int64(le.Uint16(h[10:])) - int64(le.Uint16(h[6:])) + 1
	planes := int64(h[65])
	s := w.stream(128)
	for left := rows * planes * int64(le.Uint16(h[66:])); left > 0; {
		c, ok := s.next()
		n := int64(1)
		if c >= 0xC0 {
			n = int64(c & 0x3F)
			ok = ok && s.skip(1)
		}
		if !ok {
			return incomplete("the PCX breaks off in the middle of the picture")
		}
		left -= n
	}
	end := s.pos()
	if h[1] == 5 && h[3] == 8 && planes == 1 {
		switch p := w.at(end, 1); {
		case p == nil || p[0] == 0: // gray, or cut off
			return cannotTell("the PCX's picture is there, but no palette")
		case p[0] == 0x0C && end+769 > w.size:
			return incomplete("the PCX's palette is cut off")
		case p[0] == 0x0C:
			end += 769
		}
	}
	return w.upTo(end).filled(false)
}
