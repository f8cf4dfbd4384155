package completeness

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io"
	"testing"
)

// provesItsEnd has the picture formats that do.
func provesItsEnd(format string) bool {
	switch format {
	case "PNG", "JPEG", "GIF", "WebP", "PSD", "TIFF", "ORF", "EXR",
		"BMP", "TGA", "DDS", "KTX", "KTX2", "JP2", "Aseprite", "QOI", "ICO", "XCF", "JXL",
		"HDR", "PNM", "PAM", "PFM", "SGI", "Sun raster", "PCX":
		return true
	}
	return false
}

// TestBytesBehindPictures has bytes behind a proven end: they do not matter, whatever
// they are and however many.
func TestBytesBehindPictures(t *testing.T) {
	old := samplePNG(t)
	tails := map[string][]byte{
		"a newline":           []byte("\n"),
		"a byte":              {0xFF},
		"zeros":               make([]byte, 4),
		"a page of zeros":     make([]byte, many),
		"padding to a MiB":    make([]byte, 1<<20),
		"a text":              []byte("made by another program"),
		"a longer file's end": append(random(100<<10), old...),
		"much of anything":    bytes.Repeat([]byte("data of a camera "), 20<<10),
	}
	for _, s := range samples(t) {
		if !provesItsEnd(s.format) || s.endless {
			continue
		}
		for name, tail := range tails {
			if v := verdict(s.file, append(bytes.Clone(s.data), tail...)); v.State != Complete {
				t.Errorf("%s with %s behind it: %s %s", s.file, name, v.State, v.Detail)
			}
		}
	}
}

func TestPNGDecisions(t *testing.T) {
	chunks := manyChunks(t)
	rest := append(bytes.Clone(chunks), bytes.Repeat(chunks[40:1000], 100)...)
	hollow := bytes.Clone(rest)
	clear(hollow[len(chunks)/2 : len(chunks)+100])
	decide(t, []decision{
		{"thousands of chunks, and a longer file's rest behind them", "a.png", rest, Complete},
		{"the same without an end mark", "a.png", append(bytes.Clone(chunks[:len(chunks)-len(iend)]), rest[len(chunks):]...), Incomplete},
		{"the same with a hole", "a.png", hollow, Incomplete},
	})
}

func TestGIFDecisions(t *testing.T) {
	large := sampleGIF(t, 800)
	unfilled := bytes.Clone(large)
	clear(unfilled[len(large)/2:])
	decide(t, []decision{
		{"large, with a newline behind it", "a.gif", append(bytes.Clone(large), '\n'), Complete},
		{"large, cut", "a.gif", large[:len(large)-1], Incomplete},
		{"large, cut, with a newline behind it", "a.gif", append(bytes.Clone(large[:len(large)-2]), '\n'), Incomplete},
		{"large, unfilled", "a.gif", unfilled, Incomplete},
		{"a text", "a.gif", []byte("GIF89a is the format to use for emotes\n"), CannotTell},
	})
}

func TestWebPDecisions(t *testing.T) {
	frames := make([][]byte, 70)
	for i := range frames {
		frames[i] = random(300)
	}
	many := sampleWebP(frames...)
	unfilled := bytes.Clone(many)
	clear(unfilled[len(many)/2:])
	still := stillWebP("VP8L", 512, 3000, 0)
	decide(t, []decision{
		{"flat content, lossy", "a.webp", stillWebP("VP8 ", 4096, 20000, 40000), CannotTell},
		{"flat content, lossless", "a.webp", stillWebP("VP8L", 512, 3000, 8000), CannotTell},
		{"more zeros than pixels, lossy", "a.webp", stillWebP("VP8 ", 512, 20000, 40000), Incomplete},
		{"more zeros than pixels, lossless", "a.webp", stillWebP("VP8L", 128, 3000, 20000), Incomplete},
		{"an animation of many frames", "a.webp", many, Complete},
		{"the same, unfilled", "a.webp", unfilled, Incomplete},
		{"metadata behind the picture", "a.webp", append(le.AppendUint32([]byte("RIFF"), uint32(len(still)-8+20)), append(bytes.Clone(still[8:]), riffChunk("XMP ", random(12))...)...), Complete},
	})
}

