package completeness

import (
	"bytes"
	"strconv"
)

// checkTAR walks the headers to the block of zeros that ends an archive, which its writers
// double. Many files are left to the exact check.
func checkTAR(w *window) Verdict {
	if v, ok := walkTAR(w, 64); ok {
		return v
	}
	return incomplete("the archive may break off")
}

func exactTAR(w *window) Verdict {
	if v, ok := walkTAR(w, MaxExactReads-100); ok {
		return v
	}
	return cannotTell("the archive has too many files to check them all")
}

func walkTAR(w *window, most int) (v Verdict, ok bool) {
	const block = 512
	off, content := int64(0), int64(0) // content is where the last file's ends
	for range most {
		if off == w.size {
			return cannotTell("the blocks that end the archive are missing; its last file is whole"), true
		}
		h := w.at(off, block)
		switch {
		case h == nil:
			return incomplete("the archive breaks off at byte %d", off), true
		case allZero(h):
			return tarEnd(w, off, content), true
		case string(h[257:262]) != "ustar":
			return cannotTell("the archive is followed by something else"), true
		}
		size, ok := tarSize(h[124:136])
		if !ok {
			return cannotTell("the archive has a file whose length makes no sense"), true
		}
		content = off + block + size
		if off += block + (size+block-1)&^(block-1); off > w.size {
			return incomplete("the archive breaks off: at least %d bytes are missing", off-w.size), true
		}
	}
	return v, false
}

// tarEnd is the verdict on an archive that has a block of zeros at off, behind content to
// that offset. One that is extended before it is filled has zeros there too: writers leave
// two blocks of them, or fill a record of 20.
func tarEnd(w *window, off, content int64) Verdict {
	const block, record = 512, 20 * 512
	last, rest := w.at(content-1, 1), w.size-off
	usual := rest <= 2*block || rest <= record+block && w.size%record == 0
	if usual && (last == nil || last[0] != 0) || w.zeros() < few && allZero(w.at(off, 2*block)) {
		return complete()
	}
	return cannotTell("the archive ends in zeros, which may be a part not yet written")
}

// tarSize reads octal digits or, marked by the top bit, a big-endian number.
func tarSize(p []byte) (int64, bool) {
	if p[0]&0x80 != 0 {
		return length(be.Uint64(p[4:])), true
	}
	s := string(bytes.Trim(p, " \x00"))
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 8, 56)
	return n, err == nil && n >= 0
}
