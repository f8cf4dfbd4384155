package completeness

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"strings"
	"testing"
)

// decision is a case that a gate decides on purpose one way.
type decision struct {
	name, file string
	data       []byte
	want       State
}

func decide(t *testing.T, tests []decision) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if v := verdict(tt.file, tt.data); v.State != tt.want {
				t.Errorf("%s: %s; want %s", v.State, v.Detail, tt.want)
			}
		})
	}
}

func TestJPEGDecisions(t *testing.T) {
	pair := fixture(t, "pair.mpo")
	first := pair[:bytes.Index(pair, []byte("\xff\xd9\xff\xd8"))+2]
	jpg := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, noise(32, 32), nil) })
	video := fixture(t, "a.mp4")
	moving := append(withXMP(jpg, len(video)), video...)
	unfilled := append(withXMP(jpg, len(video)), make([]byte, len(video))...)
	decide(t, []decision{
		{"an index of pictures that an editor has left", "a.jpg", first, CannotTell},
		{"the second picture is not yet there", "a.jpg", append(bytes.Clone(first), make([]byte, len(pair)-len(first))...), Incomplete},
		{"a note of a video that an editor has left", "a.jpg", withXMP(jpg, 5000), CannotTell},
		{"a cut video", "a.jpg", moving[:len(moving)-10], Incomplete},
		{"an unfilled video", "a.jpg", unfilled, Incomplete},
		{"padding behind the picture", "a.jpg", append(bytes.Clone(jpg), make([]byte, 5000)...), Complete},
		{"more than 64 KiB behind the picture", "a.jpg", append(bytes.Clone(jpg), bytes.Repeat([]byte("x"), 70<<10)...), Complete},
		{"Samsung's trailer", "a.jpg", append(bytes.Clone(jpg), append(bytes.Repeat([]byte("x"), 70<<10), "SEFT"...)...), Complete},
		{"filling between segments", "a.jpg", append([]byte{0xFF, 0xD8, 0xFF, 0xFF, 0xFF}, jpg[3:]...), Complete},
	})
}

func TestOtherDecisions(t *testing.T) {
	tiff := fixture(t, "motorola.tif")
	noDirectory := bytes.Clone(tiff)
	clear(noDirectory[4:8])
	sparse := sampleSafetensors(append(random(1000), make([]byte, 1000)...))
	stl := fixture(t, "cube.stl")
	noCount := bytes.Clone(stl)
	clear(noCount[80:84])
	solid := bytes.Clone(stl)
	copy(solid, "solid of a program that writes binary")
	webm := fixture(t, "a.webm")
	cues := bytes.LastIndex(webm, []byte("\x1c\x53\xbb\x6b"))
	noCues := bytes.Clone(webm)
	clear(noCues[cues : cues+8])
	exr := fixture(t, "plain.exr")
	noTable := bytes.Clone(exr)
	table := bytes.Index(exr, []byte("screenWindowWidth"))
	table += bytes.IndexByte(exr[table+30:], 0) + 31
	clear(noTable[table : table+64])
	fbx := fixture(t, "cube.fbx")
	gltf := sampleGLTF()
	decide(t, []decision{
		{"a TIFF whose directory is yet to come", "a.tif", noDirectory, Incomplete},
		{"a model that ends in zeros", "a.safetensors", sparse, CannotTell},
		{"a model that is too long", "a.safetensors", append(sampleSafetensors(random(500)), 1), CannotTell},
		{"a model without tensors", "a.safetensors", []byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"), Complete},
		{"a pickle named safetensors", "a.safetensors", []byte("\x80\x02}q\x00X\x0a\x01\x01\x01state_dict"), CannotTell},
		{"an STL whose count is yet to come", "a.stl", noCount, Incomplete},
		{"a binary STL that begins with solid", "a.stl", solid, Complete},
		{"the same, cut", "a.stl", solid[:len(solid)-3], Incomplete},
		{"a WebM whose index is yet to come", "a.webm", noCues, Incomplete},
		{"an EXR whose table is yet to come", "a.exr", noTable, Incomplete},
		{"an FBX with an unusual footer", "a.fbx", append(bytes.Clone(fbx[:len(fbx)-16]), "another exporter"...), CannotTell},
		{"glTF with zeros behind it", "a.gltf", append(bytes.Clone(gltf), 0, 0), Complete},
		{"glTF with a line break behind it", "a.gltf", append(bytes.Clone(gltf), "\r\n"...), Complete},
		{"a GLB whose length is yet to come", "a.glb", append([]byte("glTF\x02\x00\x00\x00\x00\x00\x00\x00"), make([]byte, 40)...), Incomplete},
		{"an old GLB, cut", "a.glb", []byte("glTF\x01\x00\x00\x00\x30\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00{}"), Incomplete},
		{"an old GLB", "a.glb", append([]byte("glTF\x01\x00\x00\x00\x14\x00\x00\x00"), make([]byte, 40)...), CannotTell},
		{"an SVG of one tag", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), Complete},
		{"an SVG in UTF-16, cut", "a.svg", []byte("\xff\xfe<\x00s\x00v\x00g\x00"), Incomplete},
		{"an SVG with zeros at its end", "a.svg", append([]byte(sampleSVG[:300]), make([]byte, 100)...), Incomplete},
		{"an OBJ with zeros at its end", "a.obj", append([]byte(strings.Repeat("v 1 2 3\n", 600)), make([]byte, 100)...), Incomplete},
		{"an object file of a compiler", "a.obj", []byte("\x64\x86\x03\x00\x00\x00\x01\x02\x03"), CannotTell},
		{"a ZIP whose comment is cut", "a.zip", sampleZIP(t, "comment")[:len(sampleZIP(t, "comment"))-2], Incomplete},
		{"an empty ZIP", "a.zip", append([]byte("PK\x05\x06"), make([]byte, 18)...), Complete},
		{"an AVI whose length is yet to come", "a.avi", []byte("RIFF\x00\x00\x00\x00AVI LIST\x10\x00\x00\x00hdrlavih"), Incomplete},
	})
}

