package completeness

import "bytes"

const zstdSignature = "\x28\xb5\x2f\xfd"

// checkZstd wants the seek table that Blender writes behind its frames, by the mark at its
// end; a file without one is left to the exact check, which walks the blocks.
func checkZstd(w *window) Verdict {
	if bytes.HasSuffix(w.tail(4), []byte("\xb1\xea\x92\x8f")) {
		return complete()
	}
	return endMissing("compressed file")
}

// exactZstd walks frames and their blocks to the end of the last one; what follows that is
// no frame and does not matter. (RFC 8878, section 3.)
func exactZstd(w *window) Verdict {
	off, frames := int64(0), 0
	for n := 0; n < MaxExactReads/2; n++ {
		h := w.at(off, int(min(18, w.size-off)))
		switch {
		case len(h) >= 8 && h[0]&0xF0 == 0x50 && string(h[1:4]) == "\x2a\x4d\x18": // a skippable frame, such as a seek table
			if off += 8 + int64(le.Uint32(h[4:])); off > w.size {
				return incomplete("the compressed file breaks off")
			}
			continue
		case len(h) >= 4 && string(h[:4]) == zstdSignature:
		case frames > 0:
			return w.filledTo(off)
		default:
			return incomplete("the compressed file breaks off")
		}
		if len(h) < 6 {
			return incomplete("the compressed file breaks off")
		}
		frames++
		d := h[4] // frame header descriptor
		off += 5 + [4]int64{0, 1, 2, 4}[d&3] + [4]int64{0, 2, 4, 8}[d>>6]
		if single := d&0x20 != 0; !single || d>>6 == 0 {
			off++ // a window descriptor, or a content size of one byte
		}
		for last := false; !last; n++ {
			b := w.at(off, 3)
			switch {
			case n >= MaxExactReads/2:
				return cannotTell("the compressed file is too long to be walked")
			case b == nil:
				return incomplete("the compressed file breaks off")
			case allZero(b):
				return incomplete("the compressed file has its size but its end is still empty")
			}
			size := int64(b[0])>>3 | int64(b[1])<<5 | int64(b[2])<<13
			if b[0]>>1&3 == 1 {
				size = 1 // one byte, repeated
			}
			last = b[0]&1 != 0
			off += 3 + size
		}
		if d&4 != 0 {
			off += 4 // checksum
		}
		if off > w.size {
			return incomplete("the compressed file breaks off")
		}
	}
	return cannotTell("the compressed file is too long to be walked")
}
