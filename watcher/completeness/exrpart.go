package completeness

import "math/bits"

// exrPart is what a part's header tells.
type exrPart struct {
	tiled, deep   bool
	declared      int64 // chunkCount; 0: not told
	width, height int64
	tileX, tileY  int64
	levels        byte // 0: one, 1: mip maps, 2: rip maps
	roundUp       bool
	compression   byte
	pixel         int64 // length of a pixel, in bytes
}

func (p *exrPart) attribute(name string, v []byte) {
	switch {
	case name == "chunkCount" && len(v) == 4:
		p.declared = int64(le.Uint32(v))
	case name == "dataWindow" && len(v) == 16:
		box := func(i int) int64 { return int64(int32(le.Uint32(v[i:]))) }
		p.width, p.height = box(8)-box(0)+1, box(12)-box(4)+1
	case name == "tiles" && len(v) == 9:
		p.tileX, p.tileY, p.levels, p.roundUp = int64(le.Uint32(v)), int64(le.Uint32(v[4:])), v[8]&0x0F, v[8]>>4 == 1
	case name == "compression" && len(v) == 1:
		p.compression = v[0]
	case name == "type":
		switch string(v) {
		case "scanlineimage":
			p.tiled, p.deep = false, false
		case "tiledimage":
			p.tiled, p.deep = true, false
		case "deepscanline":
			p.tiled, p.deep = false, true
		case "deeptile":
			p.tiled, p.deep = true, true
		}
	case name == "channels":
		p.channels(v)
	}
}

// channels adds up the lengths of a pixel's values: halves are of 2 bytes, the others of 4.
func (p *exrPart) channels(v []byte) {
	for p.pixel = 0; len(v) > 0 && v[0] != 0; {
		n := 0
		for n < len(v) && v[n] != 0 {
			n++
		}
		if len(v) < n+1+16 {
			return
		}
		if p.pixel += 4; v[n+1] == 1 {
			p.pixel -= 2
		}
		v = v[n+1+16:]
	}
}

// exrRows is how many rows of pixels a chunk of scan lines has: without compression, RLE,
// ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB, HTJ2K256, HTJ2K32.
var exrRows = [...]int64{1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32}

// count is the number of chunks; 0 if it cannot be known.
func (p *exrPart) count() int64 {
	const longest = 1 << 31
	if p.declared > 0 {
		return p.declared
	}
	if p.deep || p.width <= 0 || p.height <= 0 || p.width > longest || p.height > longest {
		return 0
	}
	if !p.tiled {
		if int(p.compression) >= len(exrRows) {
			return 0
		}
		return (p.height + exrRows[p.compression] - 1) / exrRows[p.compression]
	}
	if p.tileX <= 0 || p.tileY <= 0 {
		return 0
	}
	var n int64
	switch p.levels {
	case 0:
		n = p.levelZero()
	case 1:
		for l := range p.levelsOf(max(p.width, p.height)) {
			n += p.tiles(p.width, p.tileX, l) * p.tiles(p.height, p.tileY, l)
		}
	case 2:
		var x, y int64
		for l := range p.levelsOf(p.width) {
			x += p.tiles(p.width, p.tileX, l)
		}
		for l := range p.levelsOf(p.height) {
			y += p.tiles(p.height, p.tileY, l)
		}
		n = x * y
	}
	return min(n, longest)
}

// levelZero is how many tiles the picture itself has; they come first in the table.
func (p *exrPart) levelZero() int64 {
	return p.tiles(p.width, p.tileX, 0) * p.tiles(p.height, p.tileY, 0)
}

// levelsOf is how many levels a picture of that size has, down to one pixel.
func (p *exrPart) levelsOf(size int64) int {
	if p.roundUp {
		return bits.Len64(uint64(size-1)) + 1
	}
	return bits.Len64(uint64(size))
}

// tiles is how many of them a level has in one direction.
func (p *exrPart) tiles(size, tile int64, level int) int64 {
	n := size >> level
	if p.roundUp && n<<level != size {
		n++
	}
	n = max(n, 1)
	return min((n+tile-1)/tile, 1<<30)
}

// compresses reports whether a chunk cannot have a page of zeros: all that is flat takes a
// few bytes. Deflate (ZIPS, ZIP, PXR24) makes of zeros at best one bit for each 129 bytes.
func (p *exrPart) compresses() bool {
	switch p.compression {
	case 1, 4:
		return !p.deep
	case 2, 3, 5:
		size := p.width * exrRows[p.compression] * p.pixel
		if p.tiled {
			size = p.tileX * p.tileY * p.pixel
		}
		return !p.deep && p.pixel > 0 && p.pixel < 1<<12 && size > 0 && size < many*1000
	}
	return false
}
