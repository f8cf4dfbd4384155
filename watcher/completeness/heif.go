package completeness

import "bytes"

// items is what the index of a still image (HEIF: ISO 23008-12, MIAF, AVIF) tells of where
// its pictures are.
type items struct {
	end    int64 // of what is furthest in the file; 0: not known, or in the index
	inside bool  // all is in the index itself
	raw    bool  // pictures are uncompressed
}

// readItems reads the table of places (iloc, versions 0 to 2) in a box meta. Places may be
// in the file, in the index itself (idat), or in other items; the last two are there if the
// index is.
func readItems(w *window, meta box) (i items) {
	meta.from += 4 // version and flags
	i.raw = bytes.Contains(w.at(meta.from, int(max(0, min(meta.to-meta.from, 4096)))), []byte("unci"))
	from, to := meta.find(w, "iloc")
	if from == 0 {
		return i
	}
	r := &itemReader{p: w.at(from, int(min(to-from, 256<<10)))}
	version := r.take(1)
	r.take(3)
	sizes := r.take(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		indexSize = 0
	}
	wide := 2
	if version == 2 {
		wide = 4
	}
	count := r.take(wide)
	for n := int64(0); n < count && !r.over; n++ {
		r.take(wide)
		method := int64(0)
		if version > 0 {
			method = r.take(2) & 15
		}
		elsewhere := r.take(2) != 0 // in another file
		base := r.take(baseSize)
		for extents := r.take(2); extents > 0 && !r.over; extents-- {
			r.take(indexSize)
			off := r.take(offsetSize)
			size := r.take(lengthSize)
			if method == 0 && !elsewhere && !r.over {
				i.end = max(i.end, length(uint64(base+off+size)))
			}
		}
	}
	if r.over || version > 2 {
		i.end = 0
		return i
	}
	i.inside = count > 0 && i.end == 0
	return i
}

// itemReader reads numbers of so many bytes.
type itemReader struct {
	p    []byte
	over bool // more was asked for than is there
}

func (r *itemReader) take(n int) int64 {
	if n > 8 || n > len(r.p) {
		r.over = true
		return 0
	}
	v := length(ebmlUint(r.p[:n]))
	r.p = r.p[n:]
	return v
}
