package magic

import "slices"

// brand recognises one of the formats made of boxes (ISO 14496-12): MP4, MOV, M4A, HEIC,
// AVIF and CR3.
func brand(want Format) func([]byte) bool {
	return func(head []byte) bool { return bmff(head) == want }
}

// bmff tells these formats apart by the brand in the box ftyp. A file without one is a
// QuickTime file if it begins with another of QuickTime's boxes, or a piece of a stream.
func bmff(head []byte) Format {
	if len(head) < 8 {
		return ""
	}
	switch kind := string(head[4:8]); kind {
	case "ftyp":
		if n := be.Uint32(head); n < 8 || n >= 1<<16 || !printable(head[8:min(12, len(head))]) {
			return ""
		}
		return branded(head)
	case "styp", "sidx", "moof":
		if n := be.Uint32(head); n < 8 || n >= 1<<24 {
			return ""
		}
		return "MP4"
	case "moov", "mdat", "wide", "free", "skip", "pnot":
		if !firstBox(head, kind) {
			return ""
		}
		return "MOV"
	}
	return ""
}

func branded(head []byte) Format {
	if len(head) < 12 {
		return "MP4"
	}
	switch string(head[8:12]) {
	case "qt  ":
		return "MOV"
	case "M4A ", "M4B ", "M4P ", "F4A ", "F4B ":
		return "M4A"
	case "crx ":
		return "CR3"
	case "avif", "avis":
		return "AVIF"
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs":
		return "HEIC"
	case "mif1", "mif2", "mif3", "msf1", "miaf": // says only that it is of the family: the others say of what
		if rest := head[12:min(len(head), int(be.Uint32(head)))]; slices.ContainsFunc([]string{"avif", "avis", "av01"}, func(b string) bool { return hasBrand(rest, b) }) &&
			!hasBrand(rest, "heic") {
			return "AVIF"
		}
		return "HEIC"
	}
	return "MP4"
}

// hasBrand looks for a brand among the minor version and the compatible brands.
func hasBrand(p []byte, brand string) bool {
	for ; len(p) >= 4; p = p[4:] {
		if string(p[:4]) == brand {
			return true
		}
	}
	return false
}

// firstBox reports whether a box that any text might name at its fifth byte makes sense:
// its length, and the beginning of what is in it or behind it.
func firstBox(head []byte, kind string) bool {
	n := uint64(be.Uint32(head))
	body := 8
	switch {
	case n == 1 && len(head) >= 16:
		n, body = be.Uint64(head[8:]), 16
		if n < 16 || n >= 1<<48 {
			return false
		}
	case n == 1:
		return true
	case n == 0:
		return kind == "mdat"
	case n < 8:
		return false
	}
	switch {
	case texty(head[:4]) && texty(head[body:min(len(head), 64)]):
		return false
	case kind == "mdat":
		return true
	case kind == "moov":
		return boxAt(head, uint64(body))
	default:
		return n < 1<<24 && boxAt(head, n)
	}
}

// boxAt reports whether a box's length and name make sense; what is not in head does.
func boxAt(head []byte, off uint64) bool {
	if off+8 > uint64(len(head)) {
		return true
	}
	n := be.Uint32(head[off:])
	return (n < 2 || n >= 8) && printable(head[off+4:off+8])
}
