package whole

import "bytes"

// checkEXR finds the table of chunks behind the header, wants every chunk entered in it
// (writers fill it in when they finish), and the chunk that is last in the file whole.
// Several parts, mip maps and deep data make the table's length unknown here.
func checkEXR(w *window) Verdict {
	const longest = 64 << 10
	h := w.at(0, int(min(longest, w.size)))
	if len(h) < 9 {
		return incomplete("only the first %d bytes of the EXR are there", w.size)
	}
	flags := h[5]
	e := exr{tiled: flags&0x02 != 0}
	n, ok := e.header(h[8:])
	if !ok {
		if w.size < longest || allZero(h[len(h)-few:]) {
			return incomplete("the EXR's header is cut off")
		}
		return cannotTell("the EXR's header is too long to be read")
	}
	chunks := e.count()
	table := int64(8 + n)
	first := w.at(table, 8)
	switch {
	case first == nil:
		return incomplete("the EXR breaks off after its header")
	case flags&0x18 != 0: // several parts, deep data
		return cannotTell("this kind of EXR does not tell its length cheaply")
	case allZero(first):
		return incomplete("the EXR's table of contents has not been written yet")
	case chunks <= 0 || chunks > 64<<10:
		return cannotTell("this kind of EXR does not tell its length cheaply")
	}
	t := w.at(table, int(chunks*8))
	if t == nil {
		return tooShort(w, "EXR", table+chunks*8)
	}
	var last int64
	for ; len(t) > 0; t = t[8:] {
		off := length(le.Uint64(t))
		if off == 0 {
			return incomplete("a part of the EXR's picture has not been written yet")
		}
		last = max(last, off)
	}
	head := int64(8) // row, length
	if e.tiled {
		head = 20
	}
	c := w.at(last, int(head))
	if c == nil {
		return incomplete("the EXR breaks off in the middle of the picture")
	}
	if end := last + head + int64(le.Uint32(c[head-4:])); end > w.size {
		return tooShort(w, "EXR", end)
	}
	return w.filled(false)
}

type exr struct {
	tiled          bool
	declared       int64 // chunkCount
	width, height  int64
	tileX, tileY   int64
	levels         byte
	linesPerRecord int64
}

// header reads the attributes (name, type, length, value; ended by an empty name) and
// returns their length.
func (e *exr) header(p []byte) (int, bool) {
	i := 0
	word := func() (string, bool) {
		n := bytes.IndexByte(p[i:], 0)
		if n < 0 {
			return "", false
		}
		s := string(p[i : i+n])
		i += n + 1
		return s, true
	}
	for {
		name, ok := word()
		if !ok {
			return 0, false
		}
		if name == "" {
			return i, true
		}
		if _, ok = word(); !ok || len(p)-i < 4 {
			return 0, false
		}
		n := int64(le.Uint32(p[i:]))
		if i += 4; n > int64(len(p)-i) {
			return 0, false
		}
		e.attribute(name, p[i:i+int(n)])
		i += int(n)
	}
}

func (e *exr) attribute(name string, v []byte) {
	switch {
	case name == "chunkCount" && len(v) == 4:
		e.declared = int64(le.Uint32(v))
	case name == "dataWindow" && len(v) == 16:
		box := func(i int) int64 { return int64(int32(le.Uint32(v[i:]))) }
		e.width, e.height = box(8)-box(0)+1, box(12)-box(4)+1
	case name == "tiles" && len(v) == 9:
		e.tileX, e.tileY, e.levels = int64(le.Uint32(v)), int64(le.Uint32(v[4:])), v[8]&0x0F
	case name == "compression" && len(v) == 1:
		// none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB
		lines := [...]int64{1, 1, 1, 16, 32, 16, 32, 32, 32, 256}
		if int(v[0]) < len(lines) {
			e.linesPerRecord = lines[v[0]]
		}
	}
}

// count is the number of chunks; 0 if it cannot be known.
func (e *exr) count() int64 {
	up := func(n, by int64) int64 {
		if n <= 0 || by <= 0 {
			return 0
		}
		return (n + by - 1) / by
	}
	switch {
	case e.declared > 0:
		return e.declared
	case e.tiled && e.levels == 0:
		x, y := up(e.width, e.tileX), up(e.height, e.tileY)
		if x > 1<<16 || y > 1<<16 {
			return 0
		}
		return x * y
	case e.tiled:
		return 0
	default:
		return up(e.height, e.linesPerRecord)
	}
}
