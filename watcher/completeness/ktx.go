package completeness

import "encoding/binary"

// checkKTX walks the levels of a KTX 1 texture, whose lengths are told one by one.
func checkKTX(w *window) Verdict {
	h := w.at(0, 64)
	if h == nil {
		return onlyFirst(w.size, "KTX")
	}
	var order binary.ByteOrder = le
	switch le.Uint32(h[12:]) {
	case 0x04030201:
	case 0x01020304:
		order = be
	default:
		return cannotTell("the KTX's header is not as expected")
	}
	members, faces, levels := order.Uint32(h[48:]), order.Uint32(h[52:]), order.Uint32(h[56:])
	off := 64 + int64(order.Uint32(h[60:]))
	for level := range max(levels, 1) {
		if level == 32 {
			return cannotTell("the KTX's header is not as expected")
		}
		b := w.at(off, 4)
		if b == nil {
			return incomplete("the KTX breaks off in the middle of its textures")
		}
		n := int64(order.Uint32(b))
		if n == 0 {
			return incomplete("the KTX has its size but its end is still empty")
		}
		if faces == 6 && members == 0 { // the length is that of one side
			n = (n+3)/4*4*5 + n
		}
		if off += 4 + n; off > w.size {
			return tooShort(w, "KTX", off)
		}
		if level+1 < levels {
			off = (off + 3) / 4 * 4
		}
	}
	return w.upTo(off).filled(false)
}

// checkKTX2 wants the parts that the header of a KTX 2 texture lists to be there: the
// descriptions, and the levels.
func checkKTX2(w *window) Verdict {
	h := w.at(0, 80)
	if h == nil {
		return onlyFirst(w.size, "KTX2")
	}
	levels := max(le.Uint32(h[40:]), 1)
	if levels > 32 {
		return cannotTell("the KTX2's header is not as expected")
	}
	end := max(int64(le.Uint32(h[48:]))+int64(le.Uint32(h[52:])), int64(le.Uint32(h[56:]))+int64(le.Uint32(h[60:])),
		length(le.Uint64(h[64:]))+length(le.Uint64(h[72:])))
	index := w.at(80, int(levels)*24)
	if index == nil {
		return incomplete("the KTX2's index is cut off")
	}
	for ; len(index) > 0; index = index[24:] {
		off, n := length(le.Uint64(index)), length(le.Uint64(index[8:]))
		if off == 0 || n == 0 {
			return incomplete("the KTX2's index has not been written yet")
		}
		end = max(end, off+n)
	}
	if end > w.size {
		return tooShort(w, "KTX2", end)
	}
	const zstandard = 2
	return w.upTo(end).filled(le.Uint32(h[44:]) == zstandard)
}
