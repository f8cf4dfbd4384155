package whole

import "bytes"

// iend is the last chunk of every PNG: no data, its type, and the CRC of that.
const iend = "\x00\x00\x00\x00IEND\xaeB`\x82"

// checkPNG walks the chunks to IEND. What follows IEND is not part of the picture and
// does not matter. Encoders that cut the picture into thousands of chunks make the walk
// too long: then IEND is searched for in the last 64 KiB, so such a file with more than
// that behind its IEND counts as Incomplete.
func checkPNG(w *window) Verdict {
	off := int64(8)
	for range 32 {
		h := w.at(off, 8)
		if h == nil {
			return endMissing("PNG")
		}
		if string(h[4:8]) == "IEND" {
			if w.at(off, len(iend)) == nil {
				return endMissing("PNG")
			}
			return complete()
		}
		if allZero(h) {
			return incomplete("the PNG has its size but its end is still empty")
		}
		if !fourLetters(h[4:8]) {
			return incomplete("the PNG breaks off at byte %d", off)
		}
		off += 12 + int64(be.Uint32(h))
		if off > w.size {
			return incomplete("the PNG breaks off in the middle of the picture")
		}
	}
	if bytes.Contains(w.tail(64<<10), []byte(iend)) {
		return complete()
	}
	return endMissing("PNG")
}

// fourLetters reports whether p could be a PNG chunk's type.
func fourLetters(p []byte) bool {
	for _, c := range p {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
