package completeness

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// noise is a picture that does not compress.
func noise(w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32()) | 1
	}
	return img
}

func random(n int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(1 + r.IntN(255))
	}
	return b
}

func encoded(t testing.TB, encode func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func samplePNG(t testing.TB) []byte {
	return encoded(t, func(w io.Writer) error { return png.Encode(w, noise(64, 64)) })
}

func sampleGIF(t testing.TB, size int) []byte {
	palette := make(color.Palette, 256)
	for i := range palette {
		palette[i] = color.Gray{uint8(i)}
	}
	img := image.NewPaletted(image.Rect(0, 0, size, size), palette)
	copy(img.Pix, random(len(img.Pix)))
	return encoded(t, func(w io.Writer) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{img, img}, Delay: []int{1, 1}})
	})
}

func sampleZIP(t testing.TB, comment string) []byte {
	return encoded(t, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, name := range []string{"a.txt", "b.txt"} {
			f, err := z.Create(name)
			if err != nil {
				return err
			}
			if _, err := f.Write(random(2000)); err != nil {
				return err
			}
		}
		// An archive within the archive has an end record of its own.
		f, err := z.CreateHeader(&zip.FileHeader{Name: "inner.zip", Method: zip.Store})
		if err != nil {
			return err
		}
		inner := zip.NewWriter(f)
		if _, err := inner.Create("c.txt"); err != nil {
			return err
		}
		if err := inner.Close(); err != nil {
			return err
		}
		if f, err = z.Create("d.bin"); err != nil {
			return err
		}
		if _, err := f.Write(random(3000)); err != nil {
			return err
		}
		if err := z.SetComment(comment); err != nil {
			return err
		}
		return z.Close()
	})
}

