package completeness

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const gapSize = MinGap + 1000

// dense is data as a compressor leaves it.
func dense(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// mp4Box is a box of ISO 14496-12.
func mp4Box(kind string, body []byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// ebmlOf is an element of EBML with a length of eight bytes.
func ebmlOf(id uint32, body []byte) []byte {
	out := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
	return append(append(out, binary.BigEndian.AppendUint64(nil, 1<<56|uint64(len(body)))...), body...)
}

// archive is an archive of two files, the first of which is packed by the method.
func archive(t *testing.T, method uint16) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, f := range []struct {
		name string
		data []byte
	}{{"picture.bin", dense(4 * gapSize)}, {"other.bin", dense(4 * gapSize)}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// A transfer in segments that was stopped has its size, its beginning and its end, and zeros in
// between.
func TestGaps(t *testing.T) {
	chunk := func(kind string, data []byte) []byte {
		out := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
		out = append(out, data...)
		return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
	}
	png := slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", []byte{0, 0, 1, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0}),
		chunk("IDAT", dense(4*gapSize)), chunk("IEND", nil))
	movie := slices.Concat(mp4Box("ftyp", []byte("isom\x00\x00\x02\x00isom")), mp4Box("free", make([]byte, 2*gapSize)),
		mp4Box("mdat", dense(4*gapSize)), mp4Box("moov", slices.Concat([]byte("\x00\x00\x00\x6cmvhd"), dense(100), mp4Box("udta", make([]byte, 2*gapSize)), dense(50))))
	inFree, inData := 40, 40+2*gapSize+gapSize
	inIndex := len(movie) - 50 - 2*gapSize + 100
	ebml := ebmlOf(0x1A45DFA3, ebmlOf(0x4282, []byte("webm")))
	video := slices.Concat(ebml, ebmlOf(0x18538067, slices.Concat(ebmlOf(0xEC, make([]byte, 2*gapSize)), ebmlOf(0x1F43B675, dense(3*gapSize)),
		ebmlOf(0x1F43B675, dense(3*gapSize)))))
	inVoid, inCluster := len(ebml)+40, len(ebml)+3*gapSize
	flac := slices.Concat([]byte("fLaC\x00\x00\x00\x22"), dense(34), []byte{0x81, byte(2 * gapSize >> 16), byte(2 * gapSize >> 8 & 0xFF), byte(2 * gapSize & 0xFF)},
		make([]byte, 2*gapSize), dense(4*gapSize))
	exr := func(compression byte) []byte {
		attribute := func(name, kind string, value ...byte) []byte {
			return slices.Concat([]byte(name+"\x00"+kind+"\x00"), binary.LittleEndian.AppendUint32(nil, uint32(len(value))), value)
		}
		const lines, line = 40, 16 << 10
		out := slices.Concat([]byte("\x76\x2f\x31\x01\x02\x00\x00\x00"), attribute("compression", "compression", compression),
			attribute("dataWindow", "box2i", 0, 0, 0, 0, 0, 0, 0, 0, 255, 15, 0, 0, lines-1, 0, 0, 0), []byte{0})
		at := len(out) + 8*lines
		for y := range lines {
			out = binary.LittleEndian.AppendUint64(out, uint64(at+y*(8+line)))
		}
		for y := range lines {
			out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, uint32(y)), line)
			out = append(out, dense(line)...)
		}
		return out
	}
	svg := `<svg xmlns="http://www.w3.org/2000/svg">` + strings.Repeat("<g/>", gapSize) + `</svg>`
	packed, stored := archive(t, zip.Deflate), archive(t, zip.Store)

	for _, tt := range []struct {
		name, format string
		data         []byte
		from         int
		want         State
	}{
		{"a chunk of a PNG", "PNG", png, 1000, Incomplete},
		{"the end of a PNG is Check's business", "PNG", png, len(png) - gapSize, Complete},
		{"text", "SVG", []byte(svg), 1000, Incomplete},
		{"padding of a movie", "MP4", movie, inFree, Complete},
		{"padding in a movie's index", "MP4", movie, inIndex, Complete},
		{"a movie's picture and sound", "MP4", movie, inData, Incomplete},
		{"from a movie's padding on into its data", "MP4", movie, inFree + gapSize + 500, Incomplete},
		{"padding of a WebM", "WebM", video, inVoid, Complete},
		{"a WebM's frames", "WebM", video, inCluster, Incomplete},
		{"a WebM's second cluster", "WebM", video, inCluster + 3*gapSize, Incomplete},
		{"padding of a FLAC", "FLAC", flac, 100, Complete},
		{"a FLAC's sound", "FLAC", flac, 3 * gapSize, Incomplete},
		{"a packed file of a ZIP", "ZIP", packed, 1000, Incomplete},
		{"a stored file of a ZIP", "ZIP", stored, 1000, Complete},
		{"a ZIP's file begins there", "ZIP", stored, 4*gapSize - gapSize/2, Incomplete},
		{"chunks of an EXR", "EXR", exr(0), 2 * gapSize, Incomplete},
		{"chunks of a compressed EXR", "EXR", exr(1), 2 * gapSize, Incomplete},
		{"samples of sound may be silence", "WAV", dense(4 * gapSize), 1000, Complete},
		{"an unknown format", "", dense(4 * gapSize), 1000, Complete},
	} {
		data := slices.Clone(tt.data)
		to := min(tt.from+gapSize, len(data))
		clear(data[tt.from:to])
		v := Verdict{State: Complete, Format: tt.format}.WithGap(bytes.NewReader(data), int64(len(data)), int64(tt.from), int64(to))
		if v.State != tt.want || v.Format != tt.format || v.State == Incomplete && v.Detail == "" {
			t.Errorf("%s: %s, %q %q; want %s", tt.name, v.State, v.Format, v.Detail, tt.want)
		}
		short := Verdict{State: Complete, Format: tt.format}.WithGap(bytes.NewReader(data), int64(len(data)), int64(tt.from), int64(tt.from+MinGap-1))
		if short.State != Complete {
			t.Errorf("%s: a gap that is too short to say anything is %s: %s", tt.name, short.State, short.Detail)
		}
	}
}

