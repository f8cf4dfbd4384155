package completeness

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// boxSamples are files of boxes.
func boxSamples(t testing.TB) []sample {
	var s []sample
	for _, f := range []sample{
		{file: "a.mp4", format: "MP4"},
		{file: "fast.mp4", format: "MP4", raw: true}, // data of under a page at the end
		{file: "frag.mp4", format: "MP4", soft: always},
		{file: "init.mp4", format: "MP4", endless: true, raw: true},
		{file: "part.m4s", format: "MP4", raw: true},
		{file: "a.mov", format: "MOV"},
		{file: "tone.m4a", format: "M4A", raw: true},
		{file: "a.heic", format: "HEIC", raw: true},
		{file: "a.avif", format: "AVIF", raw: true},
		{file: "sequence.avif", format: "AVIF", raw: true},
	} {
		f.data = fixture(t, f.file)
		s = append(s, f)
	}
	return append(s,
		sample{file: "last.avif", data: indexLast(0), format: "AVIF"},
		sample{file: "inside.avif", data: insideIndex(), format: "AVIF", raw: true},
		sample{file: "mini.avif", data: slices.Concat(mkBox("ftyp", []byte("mif3avif")), mkBox("mini", random(200))), format: "AVIF", raw: true},
		sample{file: "a.cr3", data: camera(t), format: "CR3", raw: true},
	)
}

