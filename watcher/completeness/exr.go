package completeness

import "bytes"

// checkEXR reads the headers of an EXR's parts, wants every chunk entered in the tables
// behind them (writers fill them in when they finish), and the chunk that is last in the
// file whole. How many chunks a table has follows from the size of the picture: of
// scan lines, tiles, mip maps and rip maps; or is told (chunkCount), as it must be in a
// file of several parts and of deep data. What is behind the last chunk does not matter.
func checkEXR(w *window) Verdict {
	if w.size < 9 {
		return onlyFirst(w.size, "EXR")
	}
	e := exr{walker: walker{w: w, piece: 16 << 10}, off: 8, flags: w.head()[5]}
	if v := e.headers(); v.State != Complete {
		return v
	}
	var chunks int64
	for i := range e.parts {
		n := e.parts[i].count()
		if n <= 0 {
			return cannotTell("this kind of EXR does not tell its length cheaply")
		}
		chunks += n
	}
	return e.tables(chunks)
}

const (
	exrTiled     = 0x02 // of the flags in byte 5
	exrDeep      = 0x08
	exrMultipart = 0x10
)

type exr struct {
	walker
	off   int64 // of what is read next
	flags byte
	parts []exrPart
}

// headers reads those of all parts. An empty one ends those of a multi-part file.
func (e *exr) headers() Verdict {
	const maxParts = 1 << 12
	for len(e.parts) < maxParts {
		p := exrPart{tiled: e.flags&exrTiled != 0, deep: e.flags&exrDeep != 0}
		n, v := e.header(&p)
		if v.State != Complete {
			return v
		}
		if n == 0 && len(e.parts) > 0 {
			return v
		}
		if e.parts = append(e.parts, p); e.flags&exrMultipart == 0 {
			return v
		}
	}
	return cannotTell("the EXR has too many parts to check them all")
}

// header reads one part's attributes (name, type, length, value; ended by an empty name)
// and returns how many there are.
func (e *exr) header(p *exrPart) (int, Verdict) {
	const maxAttributes = 1 << 12
	cut := incomplete("the EXR's header is cut off")
	for n := range maxAttributes {
		name, ok := e.word()
		if !ok {
			return 0, cut
		}
		if name == "" {
			return n, complete()
		}
		_, ok = e.word()
		b := e.at(e.off, 4)
		if !ok || b == nil {
			return 0, cut
		}
		size := int64(le.Uint32(b))
		if e.off += 4; size > e.w.size-e.off {
			return 0, cut
		}
		if size > 0 && size <= 16<<10 {
			p.attribute(name, e.at(e.off, int(size)))
		}
		e.off += size
	}
	return 0, cannotTell("the EXR's header is too long to be read")
}

// word reads a name that ends with a zero byte, of at most 255 bytes.
func (e *exr) word() (string, bool) {
	b := e.at(e.off, int(min(256, max(e.w.size-e.off, 1))))
	n := bytes.IndexByte(b, 0)
	if n < 0 {
		return "", false
	}
	e.off += int64(n) + 1
	return string(b[:n]), true
}

// tables checks those of all parts, which have n entries, and the last chunk.
func (e *exr) tables(n int64) Verdict {
	const maxChunks = 100_000
	first := e.w.at(e.off, 8)
	switch {
	case first == nil:
		return incomplete("the EXR breaks off after its header")
	case allZero(first):
		return incomplete("the EXR's table of contents has not been written yet")
	case e.off+n*8 > e.w.size:
		return tooShort(e.w, "EXR", e.off+n*8)
	case n > maxChunks:
		return cannotTell("the EXR has too many parts to check them all")
	}
	t := e.w.at(e.off, int(n*8))
	var last int64
	levels := true // are there as well
	for _, p := range e.parts {
		for i := int64(0); i < p.count() && len(t) > 0; i, t = i+1, t[8:] {
			off := length(le.Uint64(t))
			switch {
			case off == 0 && p.levels > 0 && i >= p.levelZero():
				levels = false
			case off == 0:
				return incomplete("a part of the EXR's picture has not been written yet")
			}
			last = max(last, off)
		}
	}
	v := e.last(last)
	if !levels {
		return v.atMost(CannotTell, "the EXR's picture is there, but not all of its smaller levels")
	}
	return v
}

// last checks the chunk at off, behind which there is none.
func (e *exr) last(off int64) Verdict {
	cut := incomplete("the EXR breaks off in the middle of the picture")
	part := 0
	if e.flags&exrMultipart != 0 {
		b := e.w.at(off, 4)
		if b == nil {
			return cut
		}
		if part = int(le.Uint32(b)); part >= len(e.parts) || part < 0 {
			return cannotTell("the EXR's last part is not as expected")
		}
		off += 4
	}
	p := e.parts[part]
	head := int64(4) // row; of a tile, its place and level
	if p.tiled {
		head = 16
	}
	sizes := 1 // 4 bytes; of deep data, twice 8 bytes
	if p.deep {
		sizes = 6
	}
	b := e.w.at(off, int(head)+4*sizes)
	if b == nil {
		return cut
	}
	b = b[head:]
	size := int64(le.Uint32(b))
	if p.deep { // the table of samples, the samples, and how long these are decompressed
		size = length(le.Uint64(b)) + length(le.Uint64(b[8:]))
	}
	if size == 0 {
		return incomplete("the EXR has its size but its end is still empty")
	}
	end := off + head + 4*int64(sizes) + size
	if end > e.w.size {
		return tooShort(e.w, "EXR", end)
	}
	body := e.w.upTo(end)
	return body.filled(size >= many && p.compresses())
}
