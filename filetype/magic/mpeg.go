package magic

import "bytes"

// TagSize returns the length of the ID3 tags that a file begins with, with the zeros of the
// last one's padding as far as they are in head; 0 if it begins with none. What the file is
// stands behind them: mostly MP3, but FLAC, AAC, WAV and others get such tags too.
func TagSize(head []byte) int64 {
	off := int64(0)
	for off+10 <= int64(len(head)) {
		n := id3(head[off:])
		if n == 0 {
			break
		}
		off += n
	}
	if off > 0 && off < int64(len(head)) {
		off += int64(len(head)) - off - int64(len(bytes.TrimLeft(head[off:], "\x00")))
	}
	return off
}

// id3 is the length of the ID3v2 tag that p begins with (ID3v2.4, section 3.1); 0 if it is
// none.
func id3(p []byte) int64 {
	if len(p) < 10 || string(p[:3]) != "ID3" || p[3] < 2 || p[3] > 4 || p[4] == 0xFF || p[5]&0x0F != 0 {
		return 0
	}
	n := int64(10)
	for i, b := range p[6:10] {
		if b >= 0x80 {
			return 0
		}
		n += int64(b) << (7 * (3 - i))
	}
	if p[5]&0x10 != 0 { // a footer
		n += 10
	}
	return n
}

// mp3 recognises an ID3 tag, if what is behind it in head is nothing else, and two frames
// that follow each other.
func mp3(head []byte) bool {
	if TagSize(head) > 0 {
		return true
	}
	n := MPEGFrame(head)
	return n > 0 && follows(head, n, func(p []byte) int {
		if p[1] != head[1] || (p[2]^head[2])&0x0C != 0 {
			return 0
		}
		return MPEGFrame(p)
	})
}

// adts recognises two frames of AAC that follow each other.
func adts(head []byte) bool {
	n := ADTSFrame(head)
	return n > 0 && follows(head, n, func(p []byte) int {
		if (p[1]^head[1])&0xFE != 0 || (p[2]^head[2])&0xFC != 0 {
			return 0
		}
		return ADTSFrame(p)
	})
}

// follows reports whether at least one more frame, and nothing but frames, follows the first
// of length n in head.
func follows(head []byte, n int, frame func([]byte) int) bool {
	count := 0
	for off := n; off+7 <= len(head) && count < 4; count++ {
		k := frame(head[off:])
		if k == 0 {
			return false
		}
		off += k
	}
	return count > 0
}

// MPEGFrame is the length of the frame of MPEG sound (layers I to III) that p begins with,
// its header included; 0 if it is none, or of a free bit rate.
func MPEGFrame(p []byte) int {
	if len(p) < 4 || p[0] != 0xFF || p[1]&0xE0 != 0xE0 {
		return 0
	}
	version, layer := p[1]>>3&3, p[1]>>1&3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5; 3: layer I … 1: layer III
	rate, freq, pad := p[2]>>4, p[2]>>2&3, int(p[2]>>1&1)
	if version == 1 || layer == 0 || rate == 0 || rate == 15 || freq == 3 {
		return 0
	}
	var kbps int
	switch {
	case version == 3:
		kbps = mpegRates[3-layer][rate]
	case layer == 3:
		kbps = mpegRates[3][rate]
	default:
		kbps = mpegRates[4][rate]
	}
	hz := [...]int{44100, 48000, 32000}[freq]
	switch version {
	case 2:
		hz /= 2
	case 0:
		hz /= 4
	}
	switch {
	case layer == 3:
		return (12*kbps*1000/hz + pad) * 4
	case layer == 1 && version != 3:
		return 72*kbps*1000/hz + pad
	default:
		return 144*kbps*1000/hz + pad
	}
}

// mpegRates are the bit rates in kbit/s: MPEG 1 layers I to III, MPEG 2 layer I, and
// MPEG 2 layers II and III (ISO 11172-3, 13818-3).
var mpegRates = [5][16]int{
	{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0},
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},
	{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},
}

// ADTSFrame is the length of the AAC frame that p begins with, its header included (ISO
// 13818-7, 6.2); 0 if it is none.
func ADTSFrame(p []byte) int {
	if len(p) < 7 || p[0] != 0xFF || p[1]&0xF6 != 0xF0 || p[2]>>2&15 > 12 {
		return 0
	}
	n := int(p[3]&3)<<11 | int(p[4])<<3 | int(p[5])>>5
	if n < 7 {
		return 0
	}
	return n
}

// transport recognises packets of an MPEG transport stream: of 188 bytes, with four bytes
// of a time before each, or 16 of error correction behind it.
func transport(head []byte) bool { return PacketSize(head) > 0 }

// PacketSize is the length of the packets of an MPEG transport stream, 188, 192 or 204; 0
// if head is none.
func PacketSize(head []byte) int {
	for _, n := range []int{188, 192, 204} {
		off, count := 0, 0
		if n == 192 {
			off = 4
		}
		for ; off < len(head) && head[off] == 0x47; off += n {
			count++
		}
		if off >= len(head) && count >= 3 {
			return n
		}
	}
	return 0
}

// program is an MPEG program stream: a pack header of MPEG 1 or 2.
func program(head []byte) bool {
	return len(head) >= 5 && string(head[:4]) == "\x00\x00\x01\xba" && (head[4]>>6 == 1 || head[4]>>4 == 2)
}
