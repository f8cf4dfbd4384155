package samples

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"scenario-drop/filetype"
	"scenario-drop/watcher/completeness"
)

func data(t *testing.T, kind string) []byte {
	t.Helper()
	for _, s := range All() {
		if s.Kind == kind {
			b, err := s.Data()
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	t.Fatalf("no sample of kind %s", kind)
	return nil
}

func TestSamplesAreWholeAndOfTheirKind(t *testing.T) {
	kinds, total := map[string]bool{}, 0
	for _, s := range All() {
		b, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		if v := completeness.Check(s.Name, bytes.NewReader(b), int64(len(b))); v.State != completeness.Complete {
			t.Errorf("%s: %s: %s", s.Name, v.State, v.Detail)
		}
		head := b[:min(len(b), filetype.HeadSize)]
		if kind := filetype.Of(s.Name, head).Kind(); kind != s.Kind {
			t.Errorf("%s: kind %s, want %s", s.Name, kind, s.Kind)
		}
		if again, _ := s.Data(); !bytes.Equal(b, again) {
			t.Errorf("%s differs when made twice", s.Name)
		}
		kinds[s.Kind] = true
		total += len(b)
	}
	if len(kinds) != 5 || total > 1_500_000 {
		t.Errorf("%d kinds in %d bytes; want 5 in 1.5 MB at most", len(kinds), total)
	}
}

func TestImage(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(data(t, "image")))
	if err != nil {
		t.Fatal(err)
	}
	colors := map[any]bool{}
	for i := range 512 {
		colors[img.At(i, i)] = true
	}
	if b := img.Bounds(); b.Dx() != 512 || b.Dy() != 512 || len(colors) < 100 {
		t.Errorf("bounds %v and %d colors on the diagonal", b, len(colors))
	}
}

func TestShape(t *testing.T) {
	b := data(t, "3d")
	n := binary.LittleEndian.Uint32(b[12:])
	var g struct {
		Accessors []struct {
			BufferView, ComponentType, Count int
			Type                             string
			Min, Max                         []float32
		}
		BufferViews []struct{ ByteOffset, ByteLength int }
		Buffers     []struct{ ByteLength int }
		Meshes      []struct {
			Primitives []struct {
				Attributes map[string]int
				Indices    int
			}
		}
	}
	if err := json.Unmarshal(b[20:20+n], &g); err != nil {
		t.Fatal(err)
	}
	bin := b[20+n+8:]
	if string(b[20+n+4:][:4]) != "BIN\x00" || len(bin) != g.Buffers[0].ByteLength || n%4 != 0 {
		t.Fatalf("binary chunk of %d bytes, buffer of %d", len(bin), g.Buffers[0].ByteLength)
	}
	view := func(accessor int, into any) {
		t.Helper()
		v := g.BufferViews[g.Accessors[accessor].BufferView]
		if n, err := binary.Decode(bin[v.ByteOffset:][:v.ByteLength], binary.LittleEndian, into); err != nil || n != v.ByteLength {
			t.Fatalf("accessor %d: %d of %d bytes, %v", accessor, n, v.ByteLength, err)
		}
	}
	p := g.Meshes[0].Primitives[0]
	count := g.Accessors[p.Attributes["POSITION"]].Count
	positions, normals := make([][3]float32, count), make([][3]float32, count)
	colors, indices := make([][4]byte, count), make([][3]uint16, g.Accessors[p.Indices].Count/3)
	view(p.Attributes["POSITION"], positions)
	view(p.Attributes["NORMAL"], normals)
	view(p.Attributes["COLOR_0"], colors)
	view(p.Indices, indices)

	low, high := g.Accessors[p.Attributes["POSITION"]].Min, g.Accessors[p.Attributes["POSITION"]].Max
	for i := range positions {
		length := 0.0
		for axis := range 3 {
			if v := positions[i][axis]; v < low[axis] || v > high[axis] {
				t.Fatalf("corner %d at %v is outside %v … %v", i, positions[i], low, high)
			}
			length += float64(normals[i][axis]) * float64(normals[i][axis])
		}
		if math.Abs(length-1) > 1e-5 {
			t.Fatalf("normal %d has length %v", i, math.Sqrt(length))
		}
	}
	for _, tri := range indices {
		var a, b, n vec
		for axis := range 3 {
			a[axis] = float64(positions[tri[1]][axis] - positions[tri[0]][axis])
			b[axis] = float64(positions[tri[2]][axis] - positions[tri[0]][axis])
			n[axis] = float64(normals[tri[0]][axis])
		}
		c := a.cross(b)
		if c.length() < 1e-9 || c[0]*n[0]+c[1]*n[1]+c[2]*n[2] < 0.99*c.length() {
			t.Fatalf("triangle %v does not face along its normal", tri)
		}
	}
	if len(indices) < 100 {
		t.Errorf("only %d triangles", len(indices))
	}
}

func TestSound(t *testing.T) {
	b := data(t, "audio")
	if string(b[:4])+string(b[8:16])+string(b[36:40]) != "RIFFWAVEfmt data" || len(b) != 44+2*88200 {
		t.Fatalf("header %q, %d bytes", b[:44], len(b))
	}
	samples := make([]int16, 88200)
	if _, err := binary.Decode(b[44:], binary.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	var peak, last int16
	for _, v := range samples {
		peak = max(peak, v)
	}
	last = samples[len(samples)-1]
	if peak < 8000 || peak > 32000 || samples[0] != 0 || last > 50 || last < -50 {
		t.Errorf("peak %d, first %d, last %d", peak, samples[0], last)
	}
}

func TestModel(t *testing.T) {
	b := data(t, "model")
	n := binary.LittleEndian.Uint64(b)
	var header map[string]struct {
		DType   string
		Shape   []int
		Offsets [2]int `json:"data_offsets"`
		Format  string
	}
	if err := json.Unmarshal(b[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(b)-8-int(n))
	tensors := 0
	for name, h := range header {
		if name == "__metadata__" {
			continue
		}
		tensors++
		size := 2
		for _, d := range h.Shape {
			size *= d
		}
		if h.DType != "F16" || h.Offsets[1]-h.Offsets[0] != size {
			t.Errorf("%s: %+v", name, h)
		}
		for i := h.Offsets[0]; i < h.Offsets[1]; i++ {
			if used[i] {
				t.Fatalf("%s overlaps another", name)
			}
			used[i] = true
		}
	}
	for i, u := range used {
		if !u {
			t.Fatalf("byte %d belongs to no tensor", i)
		}
	}
	if header["__metadata__"].Format != "pt" || tensors != 12 || n%8 != 0 {
		t.Errorf("metadata %+v, %d tensors, header of %d bytes", header["__metadata__"], tensors, n)
	}
}

// boxes splits MP4 boxes.
func boxes(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for len(b) > 0 {
		n := int(binary.BigEndian.Uint32(b))
		if n < 8 || n > len(b) {
			t.Fatalf("box of %d bytes in %d", n, len(b))
		}
		out[string(b[4:8])] = b[8:n]
		b = b[n:]
	}
	return out
}

func TestVideo(t *testing.T) {
	b := data(t, "video")
	stbl := boxes(t, b)["moov"]
	for _, kind := range []string{"trak", "mdia", "minf", "stbl"} {
		stbl = boxes(t, stbl)[kind]
	}
	tables := boxes(t, stbl)
	offset := binary.BigEndian.Uint32(tables["stco"][8:])
	sizes := make([]uint32, binary.BigEndian.Uint32(tables["stsz"][8:]))
	if _, err := binary.Decode(tables["stsz"][12:], binary.BigEndian, sizes); err != nil || len(sizes) != videoFrames {
		t.Fatalf("%d frames, %v", len(sizes), err)
	}
	for i, size := range sizes {
		frame := b[offset:][:size]
		if binary.BigEndian.Uint32(frame) != size-4 || frame[4] != 0x65 {
			t.Fatalf("frame %d begins with %x", i, frame[:5])
		}
		for _, forbidden := range []string{"\x00\x00\x00", "\x00\x00\x01", "\x00\x00\x02"} {
			if bytes.Contains(frame[4:], []byte(forbidden)) {
				t.Errorf("frame %d holds %x", i, forbidden)
			}
		}
		offset += size
	}
	if int(offset) != len(b) {
		t.Errorf("the frames end at %d of %d", offset, len(b))
	}
}

// TestVideoDecodes has the video decoded where ffmpeg is installed.
func TestVideoDecodes(t *testing.T) {
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("ffprobe is not installed")
	}
	path := filepath.Join(t.TempDir(), "ball.mp4")
	if err := os.WriteFile(path, data(t, "video"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr strings.Builder
	cmd := exec.Command(ffprobe, "-v", "warning", "-count_frames", "-show_entries", "stream=codec_name,profile,width,height,nb_read_frames", "-of", "csv=p=0", path)
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("ffprobe: %v: %s", err, stderr.String())
	}
	if got, want := strings.TrimSpace(out.String()), "h264,Constrained Baseline,64,64,24"; got != want {
		t.Errorf("ffprobe says %s, want %s", got, want)
	}
}

func TestEmulationPrevention(t *testing.T) {
	var b bits
	b.u(24, 0)
	b.u(24, 1)
	got := b.nal(0x65)
	want := []byte{0x65, 0, 0, 3, 0, 0, 0x03, 0, 1, 0x80}
	if !bytes.Equal(got, want) {
		t.Errorf("nal = %x, want %x", got, want)
	}
}

func TestExpGolomb(t *testing.T) {
	for v, want := range map[uint32]string{0: "1", 1: "010", 2: "011", 3: "00100", 7: "0001000", 25: "000011010"} {
		var b bits
		b.ue(v)
		got := ""
		for i := range 8*len(b.p) - b.free {
			got += string('0' + b.p[i/8]>>(7-i%8)&1)
		}
		if got != want {
			t.Errorf("ue(%d) = %s, want %s", v, got, want)
		}
	}
}