func mkBox(kind string, content ...[]byte) []byte {
	body := slices.Concat(content...)
	return append(append(be.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// camera is a raw picture of a camera: an MP4 with a brand of its own.
func camera(t testing.TB) []byte {
	mp4 := fixture(t, "fast.mp4")
	moov := bytes.Index(mp4, []byte("moov")) - 4
	return append(mkBox("ftyp", []byte("crx \x00\x00\x00\x01crx isom")), mp4[moov:]...)
}

// places is a table of version 1 of one item in two pieces, and of one in the index.
func places(method byte, at1, n1, at2, n2 uint32) []byte {
	p := []byte("\x01\x00\x00\x00\x44\x00\x00\x02")
	p = append(p, 0, 1, 0, method, 0, 0, 0, 2)
	for _, v := range []uint32{at1, n1, at2, n2} {
		p = be.AppendUint32(p, v)
	}
	p = append(p, 0, 2, 0, 1, 0, 0, 0, 1) // the table of a grid
	return append(p, "\x00\x00\x00\x00\x00\x00\x00\x08"...)
}

// indexLast is a still image whose index stands behind its data, with an item that is said
// to go on for more bytes than there are.
func indexLast(more uint32) []byte {
	ftyp := mkBox("ftyp", []byte("avif\x00\x00\x00\x00mif1miaf"))
	data := uint32(len(ftyp) + 8)
	b := append(ftyp, mkBox("mdat", random(500))...)
	index := mkBox("meta", make([]byte, 4), mkBox("hdlr", []byte("\x00\x00\x00\x00\x00\x00\x00\x00pict")),
		mkBox("iloc", places(0, data, 100, data+100, 400+more)), mkBox("idat", []byte("\x00\x00\x01\x01\x00\x40\x00\x40")))
	return append(b, index...)
}

// insideIndex is a still image whose data are in its index.
func insideIndex() []byte {
	return append(mkBox("ftyp", []byte("avif\x00\x00\x00\x00mif1miaf")),
		mkBox("meta", make([]byte, 4), mkBox("hdlr", []byte("\x00\x00\x00\x00\x00\x00\x00\x00pict")),
			mkBox("iloc", places(1, 8, 100, 108, 400)), mkBox("idat", random(508)))...)
}

func TestMP4Decisions(t *testing.T) {
	fast, slow := fixture(t, "fast.mp4"), fixture(t, "a.mp4")
	data := bytes.Index(fast, []byte("mdat")) - 4
	index := bytes.Index(slow, []byte("moov")) - 4
	toEnd := bytes.Clone(fast)
	be.PutUint32(toEnd[data:], 0)
	recording := bytes.Clone(slow[:index])
	be.PutUint32(recording[bytes.Index(recording, []byte("mdat"))-4:], 0)
	wide := append(bytes.Clone(fast[:data]), 0, 0, 0, 1, 'm', 'd', 'a', 't')
	wide = be.AppendUint64(wide, uint64(len(fast)-data+8))
	wide = append(wide, fast[data+8:]...)
	huge := bytes.Clone(wide)
	be.PutUint64(huge[data+8:], math.MaxUint64)
	big := append(bytes.Clone(fast[:data]), be.AppendUint32(nil, 2*many)...)
	big = append(append(big, "mdat"...), random(2*many-8)...)
	unfilled := bytes.Clone(big)
	clear(unfilled[len(unfilled)-many:])
	quicktime := bytes.Clone(unfilled)
	copy(quicktime[8:], "qt  ")
	spare := append(bytes.Clone(fast), mkBox("free", make([]byte, 0x1000))...)
	old := append(mkBox("wide"), slow[bytes.Index(slow, []byte("mdat"))-4:]...)
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	decide(t, []decision{
		{"index first, data to the end of the file", "a.mp4", toEnd, CannotTell},
		{"recording: data to the end, no index yet", "a.mp4", recording, Incomplete},
		{"data without an index", "a.mp4", slow[:index], Incomplete},
		{"index without data", "a.mp4", fast[:data], Incomplete},
		{"a length of 64 bits", "a.mp4", wide, Complete},
		{"a length of 64 bits, cut", "a.mp4", wide[:len(wide)-1], Incomplete},
		{"a length beyond any file", "a.mp4", huge, Incomplete},
		{"data whose end is not there yet", "a.mp4", unfilled, Incomplete},
		{"QuickTime, whose sound may be silence", "a.mov", quicktime, CannotTell},
		{"an old QuickTime file", "a.mov", old, Complete},
		{"an old QuickTime file, cut", "a.mov", old[:len(old)-9], Incomplete},
		{"a QuickTime file that names others", "a.mov", mkBox("moov", mkBox("rmra", mkBox("rmda", random(60)))), CannotTell},
		{"spare room at the end", "a.mp4", spare, Complete},
		{"spare room at the end, cut", "a.mp4", spare[:len(spare)-100], Incomplete},
		{"a whole box of a camera behind the end", "a.mp4", join(fast, mkBox("gpsa", random(100))), Complete},
		{"a box of a phone behind the end, cut", "a.mp4", join(fast, mkBox("uuid", random(100))[:50]), Incomplete},
		{"zeros behind the end", "a.mp4", join(fast, make([]byte, 100)), Complete},
		{"four zeros and a word behind the end", "a.mp4", join(fast, []byte("\x00\x00\x00\x00word")), Complete},
		{"something else behind the end", "a.mp4", join(fast, []byte("\x01\x02\x03\x04\x05\x06\x07\x08\x09")), Complete},
		{"text behind the end", "a.mp4", join(fast, []byte("GPS 52.1 N 13.4 E, firmware 1.0")), Complete},
	})
}

func TestFragmentDecisions(t *testing.T) {
	start, part, whole := fixture(t, "init.mp4"), fixture(t, "part.m4s"), fixture(t, "frag.mp4")
	bare := part[bytes.Index(part, []byte("moof"))-4:]
	data := bytes.Index(bare, []byte("mdat")) - 4
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	unfilled := bytes.Clone(whole)
	clear(unfilled[len(unfilled)-16:])
	decide(t, []decision{
		{"the first part of a stream", "init.mp4", start, CannotTell},
		{"the first part of a stream, cut", "init.mp4", start[:len(start)-1], Incomplete},
		{"a part whose lengths are told", "1.m4s", part, Complete},
		{"a part whose lengths are told, a newline behind", "1.m4s", join(part, []byte("\n")), Complete},
		{"a part", "1.m4s", bare, CannotTell},
		{"a part, cut", "1.m4s", bare[:len(bare)-1], Incomplete},
		{"a part, cut before its data", "1.m4s", bare[:data], Incomplete},
		{"several parts", "1.m4s", join(bare, bare), CannotTell},
		{"a part, text behind", "1.m4s", join(bare, []byte("some text behind")), CannotTell},
		{"all parts in one file", "a.mp4", join(start, part, bare), CannotTell},
		{"all parts in one file, the last cut", "a.mp4", join(start, part, bare[:len(bare)-7]), Incomplete},
		{"all parts in one file, the last without data", "a.mp4", join(start, part, bare[:data]), Incomplete},
		{"all parts in one file, one of those told missing", "a.mp4", join(start, part[:bytes.Index(part, []byte("moof"))-4]), Incomplete},
		{"an index of fragments", "a.mp4", whole, Complete},
		{"an index of fragments that is not yet written", "a.mp4", unfilled, Incomplete},
	})
}

func TestStillDecisions(t *testing.T) {
	heic := fixture(t, "a.heic")
	data := bytes.Index(heic, []byte("mdat")) - 4
	last := indexLast(0)
	toEnd := bytes.Clone(heic)
	be.PutUint32(toEnd[data:], 0)
	decide(t, []decision{
		{"data to the end of the file", "a.heic", toEnd, Complete},
		{"data to the end of the file, cut", "a.heic", toEnd[:len(toEnd)-1], Incomplete},
		{"no data behind the index", "a.heic", heic[:data], Incomplete},
		{"data of which a box has not all", "a.heic", heic[:len(heic)-1], Incomplete},
		{"bytes behind it", "a.heic", append(bytes.Clone(heic), "\n"...), Complete},
		{"a phone's video behind it", "a.heic", append(bytes.Clone(heic), mkBox("mpvd", random(300))...), Complete},
		{"a phone's video behind it, cut", "a.heic", append(bytes.Clone(heic), mkBox("mpvd", random(300))[:100]...), Incomplete},
		{"a picture that goes on behind the end", "a.avif", indexLast(5000), Incomplete},
		{"an index behind the data", "a.avif", last, Complete},
		{"an index behind the data, zeros behind it", "a.avif", append(bytes.Clone(last), make([]byte, 5000)...), Complete},
		{"data in the index", "a.avif", insideIndex(), Complete},
		{"data in the index, cut", "a.avif", insideIndex()[:400], Incomplete},
	})
}
