package completeness

import (
	"compress/zlib"
	"io"
)

// checkPSD adds up the sections of a PSD or PSB to the flattened picture that ends it,
// whose length follows from its size, or from the table of its compressed rows. What is
// behind it does not matter: Photoshop pads the file of a smart object with zeros.
func checkPSD(w *window) Verdict { return psdOf(w, psdRows, psdZip) }

// exactPSD adds up the rows of a large picture too, and decompresses one that is zipped.
func exactPSD(w *window) Verdict { return psdOf(w, psdAllRows, psdInflate) }

// psd is what the header tells of the flattened picture.
type psd struct {
	big       bool
	rows      int64 // of all channels
	rowLength int64 // in bytes
	off       int64 // of what follows the kind of compression
}

func psdOf(w *window, packed, zipped func(*window, psd) Verdict) Verdict {
	h := w.at(0, 26)
	if h == nil {
		return onlyFirst(w.size, "PSD")
	}
	p := psd{big: be.Uint16(h[4:]) == 2, off: 26}
	channels, depth := int64(be.Uint16(h[12:])), int64(be.Uint16(h[22:]))
	height, width := int64(be.Uint32(h[14:])), int64(be.Uint32(h[18:]))
	if channels < 1 || channels > 56 || height < 1 || height > 300_000 || width < 1 || width > 300_000 {
		return cannotTell("the PSD's header is not as expected")
	}
	p.rows, p.rowLength = channels*height, (width*depth+7)/8

	for section := range 3 { // color modes, resources, layers
		n := 4
		if section == 2 && p.big {
			n = 8
		}
		b := w.at(p.off, n)
		if b == nil {
			return incomplete("the PSD breaks off before its picture")
		}
		if n == 8 {
			p.off += 8 + length(be.Uint64(b))
		} else {
			p.off += 4 + int64(be.Uint32(b))
		}
		if p.off > w.size {
			return incomplete("the PSD breaks off in the middle of its %s", [...]string{"color table", "resources", "layers"}[section])
		}
	}
	b := w.at(p.off, 2)
	if b == nil {
		return incomplete("the PSD's flattened picture at its end is missing")
	}
	p.off += 2
	switch be.Uint16(b) {
	case 0:
		end := p.off + p.rows*p.rowLength
		if end > w.size {
			return tooShort(w, "PSD", end)
		}
		return w.upTo(end).filled(false)
	case 1:
		return packed(w, p)
	case 2, 3:
		return zipped(w, p)
	default:
		return cannotTell("the PSD's flattened picture is compressed in an unknown way")
	}
}

// psdRows adds up the lengths of the compressed rows, which stand before them.
func psdRows(w *window, p psd) Verdict {
	table := p.rows * p.each()
	if p.off+table > w.size {
		return tooShort(w, "PSD", p.off+table)
	}
	if table > 768<<10 {
		if w.zeros() >= many {
			return incomplete("the PSD has its size but its end is still empty")
		}
		return cannotTell("the PSD is too large to add up its rows")
	}
	return psdAllRows(w, p)
}

// each is the length of one entry in the table of rows.
func (p psd) each() int64 {
	if p.big {
		return 4
	}
	return 2
}

func psdAllRows(w *window, p psd) Verdict {
	each := p.each()
	end := p.off + p.rows*each
	first := end
	for off := p.off; off < first; {
		n := min(first-off, 768<<10)
		table := w.at(off, int(n))
		if table == nil {
			return tooShort(w, "PSD", first)
		}
		for off += n; len(table) > 0; table = table[each:] {
			if p.big {
				end += int64(be.Uint32(table))
			} else {
				end += int64(be.Uint16(table))
			}
		}
	}
	switch {
	case end == first:
		return incomplete("the PSD has its size but its end is still empty")
	case end > w.size:
		return tooShort(w, "PSD", end)
	}
	return w.upTo(end).filled(true)
}

// psdZip cannot know where zipped data ends.
func psdZip(w *window, _ psd) Verdict {
	if w.zeros() >= many {
		return incomplete("the PSD has its size but its end is still empty")
	}
	return cannotTell("the PSD's flattened picture is compressed in a way that does not tell its length")
}

// psdInflate decompresses it to find its end.
func psdInflate(w *window, p psd) Verdict {
	const longest = 1 << 30 // decompressed, in bytes
	size := p.rows * p.rowLength
	if size > longest {
		return cannotTell("the PSD's flattened picture is too large to be decompressed")
	}
	z, err := zlib.NewReader(w.stream(p.off))
	if err != nil {
		return incomplete("the PSD's flattened picture is missing")
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, size+1))
	if err != nil || n < size {
		return incomplete("the PSD breaks off in the middle of its flattened picture")
	}
	return complete()
}
