package completeness

// checkWebP wants the length of the RIFF to be there, and its chunks to follow each other
// up to that length. The picture's data may end in zeros: flat content is coded as such,
// lossy (VP8) and lossless (VP8L) alike. So many zeros that the picture has not got the
// pixels for them are a part that has not been written yet; fewer may be either.
func checkWebP(w *window) Verdict {
	body, v := riffBody(w, "WebP", le.Uint32(w.head()[4:]))
	if body == nil {
		return v
	}
	p := webp{w: body, at: body.at}
	v, ended := p.walk(48)
	switch {
	case ended && v.State != Complete:
		return v
	case !ended && body.zeros() >= many:
		return incomplete("the WebP has its size but its end is still empty")
	case !ended:
		return body.filled(false)
	}
	return p.filled(body.sampledZero)
}

// exactWebP walks all chunks, and reads all of the zeros at the end. A padding byte that
// was not written is not missed.
func exactWebP(w *window) Verdict {
	declared := le.Uint32(w.head()[4:])
	body, v := riffBody(w, "WebP", declared)
	if body == nil && 8+int64(declared) == w.size+1 {
		body = w
	}
	if body == nil {
		return v
	}
	k := walker{w: body}
	p := webp{w: body, at: k.at}
	if v, _ := p.walk(1 << 30); v.State != Complete {
		return v
	}
	return p.filled(body.zeroFrom)
}

// webp is what the chunks of one tell.
type webp struct {
	w    *window
	at   func(int64, int) []byte
	last string // the last chunk of all
	// maxZeros is how many zeros the data of the last picture may end in, in bytes; 0: not known.
	maxZeros int64
}

// walk follows so many chunks; false if it has not come to the end by then.
func (p *webp) walk(chunks int) (Verdict, bool) {
	off := int64(12)
	for n := range chunks {
		if n > 0 && p.w.size-off < 8 { // a padding byte that was not written, or one too many
			return complete(), true
		}
		h := p.at(off, 8)
		if h == nil || allZero(h[:4]) && n == 0 {
			return incomplete("the WebP's picture is missing"), true
		}
		if allZero(h) {
			return incomplete("the WebP has its size but its end is still empty"), true
		}
		p.last = string(h[:4])
		size := int64(le.Uint32(h[4:]))
		if off+8+size > p.w.size {
			if n == 0 {
				return incomplete("the WebP breaks off in the middle of the picture"), true
			}
			return cannotTell("the WebP's parts are longer than the whole"), true
		}
		p.picture(off + 8)
		off += 8 + size + size&1
	}
	return endMissing("WebP"), false
}

// picture reads the size of a picture. A zero byte of VP8 is at least one symbol, and a
// macroblock of 16 x 16 pixels that is coded as nothing has some 30 of them, of less than
// two bits; a pixel of VP8L that is the same as others takes four bits even where it is not
// coded as a repetition.
func (p *webp) picture(off int64) {
	switch p.last {
	case "VP8 ":
		p.maxZeros = many
		if b := p.at(off, 10); b != nil && string(b[3:6]) == "\x9d\x01\x2a" {
			width, height := int64(le.Uint16(b[6:])&0x3FFF), int64(le.Uint16(b[8:])&0x3FFF)
			p.maxZeros = many + 8*((width+15)/16)*((height+15)/16)
		}
	case "VP8L":
		p.maxZeros = many
		if b := p.at(off, 5); b != nil && b[0] == 0x2F {
			n := int64(le.Uint32(b[1:]))
			p.maxZeros = many + (n&0x3FFF+1)*(n>>14&0x3FFF+1)/2
		}
	case "ANMF":
		p.maxZeros = 0
	}
}

// filled judges the end of a WebP that has all its chunks.
func (p *webp) filled(zero func(from, end int64) bool) Verdict {
	end := p.w.size
	if p.maxZeros > 0 && p.maxZeros < end && zero(end-p.maxZeros, end) {
		return incomplete("the WebP has its size but its end is still empty")
	}
	return p.w.filled(false)
}
