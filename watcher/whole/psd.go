package whole

// checkPSD adds up the sections of a PSD or PSB to the flattened picture that ends it,
// whose length follows from its size, or from the table of its compressed rows.
func checkPSD(w *window) Verdict {
	h := w.at(0, 26)
	if h == nil {
		return incomplete("only the first %d bytes of the PSD are there", w.size)
	}
	big := be.Uint16(h[4:]) == 2
	channels, depth := int64(be.Uint16(h[12:])), int64(be.Uint16(h[22:]))
	height, width := int64(be.Uint32(h[14:])), int64(be.Uint32(h[18:]))
	if channels < 1 || channels > 56 || height < 1 || height > 300_000 || width < 1 || width > 300_000 {
		return cannotTell("the PSD's header is not as expected")
	}

	off := int64(26)
	for section := range 3 { // color modes, resources, layers
		n := 4
		if section == 2 && big {
			n = 8
		}
		b := w.at(off, n)
		if b == nil {
			return incomplete("the PSD breaks off before its picture")
		}
		if n == 8 {
			off += 8 + length(be.Uint64(b))
		} else {
			off += 4 + int64(be.Uint32(b))
		}
		if off > w.size {
			return incomplete("the PSD breaks off in the middle of its %s", [...]string{"color table", "resources", "layers"}[section])
		}
	}
	b := w.at(off, 2)
	if b == nil {
		return incomplete("the PSD's flattened picture at its end is missing")
	}
	off += 2
	switch be.Uint16(b) {
	case 0:
		end := off + channels*height*((width*depth+7)/8)
		if end > w.size {
			return tooShort(w, "PSD", end)
		}
		return w.filled(false)
	case 1:
		return psdRows(w, off, channels*height, big)
	default:
		return w.filled(true).atMost(CannotTell, "the PSD's flattened picture is compressed in a way that does not tell its length")
	}
}

// psdRows adds up the lengths of the compressed rows, which stand before them.
func psdRows(w *window, off, rows int64, big bool) Verdict {
	each := int64(2)
	if big {
		each = 4
	}
	end := off + rows*each
	if end > w.size {
		return tooShort(w, "PSD", end)
	}
	if rows*each > 768<<10 {
		return w.filled(true).atMost(CannotTell, "the PSD is too large to add up its rows")
	}
	table := w.at(off, int(rows*each))
	if allZero(table) {
		return incomplete("the PSD has its size but its end is still empty")
	}
	for ; len(table) > 0; table = table[each:] {
		if big {
			end += int64(be.Uint32(table))
		} else {
			end += int64(be.Uint16(table))
		}
	}
	if end > w.size {
		return tooShort(w, "PSD", end)
	}
	return w.filled(true)
}
