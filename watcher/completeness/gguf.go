package completeness

// checkGGUF reads the header of a model for llama.cpp to where its last tensor ends. (GGUF
// specification, docs/gguf.md of ggml; the lengths of types are in ggml.c.)
func checkGGUF(w *window) Verdict {
	g := &gguf{stream: w.stream(8)}
	tensors, values := g.uint(8), g.uint(8)
	align := int64(32)
	if tensors == 0 && values == 0 {
		return unpatched("model")
	}
	ok := true
	for i := uint64(0); i < values && ok; i++ {
		var name string
		if name, ok = g.string(); !ok {
			break
		}
		kind := g.uint(4)
		if name == "general.alignment" && kind == 4 {
			align = int64(g.uint(4))
			continue
		}
		ok = g.value(kind, 0)
	}
	end := int64(0)
	for i := uint64(0); i < tensors && ok; i++ {
		if _, ok = g.string(); !ok {
			break
		}
		dims := g.uint(4)
		if ok = dims <= 8; !ok {
			break
		}
		elements := int64(1)
		for range dims {
			d := length(g.uint(8))
			if d > 0 && elements > 1<<40/d {
				return cannotTell("the model has a tensor whose shape makes no sense")
			}
			elements *= d
		}
		kind, offset := g.uint(4), length(g.uint(8))
		per, bytes := ggmlType(kind)
		end = max(end, offset+elements/per*bytes)
	}
	switch {
	case g.cut:
		return incomplete("the model's header is cut off")
	case !ok:
		return cannotTell("the model's header cannot be read")
	case align <= 0 || align > 1<<20:
		return cannotTell("the model's alignment makes no sense")
	}
	end += (g.pos() + align - 1) / align * align
	if end > w.size {
		return tooShort(w, "model", end)
	}
	return w.filledTo(end)
}

type gguf struct {
	*stream
	cut bool // something went past the end of the file
}

// uint reads a little-endian number of n bytes, 0 at the end of the file.
func (g *gguf) uint(n int) (u uint64) {
	for i := range n {
		c, ok := g.next()
		if !ok {
			g.cut = true
			return 0
		}
		u |= uint64(c) << (8 * i)
	}
	return u
}

// string reads a string, and keeps the first 64 bytes.
func (g *gguf) string() (string, bool) {
	n := length(g.uint(8))
	var b []byte
	for ; n > 0 && len(b) < 64; n-- {
		c, ok := g.next()
		if !ok {
			g.cut = true
			return "", false
		}
		b = append(b, c)
	}
	return string(b), g.over(n)
}

// over goes past n bytes.
func (g *gguf) over(n int64) bool {
	ok := g.skip(n)
	g.cut = g.cut || !ok
	return ok
}

// value goes past a value of that type; false if it does not know it or it is not there.
func (g *gguf) value(kind uint64, depth int) bool {
	sizes := []int64{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}
	switch {
	case kind == 8:
		_, ok := g.string()
		return ok
	case kind == 9 && depth < 4:
		of, n := g.uint(4), length(g.uint(8))
		if of < uint64(len(sizes)) && sizes[of] > 0 {
			return n < 1<<40 && g.over(n*sizes[of])
		}
		for ; n > 0; n-- {
			if !g.value(of, depth+1) {
				return false
			}
		}
		return true
	case kind < uint64(len(sizes)) && sizes[kind] > 0:
		return g.over(sizes[kind])
	}
	return false
}

// ggmlType is how many elements a block of a type has, and bytes.
func ggmlType(kind uint64) (elements, bytes int64) {
	table := map[uint64][2]int64{
		0: {1, 4}, 1: {1, 2}, 2: {32, 18}, 3: {32, 20}, 6: {32, 22}, 7: {32, 24}, 8: {32, 34}, 9: {32, 36},
		10: {256, 84}, 11: {256, 110}, 12: {256, 144}, 13: {256, 176}, 14: {256, 210}, 15: {256, 292},
		16: {256, 66}, 17: {256, 74}, 18: {256, 98}, 19: {256, 50}, 20: {32, 18}, 21: {256, 110}, 22: {256, 82}, 23: {256, 136},
		24: {1, 1}, 25: {1, 2}, 26: {1, 4}, 27: {1, 8}, 28: {1, 8}, 29: {256, 56}, 30: {1, 2}, 34: {256, 54}, 35: {256, 66}, 39: {32, 17},
	}
	if t, ok := table[kind]; ok {
		return t[0], t[1]
	}
	return 1, 0 // of a type that is not known, only its place is
}
