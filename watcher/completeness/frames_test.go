package completeness

import (
	"bytes"
	"strings"
	"testing"
)

// frameSamples are sounds made of frames.
func frameSamples(t testing.TB) []sample {
	var s []sample
	for _, f := range []sample{
		{file: "lame.mp3", format: "MP3", soft: always},
		{file: "id3v1.mp3", format: "MP3", soft: always},
		{file: "noxing.mp3", format: "MP3", endless: true, soft: always},
		{file: "tone.mp2", format: "MP3", endless: true, soft: always},
		{file: "tone.aac", format: "AAC", endless: true, soft: always},
		{file: "tone.flac", format: "FLAC"},
		{file: "stereo.flac", format: "FLAC"},
	} {
		f.data = fixture(t, f.file)
		s = append(s, f)
	}
	return append(s,
		sample{file: "tagged.flac", data: append([]byte(id3Tag), fixture(t, "stereo.flac")...), format: "FLAC", soft: at(20)},
		sample{file: "piped.flac", data: unknownLength(fixture(t, "stereo.flac")), format: "FLAC", endless: true, soft: always},
	)
}

// unknownLength takes the number of samples and the longest frame from a FLAC, as an
// encoder that writes into a pipe leaves them.
func unknownLength(flac []byte) []byte {
	flac = bytes.Clone(flac)
	clear(flac[8+4 : 8+10])
	flac[8+13] &= 0xF0
	clear(flac[8+14 : 8+18])
	return flac
}

