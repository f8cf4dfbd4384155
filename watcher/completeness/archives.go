package completeness

import "hash/crc32"

// check7Z wants the archive's header, which is its table of contents, at the place behind
// the data that the beginning tells. (7zFormat.txt of the LZMA SDK.)
func check7Z(w *window) Verdict {
	h := w.at(0, 32)
	if h == nil {
		return onlyFirst(w.size, "7-Zip archive")
	}
	start, size := 32+length(le.Uint64(h[12:])), length(le.Uint64(h[20:]))
	switch {
	case allZero(h[8:]):
		return incomplete("the 7-Zip archive's table of contents has not been written yet")
	case start+size > w.size:
		return tooShort(w, "7-Zip archive", start+size)
	case size == 0:
		return complete() // of no files
	}
	id := w.at(start, 1)
	if id == nil || id[0] != 0x01 && id[0] != 0x17 {
		return incomplete("the 7-Zip archive has its size but its table of contents is still empty")
	}
	if size <= MaxRead/2 && crc32.ChecksumIEEE(w.at(start, int(size))) != le.Uint32(h[28:]) {
		return incomplete("the 7-Zip archive's table of contents is not all there")
	}
	return w.filledTo(start + size)
}
