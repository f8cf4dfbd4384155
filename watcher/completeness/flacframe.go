package completeness

import "math/bits"

// bitReader reads numbers of any width from the highest bit on. What is past the end is
// zeros, and is remembered.
type bitReader struct {
	p    []byte
	pos  int // in bits
	over bool
}

func (b *bitReader) skip(n int) {
	if n < 0 || n > len(b.p)*8-b.pos {
		b.pos, b.over = len(b.p)*8, true
		return
	}
	b.pos += n
}

// take returns n ≤ 32 bits.
func (b *bitReader) take(n int) (v int) {
	for ; n > 0 && b.pos < len(b.p)*8; n-- {
		v = v<<1 | int(b.p[b.pos>>3]>>(7-b.pos&7)&1)
		b.pos++
	}
	if n > 0 {
		b.over = true
	}
	return v
}

// unary counts the zero bits before a one, and goes past that.
func (b *bitReader) unary() (n int) {
	for i := b.pos >> 3; i < len(b.p); i++ {
		c := b.p[i]
		if i == b.pos>>3 {
			c &= 0xFF >> (b.pos & 7)
		}
		if c != 0 {
			one := i<<3 + bits.LeadingZeros8(c)
			n, b.pos = one-b.pos, one+1
			return n
		}
	}
	b.pos, b.over = len(b.p)*8, true
	return 0
}

// flacFrameLength decodes the frame that p begins with as far as is needed to know where
// it ends (RFC 9639, section 9), its checksum included; false if that is behind p. header and samples are the length of its header and the number of its samples, depth the
// bits of a sample that STREAMINFO tells.
func flacFrameLength(p []byte, header int, samples int64, depth int) (n int, ok bool) {
	if d := [...]int{0, 8, 12, -1, 16, 20, 24, 32}[p[3]>>1&7]; d < 0 {
		return 0, false
	} else if d > 0 {
		depth = d
	}
	channels, side := int(p[3]>>4)+1, -1
	switch p[3] >> 4 {
	case 8, 10: // left and side, middle and side: the difference has one bit more
		channels, side = 2, 1
	case 9:
		channels, side = 2, 0
	case 11, 12, 13, 14, 15:
		return 0, false
	}
	b := &bitReader{p: p, pos: header * 8}
	for c := range channels {
		d := depth
		if c == side {
			d++
		}
		if !b.subframe(int(samples), d) {
			return 0, false
		}
	}
	n = (b.pos+7)/8 + 2
	return n, n <= len(p)
}

// subframe goes past one channel's samples; false if they are not there, or none.
func (b *bitReader) subframe(samples, depth int) bool {
	kind := b.take(8)
	if kind&1 != 0 { // bits that are zero in all samples
		depth -= b.unary() + 1
	}
	if kind&0x80 != 0 || depth <= 0 {
		return false
	}
	switch kind >>= 1; {
	case kind == 0:
		b.skip(depth)
	case kind == 1:
		b.skip(samples * depth)
	case kind >= 8 && kind <= 12:
		b.skip((kind - 8) * depth)
		return b.residual(samples, kind-8)
	case kind >= 32:
		order := kind - 31
		b.skip(order * depth)
		precision := b.take(4) + 1
		b.skip(5 + order*precision)
		return b.residual(samples, order)
	default:
		return false
	}
	return !b.over
}

// residual goes past the differences to what was predicted of that order.
func (b *bitReader) residual(samples, order int) bool {
	width := 4
	switch b.take(2) {
	case 0:
	case 1:
		width = 5
	default:
		return false
	}
	parts := b.take(4)
	count := samples >> parts
	if count<<parts != samples || count < order {
		return false
	}
	for i := range 1 << parts {
		n := count
		if i == 0 {
			n -= order
		}
		k := b.take(width)
		if k == 1<<width-1 {
			b.skip(n * b.take(5))
			n = 0
		}
		for ; n > 0 && !b.over; n-- {
			b.unary()
			b.skip(k)
		}
		if b.over {
			return false
		}
	}
	return true
}
