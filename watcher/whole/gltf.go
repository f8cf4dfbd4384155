package whole

import "bytes"

// checkGLB wants the length of the header, and the JSON and binary chunks within it.
func checkGLB(w *window) Verdict {
	h := w.at(0, 20)
	if h == nil {
		return incomplete("only the first %d bytes of the GLB are there", w.size)
	}
	end := int64(le.Uint32(h[8:]))
	switch {
	case end == 0:
		return unpatched("GLB")
	case end > w.size:
		return tooShort(w, "GLB", end)
	case le.Uint32(h[4:]) != 2:
		return cannotTell("it is a GLB of version %d, which is not known here", le.Uint32(h[4:]))
	}
	for off, n := int64(12), 0; off < end && n < 16; n++ {
		c := w.at(off, 8)
		if c == nil {
			return incomplete("the GLB breaks off at byte %d", off)
		}
		next := off + 8 + int64(le.Uint32(c))
		if next > end {
			return incomplete("the GLB breaks off in the middle of its data")
		}
		if off == 12 && (string(c[4:]) != "JSON" || !bytes.HasPrefix(w.at(off+8, 1), []byte("{"))) {
			return incomplete("the GLB's description at its beginning is not there yet")
		}
		off = next
	}
	return w.part(0, end).filled(false)
}
