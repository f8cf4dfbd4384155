package magic

import "slices"

// bitmaps are pictures and textures of plain structure. TGA is not among them: it has no
// signature at its beginning.
var bitmaps = []row{
	{"BMP", bmp},
	{"DDS", begins("DDS \x7c\x00\x00\x00")},
	{"KTX", begins("\xabKTX 11\xbb\r\n\x1a\n")},
	{"KTX2", begins("\xabKTX 20\xbb\r\n\x1a\n")},
	{"JP2", begins("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51")},
	{"Aseprite", aseprite},
	{"QOI", qoi},
	{"XCF", xcf},
	{"JXL", begins("\x00\x00\x00\x0cJXL \r\n\x87\n", "\xff\x0a")},
	{"ICO", icon},
}

// bmp recognises the file header and one of the known lengths of the picture's header,
// with its one plane.
func bmp(head []byte) bool {
	if len(head) < 30 || !begins("BM")(head) {
		return false
	}
	switch n := le.Uint32(head[14:]); {
	case n == 12:
		return le.Uint16(head[22:]) == 1
	case n == 16 || n == 40 || n == 48 || n == 52 || n == 56 || n == 64 || n == 108 || n == 124:
		return le.Uint16(head[26:]) == 1
	}
	return false
}

// aseprite recognises a magic number behind the file's length, and a color depth.
func aseprite(head []byte) bool {
	if len(head) < 14 || le.Uint16(head[4:]) != 0xA5E0 {
		return false
	}
	return slices.Contains([]uint16{8, 16, 32}, le.Uint16(head[12:]))
}

// qoi recognises a signature with a number of channels and a color space behind it.
func qoi(head []byte) bool {
	return len(head) >= 14 && begins("qoif")(head) && (head[12] == 3 || head[12] == 4) && head[13] <= 1
}

// icon recognises a directory of icons or cursors whose first entry lies behind it.
func icon(head []byte) bool {
	if len(head) < 22 || !begins("\x00\x00\x01\x00", "\x00\x00\x02\x00")(head) {
		return false
	}
	n, size, off := uint32(le.Uint16(head[4:])), le.Uint32(head[14:]), le.Uint32(head[18:])
	return n >= 1 && n <= 512 && head[9] == 0 && size >= 24 && size < 1<<26 && off >= 6+16*n && off < 1<<26
}

// xcf recognises a version, and a base type of three.
func xcf(head []byte) bool {
	if len(head) < 30 || !begins("gimp xcf file\x00", "gimp xcf v0")(head) || head[13] != 0 {
		return false
	}
	return be.Uint32(head[22:]) <= 2
}
