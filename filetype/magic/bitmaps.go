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
	{"PCX", pcx},
	{"SGI", sgi},
	{"Sun raster", sun},
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

// icon recognises a directory of icons or cursors one of which stands right behind it:
// the indices of a 3D model's corners begin like one, too.
func icon(head []byte) bool {
	if len(head) < 22 || !begins("\x00\x00\x01\x00", "\x00\x00\x02\x00")(head) {
		return false
	}
	n := uint32(le.Uint16(head[4:]))
	behind := 6 + 16*n
	for e := head[6:min(len(head), int(behind))]; len(e) >= 16; e = e[16:] {
		if size, off := le.Uint32(e[8:]), le.Uint32(e[12:]); e[3] == 0 && size >= 24 && size < 1<<26 && off >= behind && off < behind+64 {
			return true
		}
	}
	return false
}

// xcf recognises a version, and a base type of three.
func xcf(head []byte) bool {
	if len(head) < 30 || !begins("gimp xcf file\x00", "gimp xcf v0")(head) || head[13] != 0 {
		return false
	}
	return be.Uint32(head[22:]) <= 2
}

// pcx recognises a version, RLE, a number of bits, a size, and a number of planes.
func pcx(head []byte) bool {
	if len(head) < 68 || head[0] != 0x0A || head[1] > 5 || head[2] != 1 || head[64] != 0 || head[65] < 1 || head[65] > 4 {
		return false
	}
	return slices.Contains([]byte{1, 2, 4, 8}, head[3]) && le.Uint16(head[8:]) >= le.Uint16(head[4:]) && le.Uint16(head[10:]) >= le.Uint16(head[6:]) &&
		le.Uint16(head[66:]) > 0
}

// sgi recognises a kind of storage, a length of a value, and a number of dimensions.
func sgi(head []byte) bool {
	return len(head) >= 12 && begins("\x01\xda")(head) && head[2] <= 1 && (head[3] == 1 || head[3] == 2) && head[4] == 0 && head[5] >= 1 && head[5] <= 3
}

// sun recognises a number of bits, and a kind.
func sun(head []byte) bool {
	return len(head) >= 32 && begins("\x59\xa6\x6a\x95")(head) && slices.Contains([]uint32{1, 8, 24, 32}, be.Uint32(head[12:])) && be.Uint32(head[20:]) <= 5
}
