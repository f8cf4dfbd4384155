package completeness

import (
	"bytes"
	"hash/crc32"
)

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

// exactRAR walks the blocks, by the lengths in headers whose checksums are right.
// (technote.txt of WinRAR for versions 4 and 5.)
func exactRAR(w *window) Verdict {
	r := rar{w: w, off: int64(len(rar5))}
	block := r.block5
	if bytes.HasPrefix(w.head(), []byte(rar4)) {
		r.off, block = int64(len(rar4)), r.block4
	}
	for range MaxExactReads / 4 {
		if v, over := block(); over {
			return v
		}
		if r.off > w.size {
			return incomplete("the RAR archive breaks off: at least %d bytes are missing", r.off-w.size)
		}
	}
	return cannotTell("the RAR archive has too many files to check them all")
}

type rar struct {
	w   *window
	off int64 // of the next block
}

// damaged is the verdict on what is no block.
func (r *rar) damaged() Verdict {
	if h := r.w.at(r.off, int(min(7, r.w.size-r.off))); h == nil || allZero(h) {
		return incomplete("the RAR archive has its size but its end is still empty")
	}
	return cannotTell("the RAR archive is damaged, or something follows its last file")
}

// block5 goes past a block of RAR 5: a checksum, the header's size, its type and flags,
// and as the flags say the sizes of extra fields and of data.
func (r *rar) block5() (v Verdict, over bool) {
	w := r.w
	h := w.at(r.off, int(min(64, w.size-r.off)))
	if len(h) < 7 {
		return endMissing("RAR archive"), true
	}
	size, rest := vint(h[4:])
	counted := int64(len(h) - len(rest)) // checksum and size
	if size == 0 || size > 2<<20 {
		return r.damaged(), true
	}
	header := w.at(r.off+4, int(counted-4+size))
	switch {
	case header == nil:
		return incomplete("the RAR archive breaks off in the header of a file"), true
	case crc32.ChecksumIEEE(header) != le.Uint32(h):
		return r.damaged(), true
	}
	kind, rest := vint(header[counted-4:])
	flags, rest := vint(rest)
	data := int64(0)
	if flags&1 != 0 {
		_, rest = vint(rest) // the header's size has it
	}
	if flags&2 != 0 {
		data, _ = vint(rest)
	}
	r.off += counted + size + data
	switch kind {
	case 4:
		return cannotTell("the RAR archive's list of files is encrypted"), true
	case 5:
		return complete(), true
	}
	return v, false
}

// vint reads a number of 7 bits a byte, and returns what follows it; at most 2⁶¹.
func vint(p []byte) (n int64, rest []byte) {
	for i, b := range p {
		if i < 8 {
			n |= int64(b&0x7F) << (7 * i)
		}
		if b < 0x80 || i == 9 {
			return n, p[i+1:]
		}
	}
	return n, nil
}

// block4 goes past a block of RAR 1.5 to 4: the lower half of a checksum, a type, flags,
// the header's size, and as the flags say the size of data.
func (r *rar) block4() (v Verdict, over bool) {
	w := r.w
	if r.off == w.size {
		return cannotTell("the RAR archive has no end mark, as those of old programs"), true
	}
	h := w.at(r.off, int(min(36, w.size-r.off)))
	if len(h) < 7 {
		return endMissing("RAR archive"), true
	}
	kind, flags, size := h[2], le.Uint16(h[3:]), int64(le.Uint16(h[5:]))
	if kind < 0x72 || kind > 0x7B || size < 7 {
		return r.damaged(), true
	}
	header := w.at(r.off, int(size))
	switch {
	case header == nil && (kind > 0x74 && kind < 0x7A || size > 4<<10):
		return r.damaged(), true
	case header == nil:
		return incomplete("the RAR archive breaks off in the header of a file"), true
	case kind > 0x73 && kind != 0x79 && uint16(crc32.ChecksumIEEE(header[2:])) != le.Uint16(h) && kind != 0x75 && kind != 0x76:
		return r.damaged(), true
	}
	data := int64(0)
	if size >= 11 && (flags&0x8000 != 0 || kind == 0x74) {
		data = int64(le.Uint32(header[7:]))
		if kind == 0x74 && flags&0x100 != 0 && size >= 36 { // a size of 64 bits
			data = min(data+int64(le.Uint32(header[32:]))<<32, 1<<61)
		}
	}
	r.off += size + data
	switch {
	case kind == 0x73 && flags&0x80 != 0:
		return cannotTell("the RAR archive's list of files is encrypted"), true
	case kind == 0x7B:
		return complete(), true
	}
	return v, false
}
