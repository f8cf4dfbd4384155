package magic

import "encoding/binary"

// images are pictures and picture programs' documents.
var images = []row{
	{"PNG", begins("\x89PNG\r\n\x1a\n")},
	{"JPEG", jpeg},
	{"GIF", gif},
	{"WebP", webp},
	{"TIFF", begins("II*\x00", "MM\x00*", "II+\x00\x08\x00\x00\x00", "MM\x00+\x00\x08\x00\x00")},
	{"ORF", begins("IIRO\x08\x00\x00\x00", "IIRS\x08\x00\x00\x00", "MMOR\x00\x00\x00\x08")},
	{"RW2", begins("IIU\x00\x08\x00\x00\x00", "IIU\x00\x18\x00\x00\x00")},
	{"PSD", begins("8BPS\x00\x01", "8BPS\x00\x02")},
	{"EXR", begins("\x76\x2f\x31\x01")},
	{"HDR", begins("#?RADIANCE\n", "#?RGBE\n")},
}

// jpeg recognises SOI and the first byte of another marker, which is none of those that
// stand alone.
func jpeg(head []byte) bool {
	return begins("\xff\xd8\xff")(head) && (len(head) == 3 || head[3] >= 0xC0)
}

// gif recognises a signature and a screen descriptor that is followed by a block or a
// color table: "GIF89a is what emotes use" has neither.
func gif(head []byte) bool {
	if !begins("GIF87a", "GIF89a")(head) || len(head) < 14 {
		return false
	}
	first := 13
	if flags := head[10]; flags&0x80 != 0 {
		if first += 3 << (flags&7 + 1); first >= len(head) {
			return true
		}
	}
	switch head[first] {
	case '!', ',', ';', 0:
		return true
	}
	return false
}

// webp recognises a RIFF of that type and its first chunk, which may not be written yet.
func webp(head []byte) bool {
	if !form("RIFF", "WEBP")(head) {
		return false
	}
	return len(head) < 16 || begins("VP8 ", "VP8L", "VP8X")(head[12:]) || binary.LittleEndian.Uint32(head[12:]) == 0
}
