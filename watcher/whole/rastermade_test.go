package whole

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
