package completeness

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// sample is a whole file and what is known of how its format takes a cut.
type sample struct {
	file   string // its name
	data   []byte
	format string
	// endless is true of a format without an end: the whole file is CannotTell too.
	endless bool
	// soft is a documented exception: after a cut to n bytes the verdict may be
	// CannotTell instead of Incomplete.
	soft func(n int) bool
	// enough is another: the cut to n bytes takes nothing of value, and is Complete.
	enough func(n int) bool
	// raw formats end in data that may be zeros; others are Incomplete with a page of
	// zeros at their end.
	raw bool
}

func always(int) bool { return true }

func at(offsets ...int) func(int) bool {
	return func(n int) bool {
		for _, o := range offsets {
			if n == o {
				return true
			}
		}
		return false
	}
}

func from(offset int) func(int) bool { return func(n int) bool { return n >= offset } }

func verdict(name string, data []byte) Verdict {
	return Check(name, bytes.NewReader(data), int64(len(data)))
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// samples are one file and more of each format. Those in testdata were made by the usual
// encoders (FFmpeg, libtiff, ImageMagick, assimp, Pillow), the others are made here.
func samples(t testing.TB) []sample {
	var s []sample
	for _, f := range []sample{
		{file: "progressive.jpg", format: "JPEG"},
		{file: "pair.mpo", format: "JPEG", soft: at(1424)}, // the first picture's end
		{file: "c.webp", format: "WebP", raw: true},        // under a page in length
		{file: "l.webp", format: "WebP", raw: true},
		{file: "big.tif", format: "TIFF", raw: true},
		{file: "pages.tif", format: "TIFF", raw: true},
		{file: "tiled.tif", format: "TIFF", raw: true},
		{file: "motorola.tif", format: "TIFF", raw: true},
		{file: "rle.psd", format: "PSD", raw: true}, // zeros are an uncompressed black picture
		{file: "raw.psd", format: "PSD", raw: true},
		{file: "a.psb", format: "PSD", raw: true},
		{file: "zip.exr", format: "EXR", raw: true},
		{file: "plain.exr", format: "EXR", raw: true},
		{file: "multipart.exr", format: "EXR", raw: true},
		{file: "deep.exr", format: "EXR", raw: true},
		{file: "rle.hdr", format: "HDR"},
		{file: "rf64.wav", format: "WAV", raw: true},
		{file: "a.webm", format: "WebM"},
		{file: "a.mkv", format: "MKV"},
		{file: "piped.webm", format: "WebM", endless: true, soft: always, raw: true},
		{file: "a.avi", format: "AVI"},
		{file: "cube.fbx", format: "FBX", soft: from(14976 - 174)}, // within the footer
		{file: "cubea.fbx", format: "FBX", endless: true, soft: unbracketed(fixture(t, "cubea.fbx"), "(Assimp)")},
		{file: "cube.glb", format: "GLB", raw: true},
		{file: "cube.stl", format: "STL", raw: true},
		{file: "cube.ply", format: "PLY", raw: true},
		{file: "m.safetensors", format: "safetensors", raw: true},
	} {
		f.data = fixture(t, f.file)
		s = append(s, f)
	}
	s = append(s, madePictures(t)...)
	s = append(s, textures(t)...)
	s = append(s, textSamples()...)
	s = append(s, mediaSamples(t)...)
	s = append(s, documentSamples(t)...)
	return append(s, made(t)...)
}

func TestWholeFiles(t *testing.T) {
	for _, s := range samples(t) {
		want := Complete
		if s.endless {
			want = CannotTell
		}
		v := verdict(s.file, s.data)
		if v.State != want || v.Format != s.format {
			t.Errorf("%s: %s, %q: %s; want %s", s.file, v.State, v.Format, v.Detail, want)
		}
		if (v.Detail == "") != (v.State == Complete) {
			t.Errorf("%s: %s with detail %q", s.file, v.State, v.Detail)
		}
	}
}

// TestCutFiles cuts each sample at every length (every few bytes of a large one, and
// each of its last 300): never Complete, and Incomplete but for the exceptions.
func TestCutFiles(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.file, func(t *testing.T) {
			t.Parallel()
			step := 1 + len(s.data)/3000
			bad := 0
			for n := 0; n < len(s.data) && bad < 5; n++ {
				if n%step != 0 && n < len(s.data)-300 {
					continue
				}
				v := verdict(s.file, s.data[:n])
				if v.State == Incomplete && v.Detail != "" || v.State == CannotTell && s.soft != nil && s.soft(n) ||
					v.State == Complete && s.enough != nil && s.enough(n) {
					continue
				}
				t.Errorf("cut to %d of %d: %s %s", n, len(s.data), v.State, v.Detail)
				bad++
			}
		})
	}
}

