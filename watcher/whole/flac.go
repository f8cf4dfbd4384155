package whole

// checkFLAC finds the last frame and wants it to be the one that STREAMINFO's number of
// samples asks for, with its checksum in the last two bytes. While a FLAC is encoded the
// number is 0 or already right, so it proves nothing alone.
func checkFLAC(w *window) Verdict {
	info := w.at(8, 34)
	if info == nil {
		return incomplete("only the first %d bytes of the FLAC are there", w.size)
	}
	maxFrame := int64(info[7])<<16 | int64(info[8])<<8 | int64(info[9])
	total := int64(info[13]&0x0F)<<32 | int64(be.Uint32(info[14:]))
	blockSize := int64(be.Uint16(info))

	off := int64(4)
	for n := 0; ; n++ {
		h := w.at(off, 4)
		if h == nil {
			return incomplete("the FLAC's sound is missing")
		}
		if n > 0 && allZero(h) {
			return incomplete("the FLAC has its size but not yet its content")
		}
		off += 4 + int64(be.Uint32(h)&0xFFFFFF)
		if h[0]&0x80 != 0 {
			break
		}
		if n == 40 {
			return cannotTell("the FLAC's header has too many parts")
		}
	}
	if off >= w.size {
		return incomplete("the FLAC's sound is missing")
	}
	if w.zeros() >= few {
		return incomplete("the FLAC has its size but its end is still empty")
	}
	from := max(off, w.size-max(64<<10, min(maxFrame*2, 512<<10)))
	t := w.at(from, int(w.size-from))
	end := len(t)
	if string(w.at(w.size-128, 3)) == "TAG" && end > 128 { // an ID3v1 tag, of a careless tagger
		end -= 128
	}
	for i := end - 8; i >= 0; i-- {
		first, n, ok := flacFrame(t[i:end], blockSize)
		if !ok {
			continue
		}
		whole := crc16(t[i:end-2]) == be.Uint16(t[end-2:end])
		switch {
		case whole && total == 0:
			return cannotTell("the FLAC does not say how long it is; its last frame is whole")
		case whole && first+n >= total:
			return complete()
		case first+n < total:
			return incomplete("the FLAC holds %d of its %d samples", min(first+n, total), total)
		}
		// A header's pattern by chance within a frame, or the last frame cut: only the
		// frame that ends the file proves anything, so look on.
	}
	return incomplete("the FLAC's last frame is cut off")
}

// flacFrame reads the frame header that p begins with: the number of the frame's first
// sample, and how many it has.
func flacFrame(p []byte, blockSize int64) (first, n int64, ok bool) {
	if len(p) < 8 || p[0] != 0xFF || p[1]&0xFE != 0xF8 || p[3]&1 != 0 {
		return 0, 0, false
	}
	number, k := flacNumber(p[4:])
	if k == 0 {
		return 0, 0, false
	}
	i := 4 + k
	take := func(bytes int) (v int64) {
		for range bytes {
			if i < len(p) {
				v = v<<8 | int64(p[i])
			}
			i++
		}
		return v
	}
	switch c := p[2] >> 4; {
	case c == 0:
		return 0, 0, false
	case c == 1:
		n = 192
	case c <= 5:
		n = 576 << (c - 2)
	case c == 6:
		n = take(1) + 1
	case c == 7:
		n = take(2) + 1
	default:
		n = 256 << (c - 8)
	}
	switch c := p[2] & 0x0F; {
	case c == 15:
		return 0, 0, false
	case c == 12:
		take(1)
	case c >= 13:
		take(2)
	}
	if i >= len(p) || crc8(p[:i]) != p[i] {
		return 0, 0, false
	}
	if p[1]&1 == 0 { // blocks of one size: the number counts frames
		number *= blockSize
	}
	return number, n, true
}

// flacNumber reads a number coded like UTF-8, of up to 36 bits, and its length in bytes.
func flacNumber(p []byte) (int64, int) {
	c, n := p[0], 1
	if c < 0x80 {
		return int64(c), 1
	}
	for n < 8 && c&(0x80>>n) != 0 {
		n++
	}
	if n == 1 || n == 8 || n > len(p) {
		return 0, 0
	}
	v := int64(c) & (0x7F >> n)
	for _, b := range p[1:n] {
		if b&0xC0 != 0x80 {
			return 0, 0
		}
		v = v<<6 | int64(b&0x3F)
	}
	return v, n
}

func crc8(p []byte) (c byte) {
	for _, b := range p {
		c ^= b
		for range 8 {
			if c&0x80 != 0 {
				c = c<<1 ^ 0x07
			} else {
				c <<= 1
			}
		}
	}
	return c
}

func crc16(p []byte) (c uint16) {
	for _, b := range p {
		c ^= uint16(b) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x8005
			} else {
				c <<= 1
			}
		}
	}
	return c
}
