package completeness

// flacStream is what the first block of a FLAC, STREAMINFO, tells.
type flacStream struct {
	w         *window
	blockSize int64 // samples of each frame but the last, if that is fixed
	maxFrame  int64 // bytes of the longest frame
	total     int64 // samples; 0: not known
	depth     int   // bits of a sample
	start     int64 // of the first frame
}

// checkFLAC finds the last frame and wants it to be the one that STREAMINFO's number of
// samples asks for, with its checksum in the last two bytes. While a FLAC is encoded the
// number is 0 or already right, so it proves nothing alone.
func checkFLAC(w *window) Verdict {
	f, v := newFLAC(w)
	if v.State != Complete {
		return v
	}
	tag := tagsAtEnd(w)
	end := w.size - tag
	if tag == 0 && w.zeros() >= few {
		return incomplete("the FLAC has its size but its end is still empty")
	}
	from := max(f.start, end-f.maxFrame)
	if from >= end {
		return incomplete("the FLAC's sound is missing")
	}
	return flacEnd(w.at(from, int(end-from)), f.blockSize, f.total)
}

// newFLAC reads the header blocks.
func newFLAC(w *window) (f flacStream, v Verdict) {
	info := w.at(8, 34)
	if info == nil {
		return f, onlyFirst(w.size, "FLAC")
	}
	f = flacStream{
		w:         w,
		blockSize: int64(be.Uint16(info)),
		maxFrame:  min(int64(info[7])<<16|int64(info[8])<<8|int64(info[9]), 512<<10),
		total:     int64(info[13]&0x0F)<<32 | int64(be.Uint32(info[14:])),
		depth:     int(info[12]&1)<<4 | int(info[13]>>4) + 1,
		start:     4,
	}
	if f.maxFrame == 0 { // a stream does not say
		f.maxFrame = 128 << 10
	}
	for n := 0; ; n++ {
		h := w.at(f.start, 4)
		if h == nil {
			return f, incomplete("the FLAC's sound is missing")
		}
		if n > 0 && allZero(h) {
			return f, incomplete("the FLAC has its size but not yet its content")
		}
		f.start += 4 + int64(be.Uint32(h)&0xFFFFFF)
		if h[0]&0x80 != 0 {
			break
		}
		if n == 40 {
			return f, cannotTell("the FLAC's header has too many parts")
		}
	}
	if f.start >= w.size {
		return f, incomplete("the FLAC's sound is missing")
	}
	return f, complete()
}

// exactFLAC searches back from the end for the last frame, and decodes it to know where it
// ends: what stands behind it does not matter.
func exactFLAC(w *window) Verdict {
	f, v := newFLAC(w)
	if v.State != Complete {
		return v
	}
	const step = 1 << 20
	table, tries := crc16Table(), 0
	for end := w.size; end > f.start; end -= step {
		from := max(f.start, end-step)
		p := w.at(from, int(min(w.size-from, end-from+f.maxFrame)))
		if p == nil {
			break
		}
		for i := int(min(end-from, int64(len(p)-10))); i >= 0; i-- {
			if p[i] != 0xFF {
				continue
			}
			first, n, header := flacFrame(p[i:], f.blockSize)
			if header == 0 || f.total > 0 && first+n < f.total {
				continue
			}
			if tries++; tries > 256 {
				return incomplete("the FLAC's last frame is cut off")
			}
			k, ok := flacFrameLength(p[i:], header, n, f.depth)
			if !ok || table.sum(p[i:i+k-2]) != be.Uint16(p[i+k-2:]) {
				continue
			}
			if f.total > 0 {
				return complete()
			}
			return f.behind(from+int64(i+k), p[i+k:])
		}
	}
	return incomplete("the FLAC's last frame is cut off")
}

// behind is the verdict on a FLAC that does not tell its length, whose last frame that is
// whole ends at off, before rest.
func (f flacStream) behind(off int64, rest []byte) Verdict {
	switch _, _, header := flacFrame(rest, f.blockSize); {
	case header > 0, len(rest) > 0 && len(rest) < 16 && rest[0] == 0xFF:
		return incomplete("the FLAC's last frame is cut off")
	case f.w.size-off >= few && f.w.zeroFrom(off, f.w.size):
		return incomplete("the FLAC has its size but its end is still empty")
	default:
		return cannotTell("the FLAC does not say how long it is; its last frame is whole")
	}
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
		first, n, header := flacFrame(t[i:], blockSize)
		if header == 0 {
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
// sample, how many it has, and the header's length in bytes, 0 if there is none.
func flacFrame(p []byte, blockSize int64) (first, n int64, header int) {
	if len(p) < 8 || p[0] != 0xFF || p[1]&0xFE != 0xF8 || p[3]&1 != 0 {
		return 0, 0, 0
	}
	number, k := flacNumber(p[4:])
	if k == 0 {
		return 0, 0, 0
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
		return 0, 0, 0
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
		return 0, 0, 0
	case c == 12:
		take(1)
	case c >= 13:
		take(2)
	}
	if i >= len(p) || crc8(p[:i]) != p[i] {
		return 0, 0, 0
	}
	if p[1]&1 == 0 { // blocks of one size: the number counts frames
		number *= blockSize
	}
	return number, n, i + 1
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
