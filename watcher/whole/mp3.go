package whole

import (
	"bytes"

	"scenario-drop/filetype/magic"
)

// checkMP3 goes by the length in the first frame's Xing or Info header where there is
// one, and by the last frame otherwise. Without such a header, and without a tag at the
// end, an MP3 cut between two frames looks whole: the verdict is CannotTell then.
func checkMP3(w *window) Verdict {
	start, v := mp3Start(w)
	if v.State != Complete {
		return v
	}
	first := w.at(start, int(min(256, w.size-start)))
	n := magic.MPEGFrame(first)
	if n == 0 {
		switch {
		case allZero(first):
			return incomplete("the MP3 has its size but not yet its content")
		default:
			return cannotTell("its content is not an MP3's")
		}
	}
	tag := mp3Tag(w)
	end, whole := mp3Last(w, start, w.size-tag, first)
	declared, has := xingLength(first)
	switch {
	case !whole:
		return incomplete("the MP3's last frame is cut off")
	case end < w.size-tag && allZero(w.at(end, int(min(many, w.size-tag-end)))):
		return incomplete("the MP3 has its size but its end is still empty")
	case has && declared == 0:
		return unpatched("MP3")
	case has && start+declared <= end || tag > 0:
		return w.filled(false)
	case has:
		return cannotTell("the MP3 says it is longer, but its last frame is whole")
	default:
		return cannotTell("the MP3 does not say how long it is; its last frame is whole")
	}
}

// mp3Start skips the ID3 tags at the beginning.
func mp3Start(w *window) (int64, Verdict) {
	var off int64
	for range 4 {
		h := w.at(off, 10)
		if h == nil {
			return 0, incomplete("the MP3's sound is missing")
		}
		if string(h[:3]) != "ID3" {
			break
		}
		off += 10 + int64(h[6]&0x7F)<<21 + int64(h[7]&0x7F)<<14 + int64(h[8]&0x7F)<<7 + int64(h[9]&0x7F)
		if h[5]&0x10 != 0 { // a footer
			off += 10
		}
	}
	// Some taggers leave padding behind the tag.
	for range 8 {
		p := w.at(off, int(min(many, w.size-off)))
		if p == nil {
			return 0, incomplete("the MP3's sound is missing")
		}
		if i := len(p) - len(bytes.TrimLeft(p, "\x00")); i < len(p) {
			return off + int64(i), complete()
		}
		off += int64(len(p))
	}
	return 0, incomplete("the MP3 has its size but not yet its content")
}

// mp3Tag is the length of an ID3v1 tag, with an APE tag before it, at the end.
func mp3Tag(w *window) int64 {
	var n int64
	if string(w.at(w.size-128, 3)) == "TAG" {
		n = 128
	}
	if f := w.at(w.size-n-32, 32); f != nil && string(f[:8]) == "APETAGEX" {
		n += int64(le.Uint32(f[12:]))
		if f[23]&0x80 != 0 { // a header, which the size leaves out
			n += 32
		}
	}
	return min(n, w.size)
}

// mp3Last finds where the last frame before end ends. A chain of four frames of one kind
// is taken for the stream; whole is false if the last frame goes beyond end.
func mp3Last(w *window, start, end int64, first []byte) (int64, bool) {
	const depth = 32 << 10 // more than the four longest frames
	from := max(start, end-depth)
	if from >= end {
		return end, false
	}
	t := w.at(from, int(end-from))
	for i := 0; i+4 <= len(t); i++ {
		if from == start && i > 0 {
			break
		}
		off, frames := i, 0
		for off+4 <= len(t) && t[off+1] == first[1] && t[off+2]&0x0C == first[2]&0x0C {
			n := magic.MPEGFrame(t[off:])
			if n == 0 {
				break
			}
			frames++
			off += n
		}
		if frames < 4 && from != start {
			continue
		}
		// Fewer than four bytes behind the last frame are the beginning of another.
		rest := len(t) - off
		return from + int64(off), rest >= 4 || rest == 0
	}
	return end, false
}

// xingLength returns the length in bytes of the stream, from its first frame on, that
// the header in it declares. Encoders enter it when they finish.
func xingLength(frame []byte) (int64, bool) {
	for _, name := range []string{"Xing", "Info"} {
		i := bytes.Index(frame, []byte(name))
		if i < 0 || i > 40 || len(frame) < i+16 {
			continue
		}
		flags, p := be.Uint32(frame[i+4:]), frame[i+8:]
		if flags&2 == 0 {
			return 0, false
		}
		if flags&1 != 0 {
			p = p[4:]
		}
		return int64(be.Uint32(p)), true
	}
	return 0, false
}
