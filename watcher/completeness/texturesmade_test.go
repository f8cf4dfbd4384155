package completeness

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
)

// textures are samples of plain pictures and of textures. Those in testdata were made by
// Pillow and ImageMagick.
func textures(t testing.TB) []sample {
	s := []sample{
		{file: "rgb.bmp", format: "BMP", raw: true, enough: at(3773)},   // the last row's padding
		{file: "rle.bmp", format: "BMP", raw: true, enough: from(1278)}, // all but the end mark
		{file: "plain.tga", format: "TGA", raw: true},
		{file: "rle.tga", format: "TGA", raw: true, enough: from(1298)}, // all but the footer
		{file: "dxt5.dds", format: "DDS", raw: true},
		{file: "rgb.dds", format: "DDS", raw: true},
		{file: "a.jp2", format: "JP2", soft: from(474)}, // all but the end mark
		{file: "tiles.j2k", format: "JP2", soft: from(485)},
		{file: "a.qoi", format: "QOI", soft: from(420 - 8)}, // all but the end mark
		{file: "a.ico", format: "ICO", raw: true},
		{file: "bmp.ico", format: "ICO", raw: true},
		{file: "small.xcf", format: "XCF"},
		{file: "layers.xcf", format: "XCF", raw: true},
		{file: "levels.xcf", format: "XCF", raw: true}, // its last level ends with the file
		{file: "a.pcx", format: "PCX", soft: always, raw: true},
		{file: "plain.sgi", format: "SGI", raw: true},
		{file: "rle.sgi", format: "SGI", raw: true},
		{file: "a.ras", format: "Sun raster", raw: true},
		{file: "a.pam", format: "PAM", raw: true},
		{file: "p6.ppm", format: "PNM", raw: true, soft: before(2)},
		{file: "a.pbm", format: "PNM", raw: true, soft: before(2)},
		{file: "a.pfm", format: "PFM", raw: true, soft: before(15)},
	}
	for i := range s {
		s[i].data = fixture(t, s[i].file)
	}
	return append(s,
		sample{file: "core.bmp", data: sampleCoreBMP(), format: "BMP", raw: true},
		sample{file: "cube.dds", data: sampleDX10(), format: "DDS", raw: true},
		sample{file: "small.hdr", data: sampleHDR(100, 40), format: "HDR", raw: true},
		sample{file: "a.ktx", data: sampleKTX(le), format: "KTX", raw: true},
		sample{file: "big.ktx", data: sampleKTX(be), format: "KTX", raw: true},
		sample{file: "a.ktx2", data: sampleKTX2(), format: "KTX2", raw: true},
		sample{file: "a.jxl", data: sampleJXL(), format: "JXL", raw: true},
		sample{file: "a.aseprite", data: sampleAseprite(300, 3000, 700), format: "Aseprite", raw: true},
	)
}

func before(offset int) func(int) bool { return func(n int) bool { return n < offset } }

// sampleCoreBMP is a bitmap of OS/2 with 256 colors.
func sampleCoreBMP() []byte {
	b := []byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x1a\x03\x00\x00\x0c\x00\x00\x00\x14\x00\x0a\x00\x01\x00\x08\x00")
	return append(b, random(768+200)...)
}

// sampleHDR has rows of literal bytes, compressed in the newer way.
func sampleHDR(width, rows int) []byte {
	b := fmt.Appendf(nil, "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n", rows, width)
	pixels := random(128)
	for range rows {
		b = append(b, 2, 2, byte(width>>8), byte(width))
		for left := 4 * width; left > 0; left -= 128 {
			n := min(left, 128)
			b = append(append(b, byte(n)), pixels[:n]...)
		}
	}
	return b
}

// sampleDX10 is an array of two cubes in BC7, with mip maps of 8, 4, 2 and 1 pixels.
func sampleDX10() []byte {
	b := make([]byte, 148)
	copy(b, "DDS \x7c")
	for off, v := range map[int]uint32{12: 8, 16: 8, 28: 4, 76: 32, 80: 4, 112: 0xFE00, 128: 98, 132: 3, 136: 4, 140: 2} {
		le.PutUint32(b[off:], v)
	}
	copy(b[84:], "DX10")
	return append(b, random(2*6*(64+16+16+16))...)
}

// sampleKTX is a cube of 4 and 2 pixels of 3 bytes, whose rows are padded to 4 bytes.
func sampleKTX(order binary.ByteOrder) []byte {
	b := append([]byte("\xabKTX 11\xbb\r\n\x1a\n"), make([]byte, 52)...)
	for i, v := range []uint32{0x04030201, 0x1401, 1, 0x1907, 0x8051, 0x1907, 4, 4, 0, 0, 6, 2, 8} {
		order.PutUint32(b[12+4*i:], v)
	}
	b = append(b, "key\x00data"...)
	for _, size := range []uint32{48, 16} {
		n := make([]byte, 4)
		order.PutUint32(n, size)
		b = append(append(b, n...), random(6*int(size))...)
	}
	return b
}

// sampleKTX2 has two levels, the small one first, compressed by Zstandard.
func sampleKTX2() []byte {
	b := append([]byte("\xabKTX 20\xbb\r\n\x1a\n"), make([]byte, 68+48)...)
	for off, v := range map[int]uint32{20: 64, 24: 64, 36: 1, 40: 2, 44: 2, 48: 128, 52: 44, 80: 172 + 500, 88: 5000, 104: 172, 112: 500} {
		le.PutUint32(b[off:], v)
	}
	return append(b, random(44+5500)...)
}

