package completeness

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// streamSamples are videos and sounds in packets and tags, and MIDI files.
func streamSamples(t testing.TB) []sample {
	var s []sample
	for _, f := range []sample{
		{file: "a.flv", format: "FLV", soft: at(flvTags(fixture(t, "a.flv"))...)},
		{file: "a.wmv", format: "ASF", raw: true},
		{file: "a.mpg", format: "MPEG-PS", endless: true, soft: always},
	} {
		f.data = fixture(t, f.file)
		s = append(s, f)
	}
	return append(s,
		sample{file: "song.mid", data: song(2), format: "MIDI", soft: at(14 + 8 + 84)},
		sample{file: "a.dsf", data: dsf(), format: "DSF", raw: true},
		sample{file: "ended.mpg", data: append(fixture(t, "a.mpg"), "\x00\x00\x01\xb9"...), format: "MPEG-PS", soft: always},
		sample{file: "packets.m2ts", data: fixture(t, "a.ts"), format: "MPEG-TS", endless: true, soft: always},
		sample{file: "timed.m2ts", data: timed(fixture(t, "a.ts")), format: "MPEG-TS", endless: true, soft: always},
	)
}

// flvTags are the offsets at which the tags of an FLV begin.
func flvTags(flv []byte) (offsets []int) {
	for off := 13; off+11 <= len(flv); off += 15 + int(be.Uint32(flv[off:])&0xFFFFFF) {
		offsets = append(offsets, off)
	}
	return offsets[1:]
}

// timed puts a time of four bytes before each packet.
func timed(ts []byte) (out []byte) {
	for p := range slices.Chunk(ts, 188) {
		out = append(append(out, "time"...), p...)
	}
	return out
}

// song is a MIDI file whose header says it has so many tracks, and that has two.
func song(tracks byte) []byte {
	b := []byte("MThd\x00\x00\x00\x06\x00\x01\x00" + string(tracks) + "\x01\xe0")
	for range 2 {
		track := append(bytes.Repeat([]byte("\x10\x90\x3c\x40"), 20), "\x00\xff\x2f\x00"...)
		b = append(append(append(b, "MTrk"...), be.AppendUint32(nil, uint32(len(track)))...), track...)
	}
	return b
}

func dsf() []byte {
	b := append([]byte("DSD \x1c\x00\x00\x00\x00\x00\x00\x00"), le.AppendUint64(nil, 28+500)...)
	b = append(b, make([]byte, 8)...)
	return append(b, random(500)...)
}

func TestMIDIDecisions(t *testing.T) {
	whole := song(2)
	wrong := bytes.Clone(whole)
	be.PutUint32(wrong[14+8+84+4:], 90)
	decide(t, []decision{
		{"whole", "a.mid", whole, Complete},
		{"bytes behind it", "a.mid", append(bytes.Clone(whole), "\n"...), Complete},
		{"zeros behind it", "a.mid", append(bytes.Clone(whole), make([]byte, 500)...), Complete},
		{"a chunk of a program between tracks", "a.mid", slices.Concat(whole[:14], []byte("XFIH\x00\x00\x00\x04abcd"), whole[14:]), Complete},
		{"cut", "a.mid", whole[:len(whole)-1], Incomplete},
		{"cut in a track's header", "a.mid", whole[:14+8+84+5], Incomplete},
		{"a track less than it says", "a.mid", song(3), CannotTell},
		{"a track's length that is too large", "a.mid", wrong, CannotTell},
		{"unfilled", "a.mid", append(bytes.Clone(whole[:14+8+84]), make([]byte, 92)...), Incomplete},
	})
}

func TestStreamDecisions(t *testing.T) {
	ts := fixture(t, "a.ts")
	m2ts := timed(ts)
	ps := fixture(t, "a.mpg")
	// The last packet fills its pack; one more that is short stands behind it.
	ps = append(bytes.Clone(ps), "\x00\x00\x01\xba\x21\x00\x01\x00\x01\x80\x00\x01\x00\x00\x01\xe0\x00\x64"...)
	ps = append(ps, random(100)...)
	end := "\x00\x00\x01\xb9"
	decide(t, []decision{
		{"packets", "a.ts", ts, CannotTell},
		{"a packet that is cut", "a.ts", ts[:len(ts)-9], Incomplete},
		{"packets, a newline behind", "a.ts", append(bytes.Clone(ts), '\n'), CannotTell},
		{"packets, text behind", "a.ts", append(bytes.Clone(ts), bytes.Repeat([]byte("text"), 100)...), CannotTell},
		{"packets, zeros behind", "a.ts", append(bytes.Clone(ts), make([]byte, 500)...), Incomplete},
		{"packets with times", "a.m2ts", m2ts, CannotTell},
		{"packets with times, cut", "a.m2ts", m2ts[:len(m2ts)-9], Incomplete},
		{"packets with times, cut in a time", "a.m2ts", m2ts[:len(m2ts)-190], Incomplete},
		{"a program in TypeScript", "a.ts", []byte("export const G = 1\n"), CannotTell},
		{"packs", "a.mpg", ps, CannotTell},
		{"packs, cut", "a.mpg", ps[:len(ps)-1], Incomplete},
		{"packs, cut in a header", "a.mpg", ps[:len(ps)-103], Incomplete},
		{"packs and the end mark", "a.mpg", append(bytes.Clone(ps), end...), Complete},
		{"packs, the end mark and zeros", "a.mpg", append(bytes.Clone(ps), end+string(make([]byte, 5000))...), Complete},
		{"packs and zeros", "a.mpg", append(bytes.Clone(ps), make([]byte, 5000)...), Incomplete},
		{"packs and text", "a.mpg", append(bytes.Clone(ps), "text"...), CannotTell},
	})
}

func TestFLVAndASFDecisions(t *testing.T) {
	flv, wmv := fixture(t, "a.flv"), fixture(t, "a.wmv")
	size := bytes.Index(flv, []byte("filesize\x00")) + 9
	stated := func(v float64) []byte {
		b := bytes.Clone(flv)
		be.PutUint64(b[size:], math.Float64bits(v))
		return b
	}
	open := stated(0)
	live := bytes.Clone(wmv)
	i := bytes.Index(live, []byte(asfProperties))
	live[i+88] |= 1
	clear(live[i+40 : i+48])
	decide(t, []decision{
		{"an FLV of stated length", "a.flv", flv, Complete},
		{"an FLV of stated length, cut", "a.flv", flv[:len(flv)-1], Incomplete},
		{"an FLV of a length that is not a number", "a.flv", stated(math.NaN()), CannotTell},
		{"an FLV that says it is longer", "a.flv", stated(1e9), CannotTell},
		{"an FLV without a length", "a.flv", open, CannotTell},
		{"an FLV without a length, cut", "a.flv", open[:len(open)-7], Incomplete},
		{"an FLV without a length, a newline behind", "a.flv", append(bytes.Clone(open), '\n'), CannotTell},
		{"an FLV without a length, zeros behind", "a.flv", append(bytes.Clone(open), make([]byte, 200)...), Incomplete},
		{"a WMV", "a.wmv", wmv, Complete},
		{"a WMV, cut", "a.wmv", wmv[:len(wmv)-1], Incomplete},
		{"a live recording", "a.wmv", live, CannotTell},
	})
}
