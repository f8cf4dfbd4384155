package completeness

import "math/bits"

// checkDDS adds up the textures that the header announces: mip maps, the sides of a cube,
// the members of an array, the slices of a volume. What is behind them does not matter.
func checkDDS(w *window) Verdict {
	h := w.at(0, 128)
	if h == nil {
		return onlyFirst(w.size, "DDS")
	}
	d := dds{
		height: int64(le.Uint32(h[12:])), width: int64(le.Uint32(h[16:])), depth: 1,
		levels: int64(le.Uint32(h[28:])), copies: 1,
	}
	caps := le.Uint32(h[112:])
	switch {
	case caps&0x200 != 0: // a cube
		if d.copies = int64(bits.OnesCount32(caps & 0xFC00)); d.copies == 0 {
			d.copies = 6
		}
	case caps&0x200000 != 0: // a volume
		d.depth = int64(le.Uint32(h[24:]))
	}
	off := int64(128)
	fourCC := string(h[84:88])
	switch flags := le.Uint32(h[80:]); {
	case flags&0x4 != 0 && fourCC == "DX10":
		x := w.at(off, 20)
		if x == nil {
			return onlyFirst(w.size, "DDS")
		}
		off += 20
		d.dxgi(le.Uint32(x))
		if d.copies *= max(int64(le.Uint32(x[12:])), 1); le.Uint32(x[8:])&4 != 0 && caps&0x200 == 0 {
			d.copies *= 6
		}
	case flags&0x4 != 0:
		d.fourCC(fourCC, le.Uint32(h[84:]))
	case flags&0x20 != 0: // with a palette
		off += 1024
		d.bits = 8
	default:
		d.bits = int64(le.Uint32(h[88:]))
	}
	size := d.size()
	if size <= 0 {
		return cannotTell("the DDS's pixels are of an unknown kind")
	}
	if off+size > w.size {
		return tooShort(w, "DDS", off+size)
	}
	return w.upTo(off + size).filled(false)
}

// dds is the size of a texture, in pixels, and how they are stored.
type dds struct {
	width, height, depth int64
	levels, copies       int64
	block                int64 // length of a block of 4 x 4 pixels, in bytes; 0: there are none
	bits                 int64 // of a pixel, if there are no blocks
}

// size is the length of all textures, in bytes; 0 if it cannot be known.
func (d dds) size() int64 {
	const longest = 1 << 16 // more than any graphics card takes
	if d.width < 1 || d.height < 1 || d.depth < 1 || d.width > longest || d.height > longest || d.depth > longest || d.copies > longest ||
		d.block == 0 && (d.bits < 1 || d.bits > 128) {
		return 0
	}
	var n int64
	for range min(max(d.levels, 1), 17) {
		if d.block > 0 {
			n += (d.width + 3) / 4 * ((d.height + 3) / 4) * d.block * d.depth
		} else {
			n += (d.width*d.bits + 7) / 8 * d.height * d.depth
		}
		d.width, d.height, d.depth = max(d.width/2, 1), max(d.height/2, 1), max(d.depth/2, 1)
	}
	return min(n, 1<<46) * d.copies
}

// fourCC sets the kind of pixel by the code of Direct3D 9: letters, or a number.
func (d *dds) fourCC(letters string, number uint32) {
	switch letters {
	case "DXT1", "ATI1", "BC4U", "BC4S":
		d.block = 8
	case "DXT2", "DXT3", "DXT4", "DXT5", "ATI2", "BC5U", "BC5S", "RXGB":
		d.block = 16
	case "RGBG", "GRGB", "UYVY", "YUY2":
		d.bits = 16
	}
	switch number {
	case 111:
		d.bits = 16
	case 112, 114:
		d.bits = 32
	case 36, 110, 113, 115:
		d.bits = 64
	case 116:
		d.bits = 128
	}
}

// dxgi sets the kind of pixel by the number of Direct3D 10 (DXGI_FORMAT).
func (d *dds) dxgi(n uint32) {
	in := func(from, to uint32) bool { return n >= from && n <= to }
	switch {
	case in(70, 72), in(79, 81): // BC1, BC4
		d.block = 8
	case in(73, 78), in(82, 84), in(94, 99): // BC2, BC3, BC5, BC6H, BC7
		d.block = 16
	case in(1, 4):
		d.bits = 128
	case in(5, 8):
		d.bits = 96
	case in(9, 22):
		d.bits = 64
	case in(23, 47), n == 67, in(87, 93):
		d.bits = 32
	case in(48, 59), n == 68, n == 69, n == 85, n == 86, n == 115:
		d.bits = 16
	case in(60, 65):
		d.bits = 8
	case n == 66:
		d.bits = 1
	}
}
