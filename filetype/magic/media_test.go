package magic

import (
	"bytes"
	"strings"
	"testing"
)

// TestMediaMarks has the shortest beginnings of sounds and videos that are recognised.
func TestMediaMarks(t *testing.T) {
	frame := append([]byte("\xff\xfb\x90\x64"), bytes.Repeat([]byte("U"), 413)...)
	aac := append([]byte("\xff\xf1\x50\x80\x02\x1f\xfc"), bytes.Repeat([]byte("\x21"), 9)...)
	packet := append([]byte("\x47\x40\x00\x10"), bytes.Repeat([]byte("\xff"), 184)...)
	tag := "ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00"
	for _, tt := range []struct {
		head string
		want Format
	}{
		{"RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00", "WAV"},
		{"BW64\xff\xff\xff\xffWAVE", "WAV"},
		{"RIFF\xff\xff\xff\xffAVI LIST\x0c\x01\x00\x00", "AVI"},
		{"FORM\x00\x00\x00\x24AIFFCOMM\x00\x00\x00\x12", "AIFF"},
		{"FORM\x00\x00\x00\x24AIFCFVER", "AIFF"},
		{"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", "W64"},
		{"caff\x00\x01\x00\x00desc", "CAF"},
		{".snd\x00\x00\x00\x20\xff\xff\xff\xff\x00\x00\x00\x03", "AU"},
		{"OggS\x00\x02", "OGG"},
		{"fLaC\x00\x00\x00\x22", "FLAC"},
		{"fLaC\x80\x00\x00\x22\x10\x00", "FLAC"},
		{"wvpk\x10\x02\x00\x00\x10\x04", "WavPack"},
		{"DSD \x1c\x00\x00\x00\x00\x00\x00\x00", "DSF"},
		{"#!AMR\n\x3c", "AMR"},
		{"MThd\x00\x00\x00\x06\x00\x01\x00\x02", "MIDI"},
		{"\x1a\x45\xdf\xa3\x9f", "WebM"},
		{"\x00\x00\x00\x14ftypisom", "MP4"},
		{"\x00\x00\x00\x14ftypqt  ", "MOV"},
		{"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00isom", "M4A"},
		{"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "CR3"},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1", "HEIC"},
		{"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"},
		{"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF"},
		{"\x00\x00\x00\x10ftypmif3avif\x00\x00\x00\x10mini", "AVIF"},
		{"\x00\x00\x00\x1cftypavis\x00\x00\x00\x00avif", "AVIF"},
		{"\x00\x00\x00\x18stypmsdh", "MP4"},
		{"\x00\x00\x00\x68moof\x00\x00\x00\x10mfhd", "MP4"},
		{"\x00\x00\x00\x08wide\x00\x10\x00\x00mdat", "MOV"},
		{"\x00\x00\x10\x00moov\x00\x00\x00\x6cmvhd", "MOV"},
		{"\x00\x00\x00\x01mdat\x00\x00\x00\x01\x00\x00\x00\x00", "MOV"},
		{"ABCDmdat\x00\x00\x00\x01\x65\x88", "MOV"}, // 1.1 GB
		{"\x00\x00\x00\x00mdat", "MOV"},
		{"\x00\x00\x00\x08free\x00\x00\x00\x08mdat", "MOV"},
		{"FLV\x01\x05\x00\x00\x00\x09", "FLV"},
		{"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "ASF"},
		{strings.Repeat(string(packet), 3), "MPEG-TS"},
		{strings.Repeat("time"+string(packet), 3), "MPEG-TS"},
		{strings.Repeat(string(packet)+"error correction", 3), "MPEG-TS"},
		{"\x00\x00\x01\xba\x44", "MPEG-PS"},
		{"\x00\x00\x01\xba\x21", "MPEG-PS"},
		{string(frame) + string(frame), "MP3"},
		{string(aac) + string(aac), "AAC"},
		{tag, "MP3"},
		{tag[:10], "MP3"},
		{"ID3\x03\x00\x00\x00\x00\x7f\x7fAPIC", "MP3"},
		{tag + "\x00\x00\x00\x00fLaC\x00\x00\x00\x22", "FLAC"},
		{tag + tag + "fLaC\x00\x00\x00\x22", "FLAC"},
		{tag + string(aac) + string(aac), "AAC"},
		{tag + "RIFF\x24\x00\x00\x00WAVEfmt ", "WAV"},
		{tag + string(frame) + string(frame), "MP3"},
	} {
		if got := Of([]byte(tt.head)); got != tt.want {
			t.Errorf("%.40q: %q, want %q", tt.head, got, tt.want)
		}
	}
}

// TestMediaTexts has texts, and other files, that begin with the mark of a sound or video
// and are none.
func TestMediaTexts(t *testing.T) {
	for _, text := range []string{
		"RIFF and WAVE: what they are, and how a file is laid out",
		"RIFF the WAVEform, explained for artists",
		"RIFF, the WAVE",
		"RIFF the AVI format of old: a container",
		"FORM two AIFF files into one, then export",
		"riff.txt\nriff",
		"caff and desc are two words",
		".snd is the suffix of NeXT's sounds",
		"OggS is what each page begins with",
		"fLaC is the mark of a FLAC",
		"fLaC\nis",
		"wvpk is WavPack's mark, you know",
		"DSD is a sound format",
		"#!AMR is how it begins",
		"MThd and MTrk are chunks",
		"FLV\x01 is old",
		"The wide valley, golden hour, matte painting\n",
		"the mdat box holds the samples of a movie, and the index says where",
		"The moov box is written last",
		"Two free brushes for everyone\n",
		"Go, skip the intro\n",
		"the ftyp box comes first",
		"Use styp for a segment",
		"See sidx for the index",
		"The moof box of a fragment",
		"ID3 tags are what MP3 files have at their beginning",
		"ID3\n\n",
		"GGGGGGGG is how it sounds",
		"\xff\xfeT\x00h\x00e\x00 \x00w\x00i\x00d\x00e\x00",
		"\xff\xfb\x90\x64 followed by no other frame" + strings.Repeat(".", 500),
		"\x00\x00\x01\xba",
		"\x00\x00\x00\x04wide\x00\x00\x00\x00mdat",
		"\x00\x00\x00\x08wide\x00\x10\x00\x00\x00\x01\x02\x03",
		strings.Repeat("G"+strings.Repeat("x", 187), 2) + "no packet" + strings.Repeat("x", 200),
	} {
		if got := Of([]byte(text)); got != "" {
			t.Errorf("%.40q: %q, want none", text, got)
		}
	}
}

// TestTagSize has tags in a row, padding behind them, and what is no tag.
func TestTagSize(t *testing.T) {
	tag := "ID3\x04\x00\x00\x00\x00\x00\x06TIT2\x00\x00"
	for _, tt := range []struct {
		head string
		want int64
	}{
		{"", 0}, {"ID3", 0}, {"ID3 tags are", 0}, {"fLaC", 0},
		{tag, 16}, {tag[:12], 16}, {tag + tag + "\xff\xfb", 32}, {tag + "\x00\x00\x00\xff\xfb", 19},
		{"ID3\x04\x00\x10\x00\x00\x00\x06TIT2\x00\x003DI\x04\x00\x10\x00\x00\x00\x06\xff", 26},
		{"ID3\x03\x00\x00\x01\x00\x00\x00", 10 + 1<<21},
	} {
		if got := TagSize([]byte(tt.head)); got != tt.want {
			t.Errorf("%.20q: %d, want %d", tt.head, got, tt.want)
		}
	}
}
