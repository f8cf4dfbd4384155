package whole

import (
	"bytes"
	"hash/crc32"
)

// check7Z wants the archive's header, which is its table of contents, at the place behind
// the data that the beginning tells. (7zFormat.txt of the LZMA SDK.)
func check7Z(w *window) Verdict {
	h := w.at(0, 32)
	if h == nil {
		return incomplete("only the first %d bytes of the 7-Zip archive are there", w.size)
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

const (
	rar4 = "Rar!\x1a\x07\x00"
	rar5 = "Rar!\x1a\x07\x01\x00"
)

// checkRAR wants the block that ends an archive, right at its end; the exact check walks
// all blocks. Archives of RAR before 3.0 have none.
func checkRAR(w *window) Verdict {
	switch t := w.tail(32); {
	case bytes.HasSuffix(t, []byte("\xc4\x3d\x7b\x00\x40\x07\x00")),
		bytes.HasSuffix(t, []byte("\x1d\x77\x56\x51\x03\x05\x04\x00")):
		return complete()
	}
	return endMissing("RAR archive")
}

// exactRAR walks the blocks. (technote.txt of WinRAR for versions 4 and 5.)
func exactRAR(w *window) Verdict {
	if bytes.HasPrefix(w.head(), []byte(rar4)) {
		return walkRAR4(w)
	}
	off := int64(len(rar5))
	for range MaxExactReads - 100 {
		h := w.at(off, int(min(64, w.size-off)))
		if len(h) < 7 {
			return endMissing("RAR archive")
		}
		if allZero(h) {
			return incomplete("the RAR archive has its size but its end is still empty")
		}
		size, rest := vint(h[4:])
		head := off + 4 + int64(len(h)-4-len(rest)) + size
		kind, rest := vint(rest)
		flags, rest := vint(rest)
		data := int64(0)
		if flags&1 != 0 {
			_, rest = vint(rest) // size of the extra area, which the header's has
		}
		if flags&2 != 0 {
			data, _ = vint(rest)
		}
		if off = head + data; off > w.size {
			return incomplete("the RAR archive breaks off: at least %d bytes are missing", off-w.size)
		}
		if kind == 5 {
			return complete()
		}
	}
	return cannotTell("the RAR archive has too many files to check them all")
}

// vint reads a number of 7 bits a byte, and returns what follows it; at most 2⁶¹.
func vint(p []byte) (n int64, rest []byte) {
	for i, b := range p {
		if i < 9 {
			n |= int64(b&0x7F) << (7 * i)
		}
		if b < 0x80 || i == 9 {
			return min(n, 1<<61), p[i+1:]
		}
	}
	return n, nil
}

func walkRAR4(w *window) Verdict {
	off := int64(len(rar4))
	for range MaxExactReads - 100 {
		if off == w.size {
			return cannotTell("the RAR archive has no end mark, as those of old programs")
		}
		h := w.at(off, 7)
		if h == nil {
			return endMissing("RAR archive")
		}
		flags, size := le.Uint16(h[3:]), int64(le.Uint16(h[5:]))
		switch {
		case h[2] == 0x7B:
			return complete()
		case allZero(h):
			return incomplete("the RAR archive has its size but its end is still empty")
		case h[2] < 0x72 || h[2] > 0x7A || size < 7:
			return cannotTell("the RAR archive is followed by something else")
		}
		if flags&0x8000 != 0 || h[2] == 0x74 {
			add := w.at(off+7, 4)
			if add == nil {
				return endMissing("RAR archive")
			}
			size += int64(le.Uint32(add))
			if h[2] == 0x74 && flags&0x100 != 0 { // a size of 64 bits
				if high := w.at(off+32, 4); high != nil {
					size += int64(le.Uint32(high)) << 32
				}
			}
		}
		if off += size; off > w.size {
			return incomplete("the RAR archive breaks off: at least %d bytes are missing", off-w.size)
		}
	}
	return cannotTell("the RAR archive has too many files to check them all")
}