// sampleJXL has its codestream in two pieces.
func sampleJXL() []byte {
	b := []byte("\x00\x00\x00\x0cJXL \r\n\x87\n\x00\x00\x00\x14ftypjxl \x00\x00\x00\x00jxl ")
	b = append(append(b, "\x00\x00\x03\x00jxlp\x00\x00\x00\x00"...), random(0x300-12)...)
	return append(append(b, "\x00\x00\x03\x00jxlp\x80\x00\x00\x01"...), random(0x300-12)...)
}

// sampleAseprite has frames of these lengths.
func sampleAseprite(frames ...int) []byte {
	b := make([]byte, 128)
	copy(b[4:], "\xe0\xa5")
	le.PutUint16(b[6:], uint16(len(frames)))
	copy(b[8:], "\x20\x00\x20\x00\x20\x00")
	for _, n := range frames {
		b = append(le.AppendUint32(b, uint32(n)), 0xFA, 0xF1)
		b = append(b, random(n-6)...)
	}
	le.PutUint32(b, uint32(len(b)))
	return b
}

func TestTextureDecisions(t *testing.T) {
	rle := fixture(t, "rle.bmp")
	noSize := bytes.Clone(rle)
	clear(noSize[34:38])
	wrong := fixture(t, "rgb.bmp")
	copy(wrong[2:], "\xff\xff\xff\x7f")
	copy(wrong[34:], "\xff\xff\xff\x7f")
	tga := fixture(t, "rle.tga")
	large := append(bytes.Clone(tga[:12]), "\xe8\x03\xe8\x03\x18\x20"...) // 1000 x 1000
	for range 1000 * 1000 / 8 {
		large = append(append(large, 7), random(24)...)
	}
	jp2 := fixture(t, "a.jp2")
	toEnd := bytes.Clone(jp2)
	clear(toEnd[bytes.Index(jp2, []byte("jp2c"))-4:][:4])
	clear(toEnd[bytes.Index(jp2, []byte("\xff\x90\x00\x0a"))+6:][:4])
	noIndex := sampleKTX2()
	clear(noIndex[80:104])
	manyFrames := make([]int, 500)
	for i := range manyFrames {
		manyFrames[i] = 40
	}
	frames := sampleAseprite(manyFrames...)
	unfilled := bytes.Clone(frames)
	clear(unfilled[len(frames)/2:])
	noLength := bytes.Clone(frames)
	copy(noLength, "\xff\xff\xff\xff")
	qoi := fixture(t, "a.qoi")
	hdr := sampleHDR(2048, 200)
	black := bytes.Clone(hdr)
	clear(black[len(black)/2:])
	old := []byte("#?RGBE\n\n-Y 3 +X 100\n")
	for range 3 {
		old = append(old, "\x50\x60\x70\x80\x01\x01\x01\x63"...)
	}
	decide(t, []decision{
		{"BMP with wrong lengths", "a.bmp", wrong, Complete},
		{"the same, cut", "a.bmp", wrong[:len(wrong)*6/10], Incomplete},
		{"RLE BMP without a length", "a.bmp", noSize, Complete},
		{"the same, cut", "a.bmp", noSize[:len(noSize)-3], Incomplete},
		{"a text about BMP", "a.bmp", []byte("BM is the signature of a bitmap's header"), CannotTell},
		{"large RLE TGA", "a.tga", large, Complete},
		{"large RLE TGA, cut", "a.tga", large[:len(large)-1], Incomplete},
		{"large RLE TGA with the newer footer", "a.tga", append(bytes.Clone(large), "\x00\x00\x00\x00\x00\x00\x00\x00"+tgaFooter...), Complete},
		{"what is no TGA", "a.tga", []byte("a text that is named so for a joke\n"), CannotTell},
		{"TGA of zeros", "a.tga", make([]byte, 3000), Incomplete},
		{"JP2 whose lengths are to the end", "a.jp2", toEnd, Complete},
		{"the same, cut", "a.jp2", toEnd[:len(toEnd)-2], Incomplete},
		{"the same with bytes behind it", "a.jp2", append(bytes.Clone(toEnd), "and more"...), Complete},
		{"JP2 without its end mark", "a.jp2", jp2[:len(jp2)-2], Incomplete},
		{"J2K without its end mark", "a.j2k", fixture(t, "tiles.j2k")[:485], CannotTell},
		{"KTX2 whose index is yet to come", "a.ktx2", noIndex, Incomplete},
		{"Aseprite of many frames", "a.aseprite", frames, Complete},
		{"the same, unfilled", "a.ase", unfilled, Incomplete},
		{"the same with a wrong length", "a.ase", noLength, Complete},
		{"large HDR", "a.hdr", hdr, Complete},
		{"large HDR, cut", "a.hdr", hdr[:len(hdr)*6/10], Incomplete},
		{"large HDR, cut right between two rows, which is not seen", "a.hdr", hdr[:len(hdr)-(4+2048*4*129/128)], Complete},
		{"large HDR, with bytes behind it", "a.hdr", append(bytes.Clone(hdr), "and more"...), Complete},
		{"large HDR, unfilled", "a.hdr", black, Incomplete},
		{"HDR compressed in the old way", "a.hdr", old, Complete},
		{"the same, cut", "a.hdr", old[:len(old)-4], Incomplete},
		{"QOI in zeros", "a.qoi", append(bytes.Clone(qoi[:200]), make([]byte, 220)...), Incomplete},
	})
}