func TestPSDDecisions(t *testing.T) {
	zip := samplePSD(3, zipped(random(3*40*50)))
	decide(t, []decision{
		{"zipped", "a.psd", zip, CannotTell},
		{"zipped, padded to a MiB", "a.psd", append(bytes.Clone(zip), make([]byte, 1<<20-len(zip))...), Complete},
		{"zipped, unfilled", "a.psd", append(bytes.Clone(zip[:len(zip)-100]), make([]byte, 1<<20)...), Incomplete},
		{"uncompressed, padded", "a.psd", append(samplePSD(0, random(3*40*50)), make([]byte, 9000)...), Complete},
		{"rows, padded to a MiB", "a.psb", append(samplePSB16(), make([]byte, 1<<20)...), Complete},
		{"rows, unfilled", "a.psb", append(bytes.Clone(samplePSB16()[:300]), make([]byte, 30)...), Incomplete},
	})
}

// withSegments puts so many comments before the picture.
func withSegments(jpg []byte, n int) []byte {
	out := bytes.Clone(jpg[:2])
	for i := range n {
		out = append(out, fmt.Sprintf("\xff\xfe\x00\x06%04d", i)...)
	}
	return append(out, jpg[2:]...)
}

func TestJPEGBehindTheEnd(t *testing.T) {
	jpg := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, noise(64, 64), nil) })
	progressive := fixture(t, "progressive.jpg")
	pair := fixture(t, "pair.mpo")
	first := pair[:bytes.Index(pair, []byte("\xff\xd9\xff\xd8"))+2]
	video := fixture(t, "a.mp4")
	moving := append(withXMP(jpg, len(video)), video...)
	preview := append(append(bytes.Clone(jpg), jpg[:len(jpg)/2]...), random(80<<10)...)
	x := bytes.Repeat([]byte("x"), 100<<10)
	behind := func(b, tail []byte) []byte { return append(bytes.Clone(b), tail...) }
	decide(t, []decision{
		{"macOS pads with zeros", "a.jpg", behind(jpg, make([]byte, 1_500_000)), Complete},
		{"many scans", "a.jpg", behind(progressive, x), Complete},
		{"many scans, cut", "a.jpg", behind(progressive[:len(progressive)-2], x), Incomplete},
		{"a preview behind the picture, cut", "a.jpg", preview, Complete},
		{"many segments", "a.jpg", behind(withSegments(jpg, 200), x), Complete},
		{"many segments, cut", "a.jpg", withSegments(jpg[:len(jpg)-2], 200), Incomplete},
		{"bytes between segments", "a.jpg", append([]byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 2, 0, 0, 7}, jpg[2:]...), Complete},
		{"further pictures, and bytes behind them", "a.jpg", behind(pair, x), Complete},
		{"a further picture cut, with bytes behind it", "a.jpg", behind(pair[:len(pair)-2], x), Incomplete},
		{"an index that an editor has left, and a newline", "a.jpg", behind(first, []byte("\n")), CannotTell},
		{"an index that an editor has left, and padding", "a.jpg", behind(first, make([]byte, 200<<10)), CannotTell},
		{"a video, and bytes behind it", "a.jpg", behind(moving, []byte("\x00\x00\x00\x0cfree1234")), Complete},
		{"a note of a video, and a newline", "a.jpg", behind(withXMP(jpg, 5000), []byte("\n")), CannotTell},
		{"no end mark at all", "a.jpg", behind(jpg[:len(jpg)-2], x), Incomplete},
	})
}

