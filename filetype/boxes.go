package filetype

import (
	"encoding/binary"
	"io"
)

// mostBoxes is how many boxes of an MP4 or MOV are looked at.
const mostBoxes = 256

// movieTracks tells what the tracks of an MP4 or MOV are (ISO 14496-12, sections 4.2, 8.4.3: the
// handlers in moov/trak/mdia/hdlr). Both are false where no track was found. A movie box may
// stand at the file's end: what is before it is passed over.
func movieTracks(r io.ReaderAt, size int64) (video, sound bool) {
	for at, left := int64(0), mostBoxes; left > 0; left-- {
		var b [24]byte
		n, _ := r.ReadAt(b[:min(int64(len(b)), max(size-at, 0))], at)
		if n < 8 {
			return video, sound
		}
		length, header := int64(binary.BigEndian.Uint32(b[:])), int64(8)
		switch {
		case length == 1 && n >= 16:
			length, header = int64(binary.BigEndian.Uint64(b[8:])), 16
		case length == 0:
			length = size - at
		}
		if length < header || length > size-at {
			return video, sound
		}
		switch string(b[4:8]) {
		case "moov", "trak", "mdia": // go in
			at += header
			continue
		case "hdlr":
			if n >= 20 {
				video = video || string(b[16:20]) == "vide"
				sound = sound || string(b[16:20]) == "soun"
			}
		}
		at += length
	}
	return video, sound
}
