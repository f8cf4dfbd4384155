package samples

import (
	"bytes"
	"encoding/binary"
)

// box makes an MP4 box (ISO/IEC 14496-12) of its fields: byte slices and strings as they
// are, numbers big-endian in their width.
func box(kind string, fields ...any) []byte {
	var b bytes.Buffer
	b.WriteString("\x00\x00\x00\x00" + kind)
	for _, f := range fields {
		if s, ok := f.(string); ok {
			f = []byte(s)
		}
		_ = binary.Write(&b, binary.BigEndian, f) // cannot fail: all are of a fixed size
	}
	binary.BigEndian.PutUint32(b.Bytes(), uint32(b.Len()))
	return b.Bytes()
}

// mp4 packs the frames of a video, its index before its data so that it plays while it
// loads.
func mp4(frames [][]byte) []byte {
	ftyp := box("ftyp", "isom", uint32(0x200), "isomiso2avc1mp41")
	var data []byte
	sizes := make([]uint32, len(frames))
	for i, f := range frames {
		sizes[i] = uint32(4 + len(f))
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(f))), f...)
	}
	// The index's length does not depend on the offset in it.
	offset := len(ftyp) + len(movieBox(sizes, 0)) + 8
	return append(append(ftyp, movieBox(sizes, uint32(offset))...), box("mdat", data)...)
}

// movieBox is the index of one video track of frames of the given sizes, which stand one
// after the other from offset on.
func movieBox(sizes []uint32, offset uint32) []byte {
	const tick = 1000 // milliseconds, the movie's clock; the track's has one tick a frame
	var (
		n      = uint32(len(sizes))
		length = n * tick / videoRate
		unity  = []uint32{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000}
		none   = uint32(0)
		sps    = h264SPS()
		pps    = h264PPS()
	)
	avcC := box("avcC", uint8(1), sps[1:4], uint8(0xFF), uint8(0xE1), uint16(len(sps)), sps, uint8(1), uint16(len(pps)), pps)
	avc1 := box("avc1", make([]byte, 6), uint16(1), make([]byte, 16), uint16(videoSize), uint16(videoSize),
		uint32(72<<16), uint32(72<<16), none, uint16(1), make([]byte, 32), uint16(24), uint16(0xFFFF), avcC)
	stbl := box("stbl",
		box("stsd", none, uint32(1), avc1),
		box("stts", none, uint32(1), n, uint32(1)),
		box("stsc", none, uint32(1), uint32(1), n, uint32(1)),
		box("stsz", none, none, n, sizes),
		box("stco", none, uint32(1), offset))
	minf := box("minf",
		box("vmhd", uint32(1), make([]byte, 8)),
		box("dinf", box("dref", none, uint32(1), box("url ", uint32(1)))),
		stbl)
	mdia := box("mdia",
		box("mdhd", none, none, none, uint32(videoRate), n, uint16(0x55C4), uint16(0)), // language "und"
		box("hdlr", none, none, "vide", make([]byte, 12), "video\x00"),
		minf)
	tkhd := box("tkhd", uint32(3), none, none, uint32(1), none, length, make([]byte, 16), unity,
		uint32(videoSize<<16), uint32(videoSize<<16))
	mvhd := box("mvhd", none, none, none, uint32(tick), length, uint32(0x10000), uint16(0x100), make([]byte, 10), unity,
		make([]byte, 24), uint32(2))
	return box("moov", mvhd, box("trak", tkhd, mdia))
}
