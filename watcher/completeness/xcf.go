package completeness

import (
	"compress/zlib"
	"io"
	"strconv"
)

// checkXCF follows the pointers of a GIMP document: to its layers and channels, and from
// the last of these in the file to its pixels, which are stored as levels of tiles. GIMP
// writes layer by layer and each one's smaller levels last, so that a file that has them
// has all before. Only a picture of one tile has no smaller level: then its tile is
// decompressed.
func checkXCF(w *window) Verdict {
	x := xcf{walker: walker{w: w, piece: 8 << 10}, pointer: 4, off: 26}
	version, _ := strconv.Atoi(string(w.head()[10:13]))
	if version >= 4 {
		x.off += 4 // precision
	}
	if version >= 11 {
		x.pointer = 8
	}
	cut := incomplete("the GIMP document breaks off before its layers")
	if !x.properties() {
		return cut
	}
	lists := 2 // layers, channels
	if version >= 18 {
		lists = 3 // paths
	}
	var last int64
	layer := true
	for list := range lists {
		for n := 0; ; n++ {
			p, ok := x.next()
			switch {
			case !ok:
				return cut
			case p > w.size-4:
				return incomplete("the GIMP document breaks off in the middle of its layers")
			case n == 1<<12:
				return cannotTell("the GIMP document has too many layers to check them all")
			}
			if p == 0 {
				break
			}
			if p > last && list < 2 {
				last, layer = p, list == 0
			}
		}
	}
	if last == 0 && w.zeros() >= few {
		return incomplete("the GIMP document has its size but its layers are still empty")
	}
	if last == 0 {
		return cannotTell("the GIMP document has no layers")
	}
	if x.off = last; layer {
		return x.layer()
	}
	return x.channel()
}

type xcf struct {
	walker
	off         int64 // of what is read next
	pointer     int64 // length of a pointer, in bytes
	compression byte  // of the tiles
}

var errXCF = incomplete("the GIMP document breaks off in the middle of a layer")

// next reads a pointer.
func (x *xcf) next() (int64, bool) {
	b := x.at(x.off, int(x.pointer))
	if b == nil {
		return 0, false
	}
	x.off += x.pointer
	if x.pointer == 8 {
		return length(be.Uint64(b)), true
	}
	return int64(be.Uint32(b)), true
}

// properties goes past a list of them: kind, length, value; ended by kind 0.
func (x *xcf) properties() bool {
	const compression = 17
	for range 1 << 12 {
		b := x.at(x.off, 8)
		if b == nil {
			return false
		}
		kind, n := be.Uint32(b), int64(be.Uint32(b[4:]))
		x.off += 8
		if kind == compression && n == 1 {
			if b := x.at(x.off, 1); b != nil {
				x.compression = b[0]
			}
		}
		if x.off += n; kind == 0 {
			return true
		}
	}
	return false
}

// name goes past a text.
func (x *xcf) name() bool {
	b := x.at(x.off, 4)
	if b == nil {
		return false
	}
	x.off += 4 + int64(be.Uint32(b))
	return true
}

// layer follows the one at off; its mask is behind it.
func (x *xcf) layer() Verdict {
	x.off += 12 // width, height, kind
	if !x.name() || !x.properties() {
		return errXCF
	}
	pixels, ok := x.next()
	mask, ok2 := x.next()
	if !ok || !ok2 {
		return errXCF
	}
	if mask > pixels {
		x.off = mask
		return x.channel()
	}
	return x.pixels(pixels)
}

func (x *xcf) channel() Verdict {
	x.off += 8 // width, height
	if !x.name() || !x.properties() {
		return errXCF
	}
	pixels, ok := x.next()
	if !ok {
		return errXCF
	}
	return x.pixels(pixels)
}

// pixels follows the levels of a layer's or channel's pixels.
func (x *xcf) pixels(off int64) Verdict {
	b := x.at(off, 12)
	if b == nil {
		return errXCF
	}
	width, height, each := int64(be.Uint32(b)), int64(be.Uint32(b[4:])), int64(be.Uint32(b[8:]))
	x.off = off + 12
	first, _ := x.next()
	last := first
	for n := 0; ; n++ {
		p, ok := x.next()
		if !ok || n == 64 {
			return errXCF
		}
		if p == 0 {
			break
		}
		last = max(last, p)
	}
	b = x.at(last, 12) // size, and an end of four bytes: GIMP writes no wider one for the smaller levels
	switch {
	case off == 0 || first == 0 || b != nil && allZero(b):
		return incomplete("the GIMP document has its size but its end is still empty")
	case b == nil:
		return errXCF
	case last != first:
		return complete()
	}
	x.off = first + 8
	tile, ok := x.next()
	if !ok || tile == 0 || width > 64 || height > 64 {
		return errXCF
	}
	return x.tile(tile, width*height, each)
}

// tile wants the pixels of one to be there, of so many bytes each.
func (x *xcf) tile(off, pixels, each int64) Verdict {
	switch x.compression {
	case 0:
		if off > x.w.size-pixels*each {
			return errXCF
		}
		return x.w.upTo(off + pixels*each).filled(false)
	case 1:
		s := x.w.stream(off)
		for range each {
			for left := pixels; left > 0; {
				n, ok := x.run(s)
				if !ok {
					return errXCF
				}
				left -= n
			}
		}
		return x.w.upTo(s.pos()).filled(true)
	case 2:
		z, err := zlib.NewReader(x.w.stream(off))
		if err != nil {
			return errXCF
		}
		if n, err := io.Copy(io.Discard, io.LimitReader(z, pixels*each+1)); err != nil || n < pixels*each {
			return errXCF
		}
		return complete()
	}
	return cannotTell("the GIMP document is compressed in an unknown way")
}

// run goes past one run of bytes and returns how many it stands for.
func (x *xcf) run(s *stream) (int64, bool) {
	c, ok := s.next()
	n, literal := int64(c)+1, false
	if c >= 128 {
		n, literal = 256-int64(c), true
	}
	if n == 128 {
		high, _ := s.next()
		low, _ := s.next()
		n = int64(high)<<8 | int64(low)
	}
	if n == 0 {
		return 0, false
	}
	if literal {
		return n, ok && s.skip(n)
	}
	return n, ok && s.skip(1)
}
