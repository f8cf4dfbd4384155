package completeness

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// soundSamples are sounds in containers of chunks and pages.
func soundSamples(t testing.TB) []sample {
	var s []sample
	for _, f := range []sample{
		{file: "vorbis.ogg", format: "OGG"},
		{file: "opus.opus", format: "OGG"},
		{file: "theora.ogg", format: "OGG"},
		{file: "speex.spx", format: "OGG"},
		{file: "adpcm.caf", format: "CAF", raw: true},
		{file: "alac.caf", format: "CAF", raw: true},
		{file: "tone.w64", format: "W64", raw: true},
		{file: "tone.au", format: "AU", raw: true},
		{file: "tone.aiff", format: "AIFF", raw: true},
		{file: "tone.aifc", format: "AIFF", raw: true},
	} {
		f.data = fixture(t, f.file)
		if f.format == "OGG" {
			f.soft = at(oggPages(f.data)...)
		}
		s = append(s, f)
	}
	open := withoutEnd(fixture(t, "opus.opus"))
	return append(s,
		sample{file: "open.opus", data: open, format: "OGG", endless: true, soft: at(oggPages(open)...)},
		sample{file: "a.aiff", data: sampleAIFF(), format: "AIFF", raw: true},
		sample{file: "unpadded.aiff", data: oddAIFF(1, ""), format: "AIFF", raw: true},
		sample{file: "piped.aiff", data: pipedAIFF(), format: "AIFF", endless: true, soft: from(46), raw: true},
		sample{file: "piped.caf", data: pipedCAF(), format: "CAF", endless: true, soft: from(56), raw: true},
		sample{file: "piped.rf64", data: pipedRF64(), format: "WAV", endless: true, soft: from(80), raw: true},
		sample{file: "tagged.wav", data: append([]byte(id3Tag), sampleWAV(36+1000, 1000, random(1000), "")...), format: "WAV", soft: at(20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31), raw: true},
	)
}

// id3Tag is a tag of 20 bytes.
const id3Tag = "ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00"

// oggPages are the offsets at which the pages of an OGG begin.
func oggPages(ogg []byte) (offsets []int) {
	for off := 0; off < len(ogg); {
		offsets = append(offsets, off)
		n, _ := oggPage(ogg[off:])
		off += max(n, 1)
	}
	return offsets[1:]
}

// withoutEnd takes the end mark from an OGG's last page, as a messenger's voice message
// lacks it.
func withoutEnd(ogg []byte) []byte {
	ogg = bytes.Clone(ogg)
	page := ogg[bytes.LastIndex(ogg, []byte(oggMark)):]
	page[5] &^= oggLast
	seal(page)
	return ogg
}

// seal enters a page's checksum.
func seal(page []byte) {
	clear(page[22:26])
	le.PutUint32(page[22:], newOGGSum().add(0, page))
}

// oddAIFF has samples of odd length without the padding behind them, and a length of the
// whole that is more by so much.
func oddAIFF(more int, tail string) []byte {
	body := append([]byte("AIFFCOMM\x00\x00\x00\x12\x00\x01\x00\x00\x00\x2d\x00\x08\x40\x0c\xfa\x00\x00\x00\x00\x00\x00\x00SSND\x00\x00\x00\x35\x00\x00\x00\x00\x00\x00\x00\x00"), random(45)...)
	body = append(body, tail...)
	return append(be.AppendUint32([]byte("FORM"), uint32(len(body)+more)), body...)
}

func pipedAIFF() []byte {
	b := sampleAIFF()
	clear(b[4:8])
	data := bytes.Index(b, []byte("SSND"))
	clear(b[data+4 : data+8])
	return b
}

func pipedCAF() []byte {
	b := []byte("caff\x00\x01\x00\x00desc\x00\x00\x00\x00\x00\x00\x00\x20\x40\xbf\x40\x00\x00\x00\x00\x00lpcm\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x10")
	return append(append(b, "data\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"...), random(500)...)
}

// pipedRF64 is what FFmpeg writes into a pipe when told to write RF64 always: the chunk of
// lengths is there, with zeros.
func pipedRF64() []byte {
	b := append([]byte("RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"), make([]byte, 28)...)
	b = append(b, "fmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\xff\xff\xff\xff"...)
	return append(b, random(1000)...)
}

