package whole

import "encoding/binary"

// tiffPages is how many directories of a TIFF are followed.
const tiffPages = 12

// checkTIFF follows the directories (IFDs) of a TIFF or BigTIFF and wants each, the
// values it refers to, and its strips or tiles to lie in the file. Writers put the
// directory behind the picture and its place into the header last. Of very long lists of
// strips the beginning and the end are looked at.
func checkTIFF(w *window) Verdict {
	t := tiff{w: w, order: byteOrder(w.head())}
	h := w.at(0, 16)
	if t.order == nil || h == nil {
		return incomplete("only the first %d bytes of the TIFF are there", w.size)
	}
	var next int64
	if t.big = t.order.Uint16(h[2:]) == 43; t.big {
		next = length(t.order.Uint64(h[8:]))
	} else {
		next = int64(t.order.Uint32(h[4:]))
	}
	if next == 0 {
		return incomplete("the TIFF's index has not been written yet")
	}
	for page := 0; next != 0; page++ {
		if page == tiffPages {
			return cannotTell("the TIFF has too many pages to check them all")
		}
		var v Verdict
		if next, v = t.directory(next); v.State != Complete {
			return v
		}
	}
	if !t.pixels {
		return cannotTell("the TIFF does not say where its picture is")
	}
	return w.filled(false)
}

func byteOrder(b []byte) binary.ByteOrder {
	if len(b) < 8 {
		return nil
	}
	switch string(b[:2]) {
	case "II":
		return le
	case "MM":
		return be
	}
	return nil
}

type tiff struct {
	w      *window
	order  binary.ByteOrder
	big    bool
	pixels bool // a strip or tile was found
}

// field is one entry of a directory.
type field struct {
	count, size int64 // number of values, and bytes of one
	at          int64 // where the values are
}

// directory checks the one at off and returns the place of the next, 0 for none.
func (t *tiff) directory(off int64) (int64, Verdict) {
	countSize, entrySize, offSize := int64(2), int64(12), 4
	if t.big {
		countSize, entrySize, offSize = 8, 20, 8
	}
	b := t.w.at(off, int(countSize))
	if b == nil {
		return 0, incomplete("the TIFF's index at byte %d is not there", off)
	}
	n := t.uint(b)
	switch {
	case n == 0:
		return 0, incomplete("the TIFF has its size but its index is still empty")
	case n > 4096:
		return 0, cannotTell("the TIFF's index is not as expected")
	}
	b = t.w.at(off+countSize, int(n*entrySize)+offSize)
	if b == nil {
		return 0, incomplete("the TIFF's index is cut off")
	}
	fields := map[uint16]field{}
	for e := range n {
		tag, f := t.field(b[e*entrySize:], off+countSize+e*entrySize)
		if f.at > t.w.size || f.count > (t.w.size-f.at)/f.size {
			return 0, incomplete("the TIFF breaks off: a part of its description is missing")
		}
		fields[tag] = f
	}
	for _, pair := range [][2]uint16{{273, 279}, {324, 325}} { // strips, tiles: offsets, byte counts
		offs, ok := fields[pair[0]]
		lens, ok2 := fields[pair[1]]
		if !ok || !ok2 {
			continue
		}
		if v := t.strips(offs, lens); v.State != Complete {
			return 0, v
		}
	}
	return t.uint(b[n*entrySize:][:offSize]), complete()
}

// field reads an entry, which stands at the given place in the file.
func (t *tiff) field(e []byte, at int64) (uint16, field) {
	sizes := [...]int64{1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8}
	f := field{size: 1}
	if typ := t.order.Uint16(e[2:]); int(typ) < len(sizes) {
		f.size = sizes[typ]
	}
	inline, value := int64(4), e[8:12]
	if t.big {
		f.count, inline, value = length(t.order.Uint64(e[4:])), 8, e[12:20]
		f.at = at + 12
	} else {
		f.count, f.at = int64(t.order.Uint32(e[4:])), at+8
	}
	if f.count > inline/f.size {
		f.at = t.uint(value)
	}
	return t.order.Uint16(e), f
}

// strips checks that the strips or tiles lie in the file.
func (t *tiff) strips(offs, lens field) Verdict {
	const window = 4096 // of the first, and of the last, are looked at
	n := min(offs.count, lens.count)
	for _, from := range []int64{0, max(window, n-window)} {
		k := min(window, n-from)
		if k <= 0 {
			continue
		}
		o, l := t.values(offs, from, k), t.values(lens, from, k)
		for i := range min(len(o), len(l)) {
			if o[i] == 0 && l[i] == 0 { // a tile left out
				continue
			}
			t.pixels = true
			switch {
			case o[i] == 0:
				return incomplete("a part of the TIFF's picture has not been written yet")
			case l[i] > t.w.size || o[i] > t.w.size-l[i]:
				return incomplete("the TIFF breaks off in the middle of the picture")
			}
		}
	}
	return complete()
}

// values reads n numbers of a field from the one numbered from.
func (t *tiff) values(f field, from, n int64) []int64 {
	if f.size != 2 && f.size != 4 && f.size != 8 {
		return nil
	}
	b := t.w.at(f.at+from*f.size, int(n*f.size))
	v := make([]int64, 0, n)
	for ; len(b) > 0; b = b[f.size:] {
		v = append(v, t.uint(b[:f.size]))
	}
	return v
}

func (t *tiff) uint(b []byte) int64 {
	switch len(b) {
	case 2:
		return int64(t.order.Uint16(b))
	case 4:
		return int64(t.order.Uint32(b))
	default:
		return length(t.order.Uint64(b))
	}
}
