package filetype

import (
	"encoding/binary"
	"io"

	"scenario-drop/filetype/magic"
)

// Elements of EBML and Matroska (RFC 8794, section 11; RFC 9559, section 5.1).
const (
	ebmlHeader   = 0x1A45DFA3
	ebmlDocType  = 0x4282
	segment      = 0x18538067
	cluster      = 0x1F43B675
	tracks       = 0x1654AE6B
	trackEntry   = 0xAE
	trackType    = 0x83
	mostElements = 256 // that are looked at
	videoTrack   = 1
	soundTrack   = 2
)

// element is an EBML element's id, and where its content lies.
type element struct {
	id       uint64
	from, to int64
}

// nextElement reads the element at an offset that ends at end at the latest; one of unknown
// length ends there. ok is false where there is none.
func nextElement(r io.ReaderAt, at, end int64) (e element, ok bool) {
	var b [12]byte
	n, _ := r.ReadAt(b[:min(int64(len(b)), max(end-at, 0))], at)
	id, idLen := magic.EBMLNumber(b[:n], true)
	if idLen == 0 || idLen > 4 {
		return e, false
	}
	size, sizeLen := magic.EBMLNumber(b[idLen:n], false)
	if sizeLen == 0 {
		return e, false
	}
	e = element{id: id, from: at + int64(idLen+sizeLen), to: end}
	if unknown := uint64(1)<<(7*sizeLen) - 1; size != unknown {
		if size > uint64(end-e.from) {
			return e, e.from <= end // cut off
		}
		e.to = e.from + int64(size)
	}
	return e, e.from <= end
}

// matroska tells what kind of EBML file r of a size is, and what its tracks are, as far as they
// stand before the first pictures and sounds.
func matroska(r io.ReaderAt, size int64) (docType string, video, sound bool) {
	at, end := int64(0), size
	left := mostElements
	for left > 0 {
		left--
		e, ok := nextElement(r, at, end)
		if !ok {
			return docType, video, sound
		}
		switch e.id {
		case segment, tracks, trackEntry, ebmlHeader: // go in
			at = e.from
			continue
		case ebmlDocType:
			var b [16]byte
			n, _ := r.ReadAt(b[:min(int64(len(b)), e.to-e.from)], e.from)
			for n > 0 && b[n-1] == 0 {
				n--
			}
			docType = string(b[:n])
		case trackType:
			var b [8]byte
			n, _ := r.ReadAt(b[max(0, 8-(e.to-e.from)):], e.from)
			if int64(n) == min(8, e.to-e.from) {
				video = video || binary.BigEndian.Uint64(b[:]) == videoTrack
				sound = sound || binary.BigEndian.Uint64(b[:]) == soundTrack
			}
		case cluster:
			return docType, video, sound
		}
		at = e.to
	}
	return docType, video, sound
}

// ebmlFormat is the row of an EBML file, by its kind and its tracks.
func ebmlFormat(docType string, video, sound bool) format {
	name := "MKV"
	switch {
	case docType == "webm" && sound && !video:
		name = "WebM sound"
	case docType == "webm":
		name = "WebM"
	case sound && !video:
		name = "Matroska sound"
	}
	f, _ := find(table.byName, name)
	return f
}