func TestMP3Decisions(t *testing.T) {
	lame, plain := fixture(t, "lame.mp3"), fixture(t, "noxing.mp3")
	info := bytes.Index(lame, []byte("Info"))
	if info < 0 {
		info = bytes.Index(lame, []byte("Xing"))
	}
	unpatched := bytes.Clone(lame)
	clear(unpatched[info+8 : info+16])
	longer := bytes.Clone(lame)
	be.PutUint32(longer[info+12:], be.Uint32(longer[info+12:])+400)
	frame := append([]byte("\xff\xfb\x90\x64"), bytes.Repeat([]byte{'U'}, 413)...)
	frames := bytes.Repeat(frame, 30)
	vbri := append(append(bytes.Clone(frame[:36]), "VBRI\x00\x01\x00\x00\x00\x00\x00\x00\x32\x7f"...), frame[50:]...)
	vbri = append(vbri, frames...)
	cutVBRI := vbri[:len(vbri)-10]
	ape := append([]byte("a title"), "APETAGEX\xd0\x07\x00\x00\x27\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	id3v1 := append([]byte("TAGa title of a song, and of an artist whose name is long"), bytes.Repeat([]byte(" "), 71)...)
	free := bytes.Repeat(append([]byte("\xff\xfb\x00\x64"), bytes.Repeat([]byte{'U'}, 333)...), 20)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	far := bytes.Repeat([]byte("words of a song "), 5000)
	decide(t, []decision{
		{"the encoder has not entered the length", "a.mp3", unpatched, Incomplete},
		{"a length that is too large", "a.mp3", longer, CannotTell},
		{"zeros behind the last frame", "a.mp3", join(plain, make([]byte, 200)), Incomplete},
		{"zeros behind the stated end", "a.mp3", join(lame, make([]byte, 5000)), Complete},
		{"an ID3 tag and nothing else", "a.mp3", lame[:40], Incomplete},
		{"no MP3", "a.mp3", []byte("#EXTM3U, a list of songs and not a song"), CannotTell},
		{"Fraunhofer's header", "a.mp3", vbri, Complete},
		{"Fraunhofer's header, cut", "a.mp3", cutVBRI, Incomplete},
		{"only frames", "a.mp3", frames, CannotTell},
		{"only frames, cut", "a.mp3", frames[:len(frames)-5], Incomplete},
		{"only frames, cut within a header", "a.mp3", frames[:len(frames)-len(frame)+2], Incomplete},
		{"only frames, a newline behind", "a.mp3", join(frames, []byte("\n")), CannotTell},
		{"only frames, text behind", "a.mp3", join(frames, []byte("the words of the song")), CannotTell},
		{"only frames, much text behind", "a.mp3", join(frames, far), CannotTell},
		{"only frames, much text and a cut frame behind", "a.mp3", join(frames, far, frames[:len(frames)-9]), Incomplete},
		{"junk between frames", "a.mp3", join(frames, []byte("junk"), frames), CannotTell},
		{"junk between frames, cut", "a.mp3", join(frames, []byte("junk"), frames[:len(frames)-5]), Incomplete},
		{"ID3v1", "a.mp3", join(frames, id3v1), Complete},
		{"a last frame that is cut before ID3v1", "a.mp3", join(frames[:len(frames)-5], id3v1), Complete},
		{"APE", "a.mp3", join(frames, ape), Complete},
		{"APE and ID3v1", "a.mp3", join(frames, ape, id3v1), Complete},
		{"Lyrics3 and ID3v1", "a.mp3", join(frames, []byte("LYRICSBEGININD0000200LYR00002la000030LYRICS200"), id3v1), Complete},
		{"ID3v2 at the end", "a.mp3", join(frames, []byte("ID3\x04\x00\x10\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x003DI\x04\x00\x10\x00\x00\x00\x0a")), Complete},
		{"a free bit rate", "a.mp3", free, CannotTell},
		{"two tags before it", "a.mp3", join([]byte(id3Tag), []byte(id3Tag), lame), Complete},
	})
}

func TestAACDecisions(t *testing.T) {
	aac := fixture(t, "tone.aac")
	id3v1 := "TAG" + strings.Repeat("x", 125)
	decide(t, []decision{
		{"a newline behind", "a.aac", append(bytes.Clone(aac), '\n'), CannotTell},
		{"a tag behind", "a.aac", append(bytes.Clone(aac), id3v1...), Complete},
		{"zeros behind", "a.aac", append(bytes.Clone(aac), make([]byte, 500)...), Incomplete},
		{"a tag before it", "a.aac", append([]byte(id3Tag), aac...), CannotTell},
		{"a tag before it, cut", "a.mp3", append([]byte(id3Tag), aac[:len(aac)-3]...), Incomplete},
		{"cut", "a.aac", aac[:len(aac)-3], Incomplete},
		{"no AAC", "a.aac", []byte("ADIF of another kind"), CannotTell},
	})
}

func TestFLACDecisions(t *testing.T) {
	for _, file := range []string{"tone.flac", "stereo.flac"} {
		flac := fixture(t, file)
		piped := unknownLength(flac)
		damaged := bytes.Clone(flac)
		damaged[len(damaged)-1] ^= 1
		tag := append([]byte("TAG"), bytes.Repeat([]byte(" "), 125)...)
		decide(t, []decision{
			{"without its number of samples", "a.flac", piped, CannotTell},
			{"the same, cut", "a.flac", piped[:len(piped)-1], Incomplete},
			{"the same, a newline behind", "a.flac", append(bytes.Clone(piped), '\n'), CannotTell},
			{"the same, zeros behind", "a.flac", append(bytes.Clone(piped), make([]byte, 5000)...), Incomplete},
			{"a last frame with a wrong checksum", "a.flac", damaged, Incomplete},
			{"a tag behind", "a.flac", append(bytes.Clone(flac), tag...), Complete},
			{"a tag with empty fields behind", "a.flac", append(bytes.Clone(flac), append([]byte("TAGtitle"), make([]byte, 120)...)...), Complete},
			{"a newline behind", "a.flac", append(bytes.Clone(flac), '\n'), Complete},
			{"two megabytes behind", "a.flac", append(bytes.Clone(flac), bytes.Repeat([]byte("\xff\xf8 text"), 300_000)...), Complete},
			{"a tag before it", "a.flac", append([]byte(id3Tag), flac...), Complete},
			{"a large tag before it", "a.mp3", append(append([]byte("ID3\x03\x00\x00\x00\x00\x40\x00"), make([]byte, 8192)...), flac...), Complete},
			{"a tag before it, cut", "a.mp3", append([]byte(id3Tag), flac[:len(flac)-1]...), Incomplete},
		})
	}
}