// The gap is taken for one only where nobody wrote. What a real compressor makes of the
// dullest picture has no run of zeros that long either.
func TestDullDataHasNoGap(t *testing.T) {
	for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
		var buf bytes.Buffer
		w, err := flate.NewWriter(&buf, level)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, 32<<20); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(buf.Bytes(), make([]byte, MinGap)) {
			t.Errorf("level %d: a black picture is a run of zeros", level)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// FuzzGap wants no panic and the bounds kept, wherever the gap is and whatever the file holds.
func FuzzGap(f *testing.F) {
	for format := range gapRules() {
		f.Add(format, mp4Box("mdat", dense(100)), int64(10*MinGap), int64(8), int64(5*MinGap))
	}
	f.Add("WebM", ebmlOf(0x1A45DFA3, ebmlOf(0x18538067, ebmlOf(0x1F43B675, nil))), int64(10*MinGap), int64(8), int64(5*MinGap))
	f.Add("ZIP", []byte("PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\xff\xff\x00\x00\x00\x00\x00\x00\xff\xff"), int64(22), int64(0), int64(MinGap))
	f.Fuzz(func(t *testing.T, format string, data []byte, size, from, to int64) {
		v := Verdict{State: Complete, Format: format}.WithGap(padded{data, size}, size, from, to)
		if v.State == Incomplete && (to-from < MinGap || to >= size) {
			t.Errorf("%d to %d of %d bytes is a gap", from, to, size)
		}
	})
}

// padded is a file of that size that begins with data and goes on with zeros.
type padded struct {
	data []byte
	size int64
}

func (p padded) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off >= p.size {
		return 0, io.EOF
	}
	clear(b)
	if off < int64(len(p.data)) {
		copy(b, p.data[off:])
	}
	if left := p.size - off; left < int64(len(b)) {
		return int(left), io.EOF
	}
	return len(b), nil
}

// A rule is for a format that Check knows.
func TestGapRulesAreOfKnownFormats(t *testing.T) {
	known := map[string]bool{"MKV": true} // which checkEBML says
	for _, g := range gates() {
		known[string(g.format)] = true
	}
	for format := range gapRules() {
		if !known[format] {
			t.Errorf("no check says %q", format)
		}
	}
}
