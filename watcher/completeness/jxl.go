package completeness

// checkJXL walks the boxes of a JPEG XL file to the codestream, or the last piece of it. A
// bare codestream, and a box that goes to the end of the file, do not tell their length.
func checkJXL(w *window) Verdict { return jxlBoxes(w, w.at, 40) }

// exactJXL walks all boxes.
func exactJXL(w *window) Verdict {
	k := walker{w: w}
	return jxlBoxes(w, k.at, 1<<20)
}

func jxlBoxes(w *window, at func(int64, int) []byte, most int) Verdict {
	if w.head()[0] == 0xFF {
		return cannotTell("the JPEG XL does not say how long it is")
	}
	var off, end int64
	done := false // the codestream is there
	for range most {
		if done && off >= w.size {
			return w.upTo(end).filled(false)
		}
		b := at(off, 8)
		switch {
		case done && (b == nil || allZero(b) || !printable(b[4:8])): // bytes behind the end
			return w.upTo(end).filled(false)
		case b == nil:
			return incomplete("the JPEG XL breaks off before its picture's end")
		case allZero(b):
			return incomplete("the JPEG XL has its size but its end is still empty")
		}
		head, n, kind := int64(8), int64(be.Uint32(b)), string(b[4:])
		switch n {
		case 0:
			return cannotTell("the JPEG XL does not say how long it is")
		case 1:
			if b = at(off+8, 8); b == nil {
				return incomplete("the JPEG XL breaks off before its picture's end")
			}
			head, n = 16, length(be.Uint64(b))
		}
		if n < head {
			return incomplete("the JPEG XL breaks off at byte %d", off)
		}
		if n > w.size-off && done && !jxlBox(kind) {
			return w.upTo(end).filled(false)
		}
		if n > w.size-off {
			return tooShort(w, "JPEG XL", off+n)
		}
		switch kind {
		case "jxlc":
			done = true
		case "jxlp": // the highest bit of its number marks the last piece
			p := at(off+head, 4)
			done = p != nil && p[0]&0x80 != 0
		}
		off += n
		end = off
	}
	if done {
		return w.upTo(end).filled(false)
	}
	return incomplete("the JPEG XL breaks off before its picture's end")
}

// jxlBox reports whether boxes of that type follow a codestream.
func jxlBox(kind string) bool {
	switch kind {
	case "Exif", "xml ", "jumb", "jbrd", "brob", "jxli":
		return true
	}
	return false
}

// printable reports whether p could be a box's type.
func printable(p []byte) bool {
	for _, c := range p {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