// TestUnfilledFiles zeroes the end of each sample, as that of a file extended before it
// is filled: never Complete, and Incomplete where the format does not allow it.
func TestUnfilledFiles(t *testing.T) {
	for _, s := range samples(t) {
		for _, n := range []int{few, 128, 512, many, len(s.data) / 2, len(s.data) * 9 / 10, len(s.data) - 1, len(s.data)} {
			if n < few || n > len(s.data) {
				continue
			}
			data := bytes.Clone(s.data)
			clear(data[len(data)-n:])
			if bytes.Equal(data, s.data) {
				continue // it ends so
			}
			v := verdict(s.file, data)
			strict := n >= many && n < len(data)-1 && !s.raw && !s.endless || n == len(data) && s.file != "cube.obj" && !strings.HasSuffix(s.file, ".stl")
			if v.State == Complete || strict && v.State != Incomplete {
				t.Errorf("%s: last %d of %d bytes zero: %s %s", s.file, n, len(data), v.State, v.Detail)
			}
		}
	}
}

// TestTrailingBytes has bytes behind a proven end: they do not matter.
func TestTrailingBytes(t *testing.T) {
	zeros, text := strings.Repeat("\x00", 70<<10), strings.Repeat("some bytes of another program\n", 40<<10)
	for _, s := range samples(t) {
		if s.file == "motion.jpg" {
			continue // its video is counted from the end of the file
		}
		switch s.format {
		case "PNG", "JPEG", "GIF", "ZIP", "GLB", "WAV", "WebP", "VOX", "WebM", "MKV",
			"FBX", "PLY", "STL", "SVG", "COLLADA", "X3D", "glTF", "JSON", "BLEND", "safetensors", "3DS", "LWO", "Maya binary",
			"USDC", "Alembic", "HDF5", "SQLite", "CLIP", "CFB", "PDF", "EPS", "NPY", "GGUF", "7z", "RAR", "TAR", "compressed":
		default:
			continue
		}
		for _, tail := range []string{"x", "\n", "some bytes of another program", "\x00\x00\x00\x00", zeros, text} {
			if s.endless && tail == zeros {
				continue // it has no end before them
			}
			if v := verdict(s.file, append(bytes.Clone(s.data), tail...)); v.State == Incomplete {
				tail = tail[:min(len(tail), 32)]
				t.Errorf("%s with %q behind it: %s %s", s.file, tail, v.State, v.Detail)
			}
		}
	}
}

func TestNameAndContent(t *testing.T) {
	png := samplePNG(t)
	tests := []struct {
		name, file string
		data       []byte
		state      State
		format     string
	}{
		{"no extension", "castle", png, Complete, "PNG"},
		{"extension of another format", "castle.jpg", png, Complete, "PNG"},
		{"cut, extension of another format", "castle.jpg", png[:len(png)-1], Incomplete, "PNG"},
		{"upper case", "CASTLE.PNG", png[:5], Incomplete, "PNG"},
		{"Windows path", `C:\art\castle.png`, png[:5], Incomplete, "PNG"},
		{"another content", "castle.png", []byte("this is no picture at all"), CannotTell, "PNG"},
		{"zeros", "castle.png", make([]byte, 100), Incomplete, "PNG"},
		{"zeros in a file of no known format", "castle.bin", make([]byte, 100), CannotTell, ""},
		{"unknown", "notes.xyz", []byte("abc"), CannotTell, ""},
		{"empty", "castle.png", nil, Incomplete, ""},
	}
	for _, tt := range tests {
		v := verdict(tt.file, tt.data)
		if v.State != tt.state || v.Format != tt.format {
			t.Errorf("%s: %s %q: %s; want %s %q", tt.name, v.State, v.Format, v.Detail, tt.state, tt.format)
		}
	}
}

func TestGatesTable(t *testing.T) {
	exts := map[string]string{}
	for _, g := range gates() {
		for _, e := range g.exts {
			if exts[e] != "" {
				t.Errorf("%s belongs to %s and %s", e, exts[e], g.format)
			}
			if exts[e] = string(g.format); !strings.HasPrefix(e, ".") || e != strings.ToLower(e) {
				t.Errorf("%s: extension %q", g.format, e)
			}
		}
		if g.signed > headSize {
			t.Errorf("%s: its signature is longer than what is read", g.format)
		}
	}
}

