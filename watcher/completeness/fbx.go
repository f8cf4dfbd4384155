package completeness

import (
	"bytes"
	"encoding/binary"
)

const (
	fbxSignature = "Kaydara FBX Binary  \x00\x1a" // and a byte that is 1 if the numbers are big-endian
	fbxFooter    = "\xf8\x5a\x8c\x6a\xde\xf5\xd9\x7e\xec\xe9\x0c\xe3\x75\x8f\x29\x0b"
)

// checkFBX walks the top-level records of a binary FBX to the empty one that ends them,
// and wants the footer's mark at the end of the file. Of the text form, see checkFBXText.
func checkFBX(w *window) Verdict {
	if !bytes.HasPrefix(w.head(), []byte(fbxSignature)) {
		return checkFBXText(w)
	}
	h := w.at(0, 27)
	if h == nil {
		return onlyFirst(w.size, "FBX")
	}
	var order binary.ByteOrder = le
	if h[22] == 1 {
		order = be
	}
	null := 13 // length of the empty record
	if order.Uint32(h[23:]) >= 7500 {
		null = 25
	}
	off := int64(27)
	for range 64 {
		r := w.at(off, null)
		if r == nil {
			return incomplete("the FBX breaks off at byte %d", off)
		}
		end := int64(order.Uint32(r))
		if null == 25 {
			end = length(order.Uint64(r))
		}
		switch {
		case allZero(r):
			return fbxEnd(w, off+int64(null))
		case end <= off:
			return incomplete("the FBX breaks off at byte %d", off)
		case end > w.size:
			return incomplete("the FBX breaks off in the middle of its scene: at least %d bytes are missing", end-w.size)
		}
		off = end
	}
	return cannotTell("the FBX has too many parts to check them all")
}

// fbxEnd is the verdict on an FBX whose records are there and end at off: a record that is all zeros
// ends them, and is also what a part not yet written looks like.
func fbxEnd(w *window, off int64) Verdict {
	footer := w.at(off, int(min(1<<10, w.size-off)))
	switch {
	case bytes.Contains(footer, []byte(fbxFooter)), bytes.HasSuffix(bytes.TrimRight(w.tail(many), "\x00"), []byte(fbxFooter)):
		return complete()
	case w.zeros() >= few:
		return incomplete("the FBX has its size but its end is still empty")
	default:
		return cannotTell("the FBX's closing footer is missing or unusual")
	}
}

// exactFBX reads all of the text form. Of the binary one checkFBX is exact.
func exactFBX(w *window) Verdict {
	if !bytes.HasPrefix(w.head(), []byte(fbxSignature)) {
		return fbxGrammar.follow(newText(w), "FBX")
	}
	return checkFBX(w)
}