func TestOBJLastLine(t *testing.T) {
	for line, want := range map[string]State{
		"": CannotTell, "# made by a prog": CannotTell, "v 1 2 3": CannotTell, "v 1 2": Incomplete, "v 1 2 ": Incomplete,
		"v 1 2 -": Incomplete, "v 1 2 3e": Incomplete, "f 1 2 3": CannotTell, "f 1/1 2/2 3/": Incomplete, "f 1/1/ 2/2/ 3/3/": CannotTell, "f 1/1/ 2/2/ 3/": Incomplete, "f 1 2": Incomplete,
		"usemtl": Incomplete, "usemtl red": CannotTell, "usem": Incomplete, "vertex": CannotTell, "end": CannotTell,
	} {
		if v := verdict("a.obj", []byte("o a\nv 0 0 0\n"+line)); v.State != want {
			t.Errorf("%q: %s; want %s", line, v.State, want)
		}
	}
}

// TestLargeTexts has texts that are too long to be followed.
func TestLargeTexts(t *testing.T) {
	long := strings.Repeat(`{"a":[1,2,3]},`, MaxText/14+10)
	svg := "<svg>" + strings.Repeat("<g><path d=''/></g>", MaxText/19+10)
	faces := make([]int, 70000)
	for i := range faces {
		faces[i] = 3
	}
	ply := samplePLY(le, "binary_little_endian", faces...)
	faces[7] = 4
	mixed := samplePLY(le, "binary_little_endian", faces...)
	decide(t, []decision{
		{"glTF", "a.gltf", []byte(`{"a":[` + long + `0]}`), CannotTell},
		{"glTF, cut", "a.gltf", []byte(`{"a":[` + long), Incomplete},
		{"SVG", "a.svg", []byte(svg + "</svg>\n"), Complete},
		{"SVG, cut", "a.svg", []byte(svg), Incomplete},
		{"PLY of triangles", "a.ply", ply, Complete},
		{"PLY of triangles, cut", "a.ply", ply[:len(ply)-1], Incomplete},
		{"PLY of triangles, more than half missing", "a.ply", ply[:len(ply)/20], Incomplete},
		{"PLY of mixed faces", "a.ply", mixed, Complete},
		{"PLY of mixed faces, cut", "a.ply", mixed[:len(mixed)-1], Incomplete},
	})
}

// TestHostileLengths has lengths near the limits of their type.
func TestHostileLengths(t *testing.T) {
	all := samples(t)
	for _, v := range []uint64{0, 1, 7, 8, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 62, math.MaxInt64, math.MaxUint64} {
		for _, s := range all {
			for _, off := range []int{4, 8, 16, 20, 26, 80, len(s.data) - 22, len(s.data) / 2} {
				if off < 0 || off+8 > len(s.data) {
					continue
				}
				for _, put := range []func([]byte, uint64){le.PutUint64, be.PutUint64} {
					data := bytes.Clone(s.data[:min(len(s.data), 64<<10)])
					if off+8 > len(data) {
						continue
					}
					put(data[off:], v)
					if v := verdict(s.file, data); v.Err != nil {
						t.Errorf("%s: %v", s.file, v.Err)
					}
				}
			}
		}
	}
}

func TestStates(t *testing.T) {
	if got := fmt.Sprint(CannotTell, Complete, Incomplete); got != "cannot tell complete incomplete" {
		t.Errorf("states: %s", got)
	}
}