// counter counts reads. Behind the data it goes on with zeros, up to any size.
type counter struct {
	data         []byte
	reads, bytes int
	fail         error // of every read but the first
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	if c.reads++; c.reads > 1 && c.fail != nil {
		return 0, c.fail
	}
	c.bytes += len(p)
	clear(p)
	if off < int64(len(c.data)) {
		copy(p, c.data[off:])
	}
	return len(p), nil
}

// TestBounds counts what is read of files as they are, and of the same ones in a file of
// a terabyte.
func TestBounds(t *testing.T) {
	for _, s := range samples(t) {
		for _, size := range []int64{int64(len(s.data)), 1 << 20, 8 << 20, 1 << 40, math.MaxInt64} {
			c := &counter{data: s.data}
			const maxExact = 4 << 20
			check(s.file, c, size, maxExact)
			limit := MaxRead + maxExact
			if g, _, ok := pick(s.file, newWindow(bytes.NewReader(s.data), size, MaxReads, MaxRead)); ok && g.text {
				limit += MaxText
			}
			if c.reads > MaxReads+MaxExactReads || c.bytes > limit {
				t.Errorf("%s of %d bytes: %d reads of %d bytes", s.file, size, c.reads, c.bytes)
			}
		}
	}
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("input/output error")
	for _, s := range samples(t) {
		if len(s.data) <= headSize {
			continue
		}
		v := Check(s.file, &counter{data: s.data, fail: broken}, int64(len(s.data)))
		if v.State != CannotTell || !errors.Is(v.Err, broken) || v.Detail == "" {
			t.Errorf("%s: %s %q, %v", s.file, v.State, v.Detail, v.Err)
		}
		v = Check(s.file, &counter{data: s.data, fail: io.EOF}, int64(len(s.data)))
		if v.State != Incomplete || v.Err != nil || !strings.Contains(v.Detail, "shorter") {
			t.Errorf("%s that shrinks: %s %q, %v", s.file, v.State, v.Detail, v.Err)
		}
	}
}

// FuzzCheck wants no panic, the bounds kept, and a verdict that says something, whatever
// a file holds and however long it is said to be.
func FuzzCheck(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.file, s.data[:min(len(s.data), 16<<10)], int64(len(s.data)))
	}
	f.Add("a.tif", []byte("II+\x00\x08\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\x7f"), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, name string, data []byte, size int64) {
		c := &counter{data: data}
		const maxExact = 1 << 20
		v := check(name, c, size, maxExact)
		if c.reads > MaxReads+MaxExactReads || c.bytes > MaxRead+MaxText+maxExact {
			t.Errorf("%d reads of %d bytes", c.reads, c.bytes)
		}
		if (v.Detail == "") != (v.State == Complete) || v.Err != nil {
			t.Errorf("verdict %+v", v)
		}
		all := verdict(name, data)
		if (all.Detail == "") != (all.State == Complete) {
			t.Errorf("verdict %+v", all)
		}
	})
}

// heap counts how much memory a check holds while it reads.
type heap struct {
	counter
	before, most uint64
}

func (h *heap) ReadAt(p []byte, off int64) (int, error) {
	if h.reads%997 == 0 || h.reads < MaxReads && h.reads%16 == 0 { // to collect all garbage takes a while
		h.most = max(h.most, live())
	}
	return h.counter.ReadAt(p, off)
}

func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory checks files as they are and the same ones in huge files: what a check holds at
// a time is bounded.
func TestMemory(t *testing.T) {
	const most = 8 << 20
	for _, s := range samples(t) {
		for _, size := range []int64{int64(len(s.data)), 8 << 20, 1 << 40} {
			h := &heap{counter: counter{data: s.data}, before: live()}
			check(s.file, h, size, 16<<20)
			if h.most > h.before+most {
				t.Errorf("%s of %d bytes: %d KiB", s.file, size, (h.most-h.before)>>10)
			}
		}
	}
}

func TestOnlyFirst(t *testing.T) {
	for size, want := range map[int64]string{1: "only the first byte of the PNG is there", 2: "only the first 2 bytes of the PNG are there"} {
		if v := onlyFirst(size, "PNG"); v.State != Incomplete || v.Detail != want {
			t.Errorf("%d bytes: %+v", size, v)
		}
	}
}
