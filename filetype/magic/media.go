package magic

// media are sounds and videos, and the pictures that share their containers.
var media = []row{
	{"WAV", wave},
	{"AVI", form("RIFF", "AVI ")},
	{"AIFF", form("FORM", "AIFF", "AIFC")},
	{"OGG", begins("OggS")},
	{"FLAC", begins("fLaC")},
	{"WebM", begins("\x1a\x45\xdf\xa3")},
	{"MP4", bmff},
	{"MP3", begins("ID3")},
}

func wave(head []byte) bool {
	return form("RIFF", "WAVE")(head) || form("RF64", "WAVE")(head) || form("BW64", "WAVE")(head)
}

// bmff recognises the family of MP4, MOV, M4A, HEIC and AVIF: a box ftyp, or for an old
// QuickTime file one of its first boxes.
func bmff(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	switch string(head[4:8]) {
	case "ftyp", "moov", "mdat", "wide":
		return true
	}
	return false
}