func TestWAVDecisions(t *testing.T) {
	sound := random(1000)
	odd := random(1001)
	info := "LIST\x08\x00\x00\x00INFOabcd"
	decide(t, []decision{
		{"lengths that were never entered", "a.wav", sampleWAV(0, 0, sound, ""), CannotTell},
		{"the header's length with no samples counted", "a.wav", sampleWAV(36, 0, sound, ""), CannotTell},
		{"only the samples' length was entered", "a.wav", sampleWAV(0, 1000, sound, ""), CannotTell},
		{"only the samples' length was entered, cut", "a.wav", sampleWAV(0, 1000, sound[:990], ""), Incomplete},
		{"FFmpeg to a pipe", "a.wav", sampleWAV(math.MaxUint32, math.MaxUint32, sound, ""), CannotTell},
		{"SoX to a pipe", "a.wav", sampleWAV(0x7FFFF024, 0x7FFFF000, sound, ""), CannotTell},
		{"ALSA to a pipe", "a.wav", sampleWAV(0x7FFFFF24, 0x7FFFFF00, sound, ""), CannotTell},
		{"the largest number and the header", "a.wav", sampleWAV(0x80000023, 0x7FFFFFFF, sound, ""), CannotTell},
		{"all ones, less the header", "a.wav", sampleWAV(math.MaxUint32, math.MaxUint32-36, sound, ""), CannotTell},
		{"samples of known length in a whole of unknown", "a.wav", sampleWAV(math.MaxUint32, 1000, sound, ""), Complete},
		{"a length that counts the header", "a.wav", sampleWAV(44+1000, 1000, sound, ""), Complete},
		{"a length without the header", "a.wav", sampleWAV(1000, 1000, sound, ""), Complete},
		{"padding counted and missing", "a.wav", sampleWAV(36+1002, 1001, odd, ""), Complete},
		{"padding missing before a chunk", "a.wav", sampleWAV(36+1001+16, 1001, odd, info), Complete},
		{"padding missing before a chunk, and counted", "a.wav", sampleWAV(36+1002+16, 1001, odd, info), Complete},
		{"padding missing in the last chunk", "a.wav", sampleWAV(36+1000+16, 1000, sound, "LIST\x07\x00\x00\x00INFOabc"), Complete},
		{"padding missing in the header", "a.wav", bytes.Replace(sampleWAV(36+1000+9, 1000, sound, ""), []byte("data"), []byte("note\x01\x00\x00\x00xdata"), 1), Complete},
		{"a chunk behind the sound is missing", "a.wav", sampleWAV(36+1000+24, 1000, sound, ""), Incomplete},
		{"a chunk behind the sound is cut", "a.wav", sampleWAV(36+1000+26, 1000, sound, "LIST\x12\x00\x00\x00INFOabcd"), Incomplete},
		{"a tag behind the end", "a.wav", sampleWAV(36+1000, 1000, sound, id3Tag), Complete},
		{"zeros behind the end", "a.wav", sampleWAV(36+1000, 1000, sound, string(make([]byte, 5000))), Complete},
		{"it ends in silence", "a.wav", sampleWAV(36+2000, 2000, append(random(1000), make([]byte, 1000)...), ""), CannotTell},
		{"no sound at all", "a.wav", sampleWAV(36, 0, nil, ""), Complete},
		{"no sound but a chunk behind it", "a.wav", sampleWAV(36+16, 0, nil, info), Complete},
		{"no chunk of samples", "a.wav", []byte("RIFF\x1c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"), CannotTell},
		{"no chunks", "a.wav", append([]byte("RIFF\x00\x10\x00\x00WAVEfmt \x10\x00\x00\x00"), bytes.Repeat([]byte{0xAB}, 5000)...), CannotTell},
		{"RF64 to a pipe", "a.wav", pipedRF64(), CannotTell},
	})
}

func TestAIFFDecisions(t *testing.T) {
	whole := sampleAIFF()
	longer := bytes.Clone(whole)
	be.PutUint32(longer[4:], uint32(len(longer)-8+200))
	silent := bytes.Clone(whole)
	clear(silent[len(silent)-500:])
	name := "NAME\x00\x00\x00\x04tone"
	unfilled := append(bytes.Clone(longer), make([]byte, 200)...)
	decide(t, []decision{
		{"padding counted and missing", "a.aif", oddAIFF(1, ""), Complete},
		{"padding missing and not counted", "a.aif", oddAIFF(0, ""), Complete},
		{"padding missing before a chunk", "a.aif", oddAIFF(0, name), Complete},
		{"padding counted and missing, cut", "a.aif", oddAIFF(1, "")[:90], Incomplete},
		{"into a pipe", "a.aif", pipedAIFF(), CannotTell},
		{"a chunk behind the sound is missing", "a.aif", longer, Incomplete},
		{"a chunk behind the sound is not yet written", "a.aif", unfilled, CannotTell},
		{"it ends in silence", "a.aif", silent, CannotTell},
		{"a newline behind the end", "a.aif", append(bytes.Clone(whole), '\n'), Complete},
		{"no samples", "a.aif", []byte("FORM\x00\x00\x00\x1eAIFFCOMM\x00\x00\x00\x12\x00\x01\x00\x00\x00\x00\x00\x10\x40\x0b\xfa\x00\x00\x00\x00\x00\x00\x00"), CannotTell},
	})
}

