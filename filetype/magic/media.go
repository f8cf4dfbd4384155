package magic

import (
	"bytes"
	"encoding/binary"
)

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// media are sounds and videos, and the pictures that share their containers.
var media = []row{
	{"WAV", chunked(le, []string{"RIFF", "RF64", "BW64"}, "WAVE")},
	{"AVI", chunked(le, []string{"RIFF"}, "AVI ")},
	{"AIFF", chunked(be, []string{"FORM"}, "AIFF", "AIFC")},
	{"W64", begins("riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00")},
	{"CAF", caf},
	{"AU", au},
	{"OGG", ogg},
	{"FLAC", flac},
	{"WavPack", wavpack},
	{"DSF", begins("DSD \x1c\x00\x00\x00\x00\x00\x00\x00")},
	{"AMR", begins("#!AMR\n\x04", "#!AMR\n\x0c", "#!AMR\n\x14", "#!AMR\n\x1c", "#!AMR\n\x24", "#!AMR\n\x2c", "#!AMR\n\x34", "#!AMR\n\x3c", "#!AMR-WB\n")},
	{"MIDI", midi},
	{"WebM", ebml},
	{"HEIC", brand("HEIC")},
	{"AVIF", brand("AVIF")},
	{"CR3", brand("CR3")},
	{"M4A", brand("M4A")},
	{"MOV", brand("MOV")},
	{"MP4", brand("MP4")},
	{"FLV", flv},
	{"ASF", begins("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c")},
	{"MPEG-TS", transport},
	{"MPEG-PS", program},
	{"MP3", mp3},
	{"AAC", adts},
}

// chunked is a container of chunks of one of these names, with a form type at byte 8 and a
// first chunk whose name and length are none of a text.
func chunked(order binary.ByteOrder, containers []string, types ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, c := range containers {
			if form(c, types...)(head) {
				return firstChunk(order, head)
			}
		}
		return false
	}
}

func firstChunk(order binary.ByteOrder, head []byte) bool {
	if id := head[12:min(16, len(head))]; !printable(id) || len(id) > 0 && id[0] == ' ' {
		return false
	}
	if len(head) < 20 {
		return !texty(head[4:8])
	}
	return !texty(head[16:20]) || order.Uint32(head[16:]) < 1<<20
}

// printable reports whether p could be (a part of) the four-letter name of a chunk or box.
func printable(p []byte) bool {
	for _, c := range p {
		if (c < 0x20 || c > 0x7E) && c != 0xA9 {
			return false
		}
	}
	return true
}

// texty reports whether a number's bytes are such as a text has.
func texty(p []byte) bool {
	for _, c := range p {
		if c < 0x20 && c != '\t' && c != '\r' && c != '\n' || c == 0x7F || c >= 0xF5 {
			return false
		}
	}
	return true
}

func caf(head []byte) bool {
	return begins("caff\x00\x01")(head) && (len(head) < 12 || string(head[8:12]) == "desc")
}

// au is Sun's and NeXT's sound: where the samples begin, their length, their encoding.
func au(head []byte) bool {
	if len(head) < 16 || string(head[:4]) != ".snd" {
		return false
	}
	off, encoding := be.Uint32(head[4:]), be.Uint32(head[12:])
	return off >= 24 && off < 1<<20 && encoding > 0 && encoding < 64
}

func ogg(head []byte) bool {
	return begins("OggS\x00")(head) && (len(head) < 6 || head[5] < 8)
}

// flac wants the first block to be STREAMINFO, of 34 bytes.
func flac(head []byte) bool {
	return begins("fLaC")(head) && (len(head) < 5 || head[4]&0x7F == 0) && bytes.HasPrefix([]byte("\x00\x00\x22"), head[min(5, len(head)):min(8, len(head))])
}

func wavpack(head []byte) bool {
	return len(head) >= 10 && string(head[:4]) == "wvpk" && head[7] == 0 && head[9] == 4
}

// midi is a Standard MIDI file; its header may be longer than the six bytes it has.
func midi(head []byte) bool {
	return len(head) >= 10 && string(head[:4]) == "MThd" && be.Uint32(head[4:]) >= 6 && be.Uint32(head[4:]) < 256 && head[8] == 0 && head[9] <= 2
}

func flv(head []byte) bool {
	return len(head) >= 9 && string(head[:4]) == "FLV\x01" && head[4]&^5 == 0 && be.Uint32(head[5:]) == 9
}
