package completeness

import (
	"bytes"
	"math"
)

// checkFLV wants the last tag to be there, which the length behind it proves, and the file
// to be as long as its description (onMetaData) says, if that has a length. Otherwise more
// tags may follow, and the verdict is CannotTell.
func checkFLV(w *window) Verdict {
	stated := flvLength(w.head())
	if stated > 0 && stated <= w.size {
		return w.upTo(stated).filled(true)
	}
	t := w.tail(4)
	n := int64(be.Uint32(t))
	h := w.at(w.size-4-n, 11)
	if h == nil || !flvTag(h) || int64(be.Uint32(h)&0xFFFFFF)+11 != n {
		return incomplete("the FLV's last tag is cut off")
	}
	return flvOpen(stated)
}

// exactFLV walks all tags.
func exactFLV(w *window) Verdict {
	k := &walker{w: w}
	off := int64(13)
	for {
		h := k.at(off, 11)
		switch {
		case h == nil && off < w.size && (off == 13 || flvType(w.at(off, 1)[0])):
			return incomplete("the FLV's last tag is cut off")
		case h == nil && off < w.size:
			return flvOpen(flvLength(w.head()))
		case h == nil:
			return incomplete("the FLV's last tag is cut off")
		case !flvTag(h) && allZero(h):
			return incomplete("the FLV has its size but its end is still empty")
		case !flvTag(h):
			return flvOpen(flvLength(w.head()))
		}
		n := 11 + int64(be.Uint32(h)&0xFFFFFF)
		if off += n + 4; off > w.size {
			return incomplete("the FLV's last tag is cut off")
		}
		if off == w.size {
			return flvOpen(flvLength(w.head()))
		}
	}
}

// flvOpen is the verdict on an FLV whose last tag is whole and whose stated length, if it
// has one, is more than there is.
func flvOpen(stated int64) Verdict {
	if stated > 0 {
		return cannotTell("the FLV says it is longer, but its last tag is whole")
	}
	return cannotTell("the FLV does not say how long it is; its last tag is whole")
}

func flvType(c byte) bool { c &= 0x1F; return c == 8 || c == 9 || c == 18 }

func flvTag(h []byte) bool { return flvType(h[0]) && h[8]|h[9]|h[10] == 0 }

// flvLength is the file's length that its description has; 0 if it has none.
func flvLength(head []byte) int64 {
	const name = "\x00\x08filesize\x00"
	i := bytes.Index(head, []byte(name))
	if i < 0 || i+len(name)+8 > len(head) {
		return 0
	}
	f := math.Float64frombits(be.Uint64(head[i+len(name):]))
	if !(f > 0 && f < 1<<62) {
		return 0
	}
	return int64(f)
}