func TestOGGDecisions(t *testing.T) {
	ogg := fixture(t, "opus.opus")
	open := withoutEnd(ogg)
	pages := oggPages(ogg)
	last := pages[len(pages)-1]
	wrongSums := func(ogg []byte) []byte {
		ogg = bytes.Clone(ogg)
		for _, p := range append(oggPages(ogg), 0) {
			ogg[p+22] ^= 1
		}
		return ogg
	}
	junk := append(append(bytes.Clone(open[:last]), "some junk between two pages"...), open[last:]...)
	theora := fixture(t, "theora.ogg")
	video := oggPages(theora)
	oneEnds := theora[:video[len(video)-1]]
	packet := random(1000)
	copy(packet[200:], "OggS\x00\x04")
	copy(packet[200+26:], "\xff")
	page := append([]byte("OggS\x00\x00\x80\xbb\x00\x00\x00\x00\x00\x00serial\x09\x00....\x04\xff\xff\xff\xeb"), packet...)
	seal(page)
	byChance := append(bytes.Clone(open), page...)
	far := append(bytes.Clone(ogg), bytes.Repeat([]byte("camera "), 20000)...)
	decide(t, []decision{
		{"without the end mark", "a.ogg", open, CannotTell},
		{"without the end mark, cut", "a.ogg", open[:len(open)-1], Incomplete},
		{"cut in the next page's mark", "a.ogg", open[:last+3], Incomplete},
		{"cut between two pages", "a.ogg", open[:last], CannotTell},
		{"without the end mark, a newline behind", "a.ogg", append(bytes.Clone(open), '\n'), CannotTell},
		{"without the end mark, a tag behind", "a.ogg", append(bytes.Clone(open), id3Tag...), CannotTell},
		{"without the end mark, zeros behind", "a.ogg", append(bytes.Clone(open), make([]byte, 5000)...), Incomplete},
		{"zeros behind the end", "a.ogg", append(bytes.Clone(ogg), make([]byte, 5000)...), Complete},
		{"more than a page's length behind the end", "a.ogg", far, Complete},
		{"more than a page's length of zeros behind the end", "a.ogg", append(bytes.Clone(ogg), make([]byte, 100000)...), Complete},
		{"a second sound behind the first", "a.ogg", append(bytes.Clone(ogg), ogg...), Complete},
		{"a second sound behind the first, cut", "a.ogg", append(bytes.Clone(ogg), ogg[:len(ogg)-5]...), Incomplete},
		{"junk between two pages", "a.ogg", junk, CannotTell},
		{"the mark by chance within the last page", "a.ogg", byChance, CannotTell},
		{"wrong checksums throughout", "a.ogg", wrongSums(ogg), CannotTell},
		{"wrong checksums throughout, no end mark", "a.ogg", wrongSums(open), CannotTell},
		{"wrong checksums throughout, cut", "a.ogg", wrongSums(open)[:len(open)-9], Incomplete},
		{"one of two streams has no end", "a.ogg", oneEnds, CannotTell},
	})
}

func TestOtherSoundDecisions(t *testing.T) {
	alac := fixture(t, "alac.caf")
	w64 := fixture(t, "tone.w64")
	piped := bytes.Clone(w64)
	for i := range 8 {
		piped[16+i] = 0xFF
	}
	binary.LittleEndian.PutUint64(piped[bytes.Index(piped, []byte("data\xf3"))+16:], math.MaxInt64)
	au := fixture(t, "tone.au")
	endlessAU := bytes.Clone(au)
	be.PutUint32(endlessAU[8:], math.MaxUint32)
	pakt := bytes.Index(alac, []byte("pakt"))
	decide(t, []decision{
		{"a CAF whose table of packets is missing", "a.caf", alac[:pakt], Incomplete},
		{"a CAF with bytes behind it", "a.caf", append(bytes.Clone(alac), "\n"...), Complete},
		{"a CAF with much behind it", "a.caf", append(bytes.Clone(alac), make([]byte, 9000)...), Complete},
		{"a CAF of unknown length", "a.caf", pipedCAF(), CannotTell},
		{"a W64 of unknown length", "a.w64", piped, CannotTell},
		{"a W64 with bytes behind it", "a.w64", append(bytes.Clone(w64), "\n"...), Complete},
		{"an AU of unknown length", "a.au", endlessAU, CannotTell},
		{"an AU with bytes behind it", "a.au", append(bytes.Clone(au), "\n"...), Complete},
	})
}

// behind is what programs leave behind the end of a file.
var behind = map[string][]byte{
	"a newline":  []byte("\n"),
	"four zeros": make([]byte, 4),
	"zeros":      make([]byte, 5000),
	"a tag":      append([]byte("TAG"), make([]byte, 125)...),
	"text":       []byte("some text that a camera writes"),
	"a megabyte": bytes.Repeat([]byte("0123456789abcdef"), 1<<16),
}

// TestBehindMedia has bytes behind the proven end of sounds and videos: the verdict is the
// same as without them, but where a tag or mark near the very end is the proof.
func TestBehindMedia(t *testing.T) {
	for _, s := range mediaSamples(t) {
		if s.endless {
			continue
		}
		for name, tail := range behind {
			if v := verdict(s.file, append(bytes.Clone(s.data), tail...)); v.State != Complete && (s.file != "id3v1.mp3" && s.file != "ended.mpg" || v.State == Incomplete) {
				t.Errorf("%s with %s behind it: %s %s", s.file, name, v.State, v.Detail)
			}
		}
	}
}

func mediaSamples(t testing.TB) []sample {
	return slices.Concat(soundSamples(t), frameSamples(t), boxSamples(t), streamSamples(t))
}