// zip64 turns a ZIP's end into the form with ZIP64 records.
func zip64(z []byte) []byte {
	end := bytes.LastIndex(z, []byte("PK\x05\x06"))
	e := bytes.Clone(z[end:])
	out := bytes.Clone(z[:end])
	n, size, start := le.Uint16(e[10:]), le.Uint32(e[12:]), le.Uint32(e[16:])
	out = append(out, "PK\x06\x06"...)
	out = le.AppendUint64(out, 44)
	out = append(out, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []uint64{uint64(n), uint64(n), uint64(size), uint64(start)} {
		out = le.AppendUint64(out, v)
	}
	out = append(out, "PK\x06\x07\x00\x00\x00\x00"...)
	out = le.AppendUint64(out, uint64(end))
	out = append(out, 1, 0, 0, 0)
	le.PutUint32(e[12:], 0xFFFFFFFF)
	le.PutUint32(e[16:], 0xFFFFFFFF)
	return append(out, e...)
}

func sampleWAV(declaredRIFF, declaredData uint32, sound []byte, tail string) []byte {
	b := append([]byte("RIFF"), le.AppendUint32(nil, declaredRIFF)...)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"...)
	b = append(b, le.AppendUint32(nil, declaredData)...)
	return append(append(b, sound...), tail...)
}

func sampleAIFF() []byte {
	body := append([]byte("AIFFCOMM\x00\x00\x00\x12\x00\x01\x00\x00\x01\xf4\x00\x10\x40\x0b\xfa\x00\x00\x00\x00\x00\x00\x00SSND\x00\x00\x03\xf0\x00\x00\x00\x00\x00\x00\x00\x00"), random(1000)...)
	return append(be.AppendUint32([]byte("FORM"), uint32(len(body))), body...)
}

func sampleSafetensors(data []byte) []byte {
	head := fmt.Sprintf(`{"__metadata__":{"a":"}{"},"second":{"dtype":"U8","shape":[%d],"data_offsets":[100,%d]},"first":{"dtype":"U8","shape":[100],"data_offsets":[0,100]}}`, len(data)-100, len(data))
	return append(append(le.AppendUint64(nil, uint64(len(head))), head...), data...)
}

func sampleVOX() []byte {
	chunk := func(id string, content []byte) []byte {
		b := le.AppendUint32([]byte(id), uint32(len(content)))
		return append(le.AppendUint32(b, 0), content...)
	}
	children := append(chunk("SIZE", []byte{4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0}), chunk("XYZI", append([]byte{25, 0, 0, 0}, random(100)...))...)
	b := append([]byte("VOX \x96\x00\x00\x00MAIN\x00\x00\x00\x00"), le.AppendUint32(nil, uint32(len(children)))...)
	return append(b, children...)
}

func sampleBLEND(header string, end []byte) []byte {
	head := make([]byte, len(end))
	copy(head, "DATA")
	if len(head) == 32 {
		le.PutUint64(head[16:], 5000)
	} else if header[8] == 'V' {
		be.PutUint32(head[4:], 5000)
	} else {
		le.PutUint32(head[4:], 5000)
	}
	return slices.Concat([]byte(header), head, random(5000), end)
}

// seekable adds the seek table that Blender writes behind its frames.
func seekable(frame []byte) []byte {
	b := append(bytes.Clone(frame), "\x5e\x2a\x4d\x18\x11\x00\x00\x00"...)
	return append(append(b, random(12)...), "\x00\xb1\xea\x92\x8f"...)
}

func sampleTextPLY() []byte {
	return []byte("ply\nformat ascii 1.0\ncomment made by hand\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")
}

// samplePLY has faces of the given numbers of corners.
func samplePLY(order binary.AppendByteOrder, name string, corners ...int) []byte {
	b := fmt.Appendf(nil, "ply\r\nformat %s 1.0\r\nelement vertex 4\r\nproperty float x\r\nproperty uchar red\r\nelement face %d\r\nproperty list uchar uint vertex_indices\r\nend_header\r\n", name, len(corners))
	b = append(b, random(4*5)...)
	for _, n := range corners {
		b = append(b, byte(n))
		for range n {
			b = order.AppendUint32(b, 0x01010101)
		}
	}
	return b
}

func sampleGLTF() []byte {
	return fmt.Appendf(nil, `{"asset":{"version":"2.0","generator":"a \"quoted\\\" } brace"},"buffers":[{"uri":"data:application/octet-stream;base64,%s","byteLength":3000}],"scenes":[{"nodes":[0]}]}`, strings.Repeat("AQID", 1000))
}

const sampleSVG = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a <svg> in a comment > -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [ <!ENTITY ns "http://www.w3.org/2000/svg"> ]>
<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">
  <svg x="1"><rect title="a > b" width='5' height="5"/></svg>
  <style><![CDATA[ a > b { fill: "</svg>" } ]]></style>
  <text>end</text>
</svg>`

const sampleOBJ = "# a cube\no cube\nv 0.5 1.25 2\nv 1 0 0\nv 0 1 0\nvn 0 0 1\nf 1//1 2//1 3//1\n"

const sampleSTL = "solid the cube\n facet normal 0 0 1\n  outer loop\n   vertex 0 0 0\n   vertex 1 0 0\n   vertex 0 1 0\n  endloop\n endfacet\nendsolid the cube\n"

// made are the samples made in Go.
func made(t testing.TB) []sample {
	jpg := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, noise(64, 64), nil) })
	sound := random(1001) // of odd length: a padding byte follows
	return []sample{
		{file: "noise.png", data: samplePNG(t), format: "PNG"},
		{file: "chunks.png", data: manyChunks(t), format: "PNG"},
		{file: "noise.jpg", data: jpg, format: "JPEG"},
		{file: "thumbnail.jpg", data: withThumbnail(jpg), format: "JPEG"},
		{file: "motion.jpg", data: withVideo(t, jpg), format: "JPEG", soft: at(len(withXMP(jpg, 0)), len(withXMP(jpg, len(fixture(t, "a.mp4")))))},
		{file: "small.gif", data: sampleGIF(t, 40), format: "GIF"},
		{file: "large.gif", data: sampleGIF(t, 800), format: "GIF"},
		{file: "a.zip", data: sampleZIP(t, ""), format: "ZIP"},
		{file: "comment.zip", data: sampleZIP(t, "a comment at the end"), format: "ZIP"},
		{file: "large.zip", data: zip64(sampleZIP(t, "")), format: "ZIP"},
		{file: "a.wav", data: sampleWAV(36+1002, 1001, sound, "\x00"), format: "WAV", raw: true, enough: at(44 + 1001)},
		{file: "list.wav", data: sampleWAV(36+1000+16, 1000, random(1000), "LIST\x08\x00\x00\x00INFOabcd"), format: "WAV", raw: true},
		{file: "stream.wav", data: sampleWAV(0xFFFFFFFF, 0xFFFFFFFF, sound, ""), format: "WAV", endless: true, soft: from(44), raw: true},
		{file: "a.safetensors", data: sampleSafetensors(random(2000)), format: "safetensors", raw: true},
		{file: "a.vox", data: sampleVOX(), format: "VOX", raw: true},
		{file: "a.blend", data: sampleBLEND("BLENDER-v300", append([]byte("ENDB"), make([]byte, 20)...)), format: "BLEND"},
		{file: "old.blend", data: sampleBLEND("BLENDER_V249", append([]byte("ENDB"), make([]byte, 16)...)), format: "BLEND"},
		{file: "new.blend", data: sampleBLEND("BLENDER17-01v0500", append([]byte("ENDB"), make([]byte, 28)...)), format: "BLEND"},
		{file: "zstd.blend", data: seekable(fixture(t, "notes.txt.zst")), format: "BLEND", soft: from(len(fixture(t, "notes.txt.zst")))},
		{file: "mixed.ply", data: samplePLY(le, "binary_little_endian", 3, 4, 3, 5), format: "PLY", raw: true},
		{file: "big.ply", data: samplePLY(be, "binary_big_endian", 3, 4, 3, 5), format: "PLY", raw: true},
	}
}

// manyChunks cuts a PNG's data into so many chunks that they are not walked.
func manyChunks(t testing.TB) []byte {
	p := samplePNG(t)
	i := bytes.Index(p, []byte("IDAT"))
	out := bytes.Clone(p[:i-4])
	for data := p[i+4 : bytes.LastIndex(p, []byte("IEND"))-8]; len(data) > 0; {
		n := min(100, len(data))
		out = be.AppendUint32(out, uint32(n))
		out = append(append(out, "IDAT"...), data[:n]...)
		out = append(out, "crc!"...)
		data = data[n:]
	}
	return append(out, iend...)
}

// withThumbnail puts a whole JPEG into a segment of its header.
func withThumbnail(jpg []byte) []byte {
	thumb := append([]byte("Exif\x00\x00"), jpg[:1200]...)
	thumb = append(thumb, eoi...)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, be.AppendUint16(nil, uint16(len(thumb)+2))...)
	return append(append(out, thumb...), jpg[2:]...)
}

// withXMP puts the length of a motion photo's video into the header.
func withXMP(jpg []byte, video int) []byte {
	xmp := fmt.Sprintf("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><rdf:Description GCamera:MicroVideo=\"1\" GCamera:MicroVideoOffset=\"%d\"/></x:xmpmeta>", video)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, be.AppendUint16(nil, uint16(len(xmp)+2))...)
	return append(append(out, xmp...), jpg[2:]...)
}

func withVideo(t testing.TB, jpg []byte) []byte {
	video := fixture(t, "a.mp4")
	return append(withXMP(jpg, len(video)), video...)
}
