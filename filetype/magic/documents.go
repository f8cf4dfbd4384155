package magic

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// documents are programs' own files, caches, databases and archives.
var documents = []row{
	{"3DS", max3ds},
	{"LWO", form("FORM", "LWO2", "LWO3", "LWOB", "LWLO", "LXOB")},
	{"Maya binary", mayaBinary},
	{"Maya ASCII", begins("//Maya ASCII ")},
	{"DirectX", directX},
	{"USDC", usdc},
	{"Alembic", ogawa},
	{"HDF5", hdf5},
	{"SQLite", sqlite},
	{"CLIP", clip},
	{"CFB", cfb},
	{"PDF", pdf},
	{"EPS", begins("%!PS-Adobe-", "\xc5\xd0\xd3\xc6")},
	{"NPY", begins("\x93NUMPY\x01\x00", "\x93NUMPY\x02\x00", "\x93NUMPY\x03\x00")},
	{"GGUF", begins("GGUF\x02\x00\x00\x00", "GGUF\x03\x00\x00\x00")},
	{"7z", begins("7z\xbc\xaf\x27\x1c\x00")},
	{"RAR", begins("Rar!\x1a\x07\x00", "Rar!\x1a\x07\x01\x00")},
	{"TAR", tar},
}

// max3ds recognises the main chunk of a 3DS and a chunk that it may begin with.
func max3ds(head []byte) bool {
	if !startsWith(head, "MM") || len(head) < 12 {
		return false
	}
	size, first := binary.LittleEndian.Uint32(head[2:]), binary.LittleEndian.Uint32(head[8:])
	switch binary.LittleEndian.Uint16(head[6:]) {
	case 0x0001, 0x0002, 0x3D3D, 0x3D3E, 0xB000, 0x0100:
		return first >= 6 && size >= 12 && first <= size-6
	}
	return false
}

func mayaBinary(head []byte) bool {
	return form("FOR4", "Maya")(head) || len(head) >= 20 && startsWith(head, "FOR8\x00\x00\x00\x00") && string(head[16:20]) == "Maya"
}

// directX recognises the signature, a version, and the form: text, binary or compressed.
func directX(head []byte) bool {
	return startsWith(head, "xof 0") && len(head) >= 12 &&
		slices.Contains([]string{"txt ", "bin ", "tzip", "bzip"}, string(head[8:12]))
}

// usdc recognises a USD crate file: its signature and a major version of 0.
func usdc(head []byte) bool { return startsWith(head, "PXR-USDC\x00") }

// ogawa recognises an Alembic cache that is closed, or not yet.
func ogawa(head []byte) bool {
	return startsWith(head, "Ogawa\xff\x00\x01") || startsWith(head, "Ogawa\x00\x00\x01")
}

func hdf5(head []byte) bool {
	return startsWith(head, "\x89HDF\r\n\x1a\n") && len(head) > 8 && head[8] <= 3
}

// sqlite recognises the signature and versions of the file format that exist.
func sqlite(head []byte) bool {
	return startsWith(head, "SQLite format 3\x00") && len(head) >= 20 && head[18] <= 2 && head[19] <= 2
}

// clip recognises a Clip Studio document: its signature and an offset of its first chunk.
func clip(head []byte) bool {
	return startsWith(head, "CSFCHUNK") && len(head) >= 24 && string(head[16:22]) == "\x00\x00\x00\x00\x00\x00"
}

// cfb recognises a compound file: its signature and byte order.
func cfb(head []byte) bool {
	return startsWith(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") && len(head) >= 30 && string(head[28:30]) == "\xfe\xff"
}

// pdf recognises the header, which may stand behind other bytes, within the first 1024.
func pdf(head []byte) bool {
	p := head[:min(len(head), 1024)]
	i := bytes.Index(p, []byte("%PDF-"))
	if i < 0 || i+8 > len(p) || !digit(p[i+5]) || p[i+6] != '.' || !digit(p[i+7]) {
		return false
	}
	// A text that quotes the header has words before it.
	return i == 0 || i <= 4 && len(bytes.Trim(p[:i], "\xef\xbb\xbf \r\n\x00")) == 0 || bytes.IndexByte(p[:i], 0) >= 0
}

// tar recognises the signature of POSIX and GNU, and the checksum of the first header.
func tar(head []byte) bool {
	if len(head) < 512 || string(head[257:262]) != "ustar" {
		return false
	}
	sum := uint64(8 * ' ')
	for i, b := range head[:512] {
		if i < 148 || i >= 156 {
			sum += uint64(b)
		}
	}
	var told uint64
	for _, c := range bytes.Trim(head[148:156], " \x00") {
		told = told*8 + uint64(c-'0')
	}
	return sum == told
}
