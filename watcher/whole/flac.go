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
	tag := int64(0)
	if string(w.at(w.size-128, 3)) == "TAG" { // an ID3v1 tag, of a careless tagger
		tag = 128
	}
	longest := min(maxFrame, 512<<10)
	if longest == 0 { // a stream does not say
		longest = 128 << 10
	}
	from := max(off, w.size-tag-longest)
	if from >= w.size-tag {
		return incomplete("the FLAC's sound is missing")
	}
	return flacEnd(w.at(from, int(w.size-tag-from)), blockSize, total)
}

// flacEnd looks in the end of a FLAC, of one frame's length at least, for the frame that
// ends it, from behind. Within a frame a header's pattern may occur by chance, so only a
// frame whose checksum is right proves anything.
func flacEnd(t []byte, blockSize, total int64) Verdict {
	if len(t) < 10 {
		return incomplete("the FLAC's last frame is cut off")
	}
	sum := be.Uint16(t[len(t)-2:])
	table := crc16Table()
	for i, tries := len(t)-10, 0; i >= 0 && tries < 200; i-- {
		first, n, ok := flacFrame(t[i:], blockSize)
		if !ok {
			continue
		}
		if tries++; table.sum(t[i:len(t)-2]) != sum {
			continue
		}
		switch {
		case total == 0:
			return cannotTell("the FLAC does not say how long it is; its last frame is whole")
		case first+n >= total:
			return complete()
		default:
			return incomplete("the FLAC holds %d of its %d samples", first+n, total)
		}
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

type crcTable [256]uint16

func crc16Table() *crcTable {
	var t crcTable
	for i := range t {
		c := uint16(i) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x8005
			} else {
				c <<= 1
			}
		}
		t[i] = c
	}
	return &t
}

func (t *crcTable) sum(p []byte) (c uint16) {
	for _, b := range p {
		c = c<<8 ^ t[byte(c>>8)^b]
	}
	return c
}
