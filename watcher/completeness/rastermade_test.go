package completeness

import (
	"bytes"
	"compress/zlib"
	"testing"
)

// madePictures are the samples of pictures that are put together here.
func madePictures(t testing.TB) []sample {
	return []sample{
		{file: "zip.psd", data: samplePSD(2, zipped(random(3*40*50))), format: "PSD", endless: true, soft: always, raw: true},
		{file: "rle16.psb", data: samplePSB16(), format: "PSD", raw: true},
		{file: "a.dng", data: sampleDNG("II*\x00", 1, random(4096)), format: "TIFF", raw: true},
		{file: "a.orf", data: sampleDNG("IIRO", 1, random(4096)), format: "ORF", raw: true},
		{file: "a.rw2", data: sampleRW2(), format: "RW2", endless: true, raw: true},
		{file: "lzw.dng", data: sampleDNG("II*\x00", 5, random(9000)), format: "TIFF", raw: true}, // under a page remains
		{file: "mip.exr", data: sampleEXR(0x01, 3, 11, 100), format: "EXR", raw: true},
		{file: "mipup.exr", data: sampleEXR(0x11, 3, 12, 100), format: "EXR", raw: true},
		{file: "rip.exr", data: sampleEXR(0x02, 3, 40, 100), format: "EXR", raw: true},
		{file: "animated.webp", data: sampleWebP(random(700), random(801)), format: "WebP", raw: true, enough: at(len(sampleWebP(random(700), random(801))) - 1)},
	}
}

func zipped(p []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(p)
	_ = z.Close()
	return b.Bytes()
}

// samplePSD is a document of 3 channels, 40 rows and 50 columns of 8 bits.
func samplePSD(compression byte, picture []byte) []byte {
	b := []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x28\x00\x00\x00\x32\x00\x08\x00\x03")
	b = append(b, make([]byte, 3*4)...) // color modes, resources, layers
	return append(append(b, 0, compression), picture...)
}

// samplePSB16 is one channel of 16 bits in rows of literal bytes.
func samplePSB16() []byte {
	b := []byte("8BPS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10\x00\x00\x00\x20\x00\x10\x00\x01")
	b = append(b, make([]byte, 4+4+8)...)
	b = append(b, 0, 1)
	for range 16 {
		b = be.AppendUint32(b, 65)
	}
	for range 16 {
		b = append(append(b, 63), random(64)...)
	}
	return b
}

func riffChunk(id string, data []byte) []byte {
	b := append(le.AppendUint32([]byte(id), uint32(len(data))), data...)
	if len(data)&1 == 1 {
		b = append(b, 0)
	}
	return b
}

// sampleWebP is an animation with frames of such data.
func sampleWebP(frames ...[]byte) []byte {
	b := append([]byte("WEBP"), riffChunk("VP8X", []byte{2, 0, 0, 0, 15, 0, 0, 15, 0, 0})...)
	b = append(b, riffChunk("ANIM", make([]byte, 6))...)
	for _, f := range frames {
		b = append(b, riffChunk("ANMF", f)...)
	}
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

// stillWebP is a picture of that many pixels each way, whose data ends in zeros.
func stillWebP(kind string, size, data, zeros int) []byte {
	p := append(random(data), make([]byte, zeros)...)
	if kind == "VP8L" {
		p[0] = 0x2F
		le.PutUint32(p[1:], uint32(size-1)|uint32(size-1)<<14)
	} else {
		copy(p[3:], "\x9d\x01\x2a")
		le.PutUint16(p[6:], uint16(size))
		le.PutUint16(p[8:], uint16(size))
	}
	b := append([]byte("WEBP"), riffChunk(kind, p)...)
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

// sampleIFD is a directory of these entries (tag, type, count, value), in the order of
// their tags, without a next one.
func sampleIFD(entries ...[4]uint32) []byte {
	b := le.AppendUint16(nil, uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
		b = le.AppendUint32(le.AppendUint32(b, e[2]), e[3])
	}
	return le.AppendUint32(b, 0)
}

// sampleDNG is a raw file as cameras lay it out: the directory at the beginning has a
// thumbnail and an embedded JPEG, and refers to another with the main picture of 64 x 64
// pixels, whose data is at the end.
func sampleDNG(signature string, compression uint32, main []byte) []byte {
	const first, second = 2 + 13*12 + 4, 2 + 9*12 + 4
	image := func(size, compression, off, n uint32, more ...[4]uint32) []byte {
		return sampleIFD(append([][4]uint32{
			{256, 4, 1, size}, {257, 4, 1, size}, {258, 3, 1, 8}, {259, 3, 1, compression}, {262, 3, 1, 1},
			{273, 4, 1, off}, {277, 3, 1, 1}, {278, 4, 1, size}, {279, 4, 1, n},
		}, more...)...)
	}
	data := uint32(8 + first + second)
	b := append(le.AppendUint32([]byte(signature), 8), image(8, 1, data, 64,
		[4]uint32{330, 4, 1, 8 + first}, [4]uint32{513, 4, 1, data + 64}, [4]uint32{514, 4, 1, 100}, [4]uint32{0x9C00, 9999, 1 << 30, 1 << 30})...)
	b = append(b, image(64, compression, data+164, uint32(len(main)))...)
	return append(append(b, random(164)...), main...)
}

// sampleRW2 has 56 x 50 pixels of Panasonic's fourth format.
func sampleRW2() []byte {
	b := append(le.AppendUint32([]byte("IIU\x00"), 24), random(16)...)
	b = append(b, sampleIFD([4]uint32{2, 3, 1, 56}, [4]uint32{3, 3, 1, 50}, [4]uint32{45, 3, 1, 4},
		[4]uint32{273, 4, 1, 0xFFFFFFFF}, [4]uint32{279, 4, 1, 5600}, [4]uint32{280, 4, 1, 200})...)
	return append(b, random(200-len(b)+56*50/14*16)...)
}

// sampleEXR is a picture of 19 x 12 pixels in tiles of 8 x 8, with the given levels (of the
// attribute "tiles"), compression, number of chunks, and length of each.
func sampleEXR(levels, compression byte, chunks, size int) []byte {
	b := []byte("\x76\x2f\x31\x01\x02\x02\x00\x00")
	attribute := func(name, kind string, value []byte) {
		b = append(b, name+"\x00"+kind+"\x00"...)
		b = append(le.AppendUint32(b, uint32(len(value))), value...)
	}
	attribute("channels", "chlist", append([]byte("Y\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00"), 0))
	attribute("compression", "compression", []byte{compression})
	attribute("dataWindow", "box2i", []byte{0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 11, 0, 0, 0})
	attribute("history", "string", bytes.Repeat([]byte("long "), 20000)[:4000])
	attribute("tiles", "tiledesc", []byte{8, 0, 0, 0, 8, 0, 0, 0, levels})
	b = append(b, 0)
	data := len(b) + 8*chunks
	for i := range chunks {
		b = le.AppendUint64(b, uint64(data+i*(20+size)))
	}
	for range chunks {
		b = append(le.AppendUint32(append(b, make([]byte, 16)...), uint32(size)), random(size)...)
	}
	return b
}
