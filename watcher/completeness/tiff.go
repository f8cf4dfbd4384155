package completeness

import (
	"encoding/binary"
	"math"
)

// tiffDirectories is how many directories of a TIFF are followed, those of pictures within
// pictures among them.
const tiffDirectories = 24

// checkTIFF follows the directories (IFDs) of a TIFF, a BigTIFF or a camera's raw file that
// is built like one (DNG, NEF, ARW, CR2, PEF, ORF, RW2), those that a directory refers to
// (SubIFDs: there is the main picture of a raw file), and wants each, the values it refers
// to, and its strips or tiles to lie in the file. Writers put the directory behind the
// picture and its place into the header last. Of very long lists of strips the beginning
// and the end are looked at. What ends last may end in zeros if it is not compressed, or
// as far as its compression can make zeros of a flat picture; what is behind it does not
// matter.
func checkTIFF(w *window) Verdict { return tiffOf(w, w.sampledZero) }

// exactTIFF reads all of the zeros at the end.
func exactTIFF(w *window) Verdict { return tiffOf(w, w.zeroFrom) }

func tiffOf(w *window, zero func(from, end int64) bool) Verdict {
	t := tiff{w: w, order: byteOrder(w.head())}
	h := w.at(0, 16)
	if t.order == nil || h == nil {
		return onlyFirst(w.size, "TIFF")
	}
	t.panasonic = h[2] == 'U'
	var first int64
	if t.big = t.order.Uint16(h[2:]) == 43; t.big {
		first = length(t.order.Uint64(h[8:]))
	} else {
		first = int64(t.order.Uint32(h[4:]))
	}
	if first == 0 {
		return incomplete("the TIFF's index has not been written yet")
	}
	t.todo = []tiffPlace{{off: first}}
	for n := 0; n < len(t.todo); n++ {
		if n == tiffDirectories {
			return cannotTell("the TIFF has too many pages to check them all")
		}
		if v := t.directory(t.todo[n]); v.State != Complete {
			return v
		}
	}
	switch {
	case !t.pixels:
		return cannotTell("the TIFF does not say where its picture is")
	case t.doubt != "":
		return cannotTell("%s", t.doubt)
	}
	return t.filled(zero)
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
	w         *window
	order     binary.ByteOrder
	big       bool
	panasonic bool // an RW2
	pixels    bool // a strip or tile was found
	doubt     string
	todo      []tiffPlace
	end       int64     // of what ends last
	last      tiffImage // the picture whose strip or tile that is
	lastSize  int64     // the length of that strip or tile; 0: it is none
}

// tiffPlace is where a directory is.
type tiffPlace struct {
	off int64
	sub bool // another directory refers to it
}

// field is one entry of a directory.
type field struct {
	count, size int64 // number of values, and bytes of one
	at          int64 // where the values are
}

// later goes on with a directory, unless it is known: some writers make rings of them.
func (t *tiff) later(p tiffPlace) {
	for _, known := range t.todo {
		if known.off == p.off {
			return
		}
	}
	if p.off != 0 && len(t.todo) <= tiffDirectories {
		t.todo = append(t.todo, p)
	}
}

// directory checks one and notes those it refers to.
func (t *tiff) directory(p tiffPlace) Verdict {
	countSize, entrySize, offSize := int64(2), int64(12), int64(4)
	if t.big {
		countSize, entrySize, offSize = 8, 20, 8
	}
	b := t.w.at(p.off, int(countSize))
	if b == nil {
		return incomplete("the TIFF's index at byte %d is not there", p.off)
	}
	n := t.uint(b)
	odd := n == 0 || n > 4096
	switch {
	case odd && p.sub && (n != 0 || t.w.zeros() < few): // a reference that an editor has left
		t.doubt = "the TIFF refers to a picture that is not there"
		return complete()
	case n == 0:
		return incomplete("the TIFF has its size but its index is still empty")
	case odd:
		return cannotTell("the TIFF's index is not as expected")
	}
	b = t.w.at(p.off+countSize, int(n*entrySize+offSize))
	if b == nil {
		if b = t.w.at(p.off+countSize, int(n*entrySize)); b == nil || !p.sub {
			return incomplete("the TIFF's index is cut off")
		}
		b = append(b, make([]byte, offSize)...) // one without a next
	}
	t.reach(p.off+countSize+int64(len(b)), tiffImage{}, 0)
	d := tiffFields{t: t, fields: map[uint16]field{}}
	for e := range n {
		tag, f, ok := t.field(b[e*entrySize:], p.off+countSize+e*entrySize)
		if !ok {
			continue
		}
		if f.at > t.w.size || f.count > (t.w.size-f.at)/f.size {
			return incomplete("the TIFF breaks off: a part of its description is missing")
		}
		d.fields[tag] = f
	}
	if v := d.picture(); v.State != Complete {
		return v
	}
	t.later(tiffPlace{off: t.uint(b[n*entrySize:][:offSize]), sub: p.sub})
	for _, off := range d.values(330, 0, 16) {
		t.later(tiffPlace{off: off, sub: true})
	}
	return complete()
}

// reach notes that something of the given length ends at end.
func (t *tiff) reach(end int64, image tiffImage, size int64) {
	if end > t.end {
		t.end, t.last, t.lastSize = end, image, size
	}
}

// field reads an entry, which stands at the given place in the file; false if it is of an
// unknown type, whose length nobody knows.
func (t *tiff) field(e []byte, at int64) (uint16, field, bool) {
	sizes := [...]int64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8}
	var f field
	if typ := t.order.Uint16(e[2:]); int(typ) < len(sizes) {
		f.size = sizes[typ]
	}
	if f.size == 0 {
		return 0, f, false
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
		if f.count <= math.MaxInt32 && f.at <= t.w.size {
			t.reach(f.at+f.count*f.size, tiffImage{}, 0)
		}
	}
	return t.order.Uint16(e), f, true
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
