package completeness

import "bytes"

// iend is the last chunk of every PNG: no data, its type, and the CRC of that.
const iend = "\x00\x00\x00\x00IEND\xaeB`\x82"

// checkPNG walks the chunks to IEND. What follows IEND is not part of the picture and
// does not matter: cameras' data, or the rest of an older, longer file. Encoders that cut
// the picture into thousands of chunks make the walk too long for the quick check, which
// then searches the last 64 KiB for IEND.
func checkPNG(w *window) Verdict {
	if v, ended := walkPNG(w, w.at, 32); ended {
		return v
	}
	if bytes.Contains(w.tail(64<<10), []byte(iend)) {
		return complete()
	}
	return endMissing("PNG")
}

// exactPNG walks all chunks.
func exactPNG(w *window) Verdict {
	k := walker{w: w}
	v, _ := walkPNG(w, k.at, 1<<30)
	return v
}

// walkPNG follows so many chunks; false if it has not come to an end by then.
func walkPNG(w *window, at func(int64, int) []byte, chunks int) (Verdict, bool) {
	off := int64(8)
	for range chunks {
		h := at(off, 8)
		if h == nil {
			return endMissing("PNG"), true
		}
		if string(h[4:8]) == "IEND" {
			if off+int64(len(iend)) > w.size {
				return endMissing("PNG"), true
			}
			return complete(), true
		}
		if allZero(h) {
			return incomplete("the PNG has its size but its end is still empty"), true
		}
		if !fourLetters(h[4:8]) {
			return incomplete("the PNG breaks off at byte %d", off), true
		}
		off += 12 + int64(be.Uint32(h))
		if off > w.size {
			return incomplete("the PNG breaks off in the middle of the picture"), true
		}
	}
	return endMissing("PNG"), false
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
