package completeness

import (
	"bytes"
	"cmp"
)

// walker reads the headers of a file's pieces in the order they stand in, so that many
// small pieces cost one read.
type walker struct {
	w     *window
	piece int64 // how much is read at a time, in bytes; 0: walkerPiece
	buf   []byte
	from  int64 // of buf
}

const walkerPiece = 2 << 10 // MaxExactReads of them are MaxExact

// at returns n bytes from off, or nil, as window.at does.
func (k *walker) at(off int64, n int) []byte {
	if i := off - k.from; i < 0 || i+int64(n) > int64(len(k.buf)) {
		if off < 0 || off >= k.w.size {
			return nil
		}
		k.from, k.buf = off, k.w.at(off, int(min(max(cmp.Or(k.piece, walkerPiece), int64(n)), k.w.size-off)))
	}
	if i := int(off - k.from); i+n <= len(k.buf) {
		return k.buf[i : i+n]
	}
	return nil
}

// find returns the place of the first what in the bytes from off up to end, reading them
// in order; -1 if it is not there.
func (w *window) find(off, end int64, what []byte) int64 {
	end = min(end, w.size)
	keep := int64(len(what) - 1)
	for end-off > keep {
		b := w.at(off, int(min(piece, end-off)))
		if b == nil {
			return -1
		}
		if i := bytes.Index(b, what); i >= 0 {
			return off + int64(i)
		}
		off += int64(len(b)) - keep
	}
	return -1
}

// zeroFrom reports whether all bytes from off up to end are zeros, reading them in order.
func (w *window) zeroFrom(off, end int64) bool {
	for end = min(end, w.size); off < end; off += piece {
		if b := w.at(off, int(min(piece, end-off))); b == nil || !allZero(b) {
			return false
		}
	}
	return true
}

// sampledZero reports whether the bytes from off up to end are zeros in a few places,
// their end among them.
func (w *window) sampledZero(off, end int64) bool {
	const places = 16
	step := max((end-off-few)/places, 1)
	for ; off < end-few; off += step {
		if b := w.at(off, few); b == nil || !allZero(b) {
			return false
		}
	}
	return allZero(w.at(end-few, few))
}

// upTo is the part of a file before end, which its format proves to be its end; what is
// behind does not matter.
func (w *window) upTo(end int64) *window {
	end = min(end, w.size)
	return &window{base: w.base, size: end, limits: w.limits, first: w.first[:min(int64(len(w.first)), end)]}
}
