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

// checkJSON wants the outermost brace or bracket closed, and nothing but white space
// behind it. Only the nesting is followed, so JSON that is wrong but whole passes. Of
// more than MaxText, the tail is all that is looked at: a text that ends in a brace may
// be whole or not.
func checkJSON(w *window) Verdict {
	if w.size > MaxText {
		switch t := bytes.TrimRight(w.tail(many), " \t\r\n"); {
		case bytes.HasSuffix(t, []byte("}")) || bytes.HasSuffix(t, []byte("]")):
			return cannotTell("the file is too long to follow its braces to the end")
		default:
			return incomplete("the file's closing brace is missing")
		}
	}
	var (
		s                      = w.stream(0)
		depth                  int
		inString, escaped, any bool
	)
	for {
		c, ok := s.next()
		switch {
		case !ok && any && depth == 0:
			return complete()
		case !ok:
			return incomplete("the file's closing brace is missing")
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
			any = true
		case c == '}' || c == ']':
			depth--
		case c == 0:
			return incomplete("the file has its size but its end is still empty")
		}
		if depth < 0 {
			return cannotTell("its content is not JSON")
		}
	}
}
