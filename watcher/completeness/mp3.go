package completeness

import (
	"bytes"

	"scenario-drop/filetype/magic"
)

// checkMP3 goes by the length that an Xing, Info or VBRI header in the first frame tells, by
// a tag at the end, which is written last, and by the last frame. An MP3 without any but
// frames looks whole if it is cut exactly between two: the verdict is CannotTell then.
func checkMP3(w *window) Verdict { return mp3(w, frames.quickLast) }

// exactMP3 walks all frames.
func exactMP3(w *window) Verdict { return mp3(w, frames.last) }

func mp3(w *window, last func(f frames, w *window, start, end int64) (int64, bool)) Verdict {
	start, v := mp3Start(w)
	if v.State != Complete {
		return v
	}
	first := w.at(start, int(min(256, w.size-start)))
	switch {
	case len(first) >= 4 && first[0] == 0xFF && first[1]&0xE6 == 0xE2 && first[2]>>4 == 0:
		return cannotTell("the MP3 is of a free bit rate and does not say how long it is")
	case magic.MPEGFrame(first) > 0:
	case allZero(first):
		return incomplete("the MP3 has its size but not yet its content")
	default:
		return cannotTell("its content is not an MP3's")
	}
	declared, has := mp3Length(first)
	if has && declared > 0 && start+declared <= w.size {
		return w.upTo(start + declared).filled(true) // a silent frame is shorter than a page of zeros
	}
	f := frames{header: 4, tail: 32 << 10, length: func(p []byte) int {
		if p[1] != first[1] || (p[2]^first[2])&0x0C != 0 {
			return 0
		}
		return magic.MPEGFrame(p)
	}}
	return framesEnd(w, "MP3", start, func(end int64) (int64, bool) { return last(f, w, start, end) }, func() Verdict {
		switch {
		case has && declared == 0:
			return unpatched("MP3")
		case has:
			return cannotTell("the MP3 says it is longer, but its last frame is whole")
		default:
			return cannotTell("the MP3 does not say how long it is; its last frame is whole")
		}
	})
}

// framesEnd is the verdict on a sound made of frames, which last finds before the tags;
// without a tag at its end, and with a last frame that is whole, it is what untagged says.
func framesEnd(w *window, what string, start int64, last func(end int64) (int64, bool), untagged func() Verdict) Verdict {
	tag := tagsAtEnd(w)
	end := w.size - tag
	if tag > 0 && start < end {
		if w.upTo(end).zeros() >= many {
			return cannotTell("the %s has zeros before its tag, which may be a part not yet written", what)
		}
		return w.filled(false)
	}
	switch at, whole := last(end); {
	case !whole:
		return incomplete("the %s's last frame is cut off", what)
	case end-at >= few && w.zeroFrom(at, end):
		return incomplete("the %s has its size but its end is still empty", what)
	default:
		return untagged()
	}
}

// mp3Start skips the ID3 tags at the beginning.
func mp3Start(w *window) (int64, Verdict) {
	off := magic.TagSize(w.head())
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

// mp3Length returns the length in bytes of the stream, from its first frame on, that the
// header in it declares. Encoders enter it when they finish.
func mp3Length(frame []byte) (int64, bool) {
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
	if len(frame) >= 50 && string(frame[36:40]) == "VBRI" { // Fraunhofer's
		return int64(be.Uint32(frame[46:])), true
	}
	return 0, false
}

// tagsAtEnd is the length of the tags at the end of a sound, in any order: ID3v1, APE,
// Lyrics3, and ID3v2 with a footer.
func tagsAtEnd(w *window) (total int64) {
	for range 6 {
		n := tagBefore(w, w.size-total)
		if n <= 0 || n > w.size-total {
			break
		}
		total += n
	}
	return total
}

// tagBefore is the length of the tag that ends at end; 0 if there is none.
func tagBefore(w *window, end int64) int64 {
	if string(w.at(end-128, 3)) == "TAG" {
		return 128
	}
	if f := w.at(end-32, 32); f != nil && string(f[:8]) == "APETAGEX" {
		n := int64(le.Uint32(f[12:]))
		if f[23]&0x80 != 0 { // a header, which the size leaves out
			n += 32
		}
		return n
	}
	if f := w.at(end-15, 15); f != nil && string(f[6:]) == "LYRICS200" {
		n := int64(15)
		for i, scale := 5, int64(1); i >= 0 && f[i] >= '0' && f[i] <= '9'; i, scale = i-1, scale*10 {
			n += int64(f[i]-'0') * scale
		}
		return n
	}
	if f := w.at(end-10, 10); f != nil && string(f[:3]) == "3DI" {
		return 20 + int64(f[6]&0x7F)<<21 + int64(f[7]&0x7F)<<14 + int64(f[8]&0x7F)<<7 + int64(f[9]&0x7F)
	}
	return 0
}