func TestTIFFDecisions(t *testing.T) {
	patched := func(compression uint32, data []byte, change func(b []byte)) []byte {
		b := sampleDNG("II*\x00", compression, data)
		if change != nil {
			change(b)
		}
		return b
	}
	sub := 8 + 2 + 13*12 + 4 // where the second directory is
	set := func(tag uint16, value uint32) func([]byte) {
		return func(b []byte) {
			for e := sub + 2; e < sub+2+9*12; e += 12 {
				if le.Uint16(b[e:]) == tag {
					le.PutUint32(b[e+8:], value)
				}
			}
		}
	}
	zeros := append(random(9000), make([]byte, 6000)...)
	ended := append(random(9000), append([]byte("\xff\xd9"), make([]byte, 6000)...)...)
	decide(t, []decision{
		{"the main picture is cut", "a.dng", patched(1, random(4096), nil)[:3000], Incomplete},
		{"a NEF's is cut", "a.nef", patched(34713, random(9000), nil)[:8000], Incomplete},
		{"plain data in zeros", "a.tif", patched(1, append(random(1000), make([]byte, 3096)...), nil), CannotTell},
		{"a last strip of LZW that is all zeros", "a.tif", patched(5, make([]byte, 300), nil), Incomplete},
		{"LZW in zeros", "a.tif", patched(5, zeros, nil), Incomplete},
		{"Deflate in zeros", "a.tif", patched(8, zeros, nil), Incomplete},
		{"Deflate of a large flat picture", "a.tif", patched(8, zeros, func(b []byte) { set(256, 8000)(b); set(257, 8000)(b); set(278, 8000)(b) }), CannotTell},
		{"JPEG in zeros", "a.tif", patched(7, zeros, nil), Incomplete},
		{"JPEG with its end mark and padding", "a.tif", patched(7, ended, nil), Complete},
		{"a camera's own compression in zeros", "a.nef", patched(34713, zeros, nil), CannotTell},
		{"a length that counts rows which are not there", "a.tif", patched(1, random(4096), set(279, 5000)), Complete},
		{"no length", "a.tif", patched(1, random(4096), set(279, 0)), Complete},
		{"no length, cut", "a.tif", patched(1, random(4096), set(279, 0))[:4000], Incomplete},
		{"a reference to what is no directory", "a.tif", patched(1, random(4096), func(b []byte) { le.PutUint16(b[sub:], 0xFFFF) }), CannotTell},
		{"a reference to itself", "a.tif", patched(1, random(4096), func(b []byte) { le.PutUint32(b[sub+2+9*12:], 8) }), Complete},
		{"its directory's end is not there yet", "a.dng", append(patched(1, nil, nil)[:sub], make([]byte, 5000)...), Incomplete},
	})
}

func TestEXRDecisions(t *testing.T) {
	mip := sampleEXR(0x01, 3, 11, 100)
	table := len(mip) - 11*128
	without := func(i int) []byte {
		b := bytes.Clone(mip)
		clear(b[table+8*i:][:8])
		return b
	}
	big := sampleEXR(0x00, 3, 6, 9000)
	unfilled := bytes.Clone(big)
	clear(unfilled[len(big)-many-100:])
	plain := sampleEXR(0x00, 0, 6, 9000)
	clear(plain[len(plain)-many-100:])
	short := bytes.Clone(mip)
	clear(short[len(short)-400:])
	parts := fixture(t, "multipart.exr")
	decide(t, []decision{
		{"a tile of the picture itself is missing", "a.exr", without(5), Incomplete},
		{"a smaller level is missing", "a.exr", without(6), CannotTell},
		{"compressed data in zeros", "a.exr", unfilled, Incomplete},
		{"plain data in zeros", "a.exr", plain, CannotTell},
		{"the last chunk is still empty", "a.exr", short, Incomplete},
		{"several parts, cut", "a.exr", parts[:len(parts)-1], Incomplete},
	})
}

func TestOldPictureDecisions(t *testing.T) {
	header := func(size, kind uint32) []byte {
		var b []byte
		for _, n := range []uint32{0x59A66A95, 640, 400, 1, size, kind, 0, 0} {
			b = be.AppendUint32(b, n)
		}
		return b
	}
	runs := func(n int) []byte { return append(header(32000, 2), bytes.Repeat([]byte{0x80, 0xFF, 0x11}, n)...) }
	decide(t, []decision{
		{"a compressed Sun picture with its length before compression", "a.ras", runs(125), Complete},
		{"the same, cut", "a.ras", runs(124), Incomplete},
		{"a compressed Sun picture with its own length", "a.ras", append(header(375, 2), runs(125)[32:]...), Complete},
		{"the metrics of a font that are named like a float map", "a.pfm", []byte("\x00\x01\xf0\x00\x00\x00Copyright of a foundry\x00\x00"), CannotTell},
		{"a float map cut within its header", "a.pfm", []byte("PF\n64 6"), Incomplete},
	})
}
