package filetype

import (
	"bytes"
	"errors"
	"io"

	"scenario-drop/filetype/magic"
)

// deepHead is how much more than HeadSize is read of a file whose first bytes do not tell what it
// is, since a comment or a table of its own stands there first.
const deepHead = 64 << 10

// Identify tells what the file of a name and a size in bytes is, by what r reads of it: its
// first HeadSize bytes, and where what tells lies further back, a few pieces more, of deepHead
// bytes together: what stands behind an ID3 tag, the tracks of a video, the outermost element of an
// XML text behind a long comment. The error is that of reading; a file shorter than size is one.
func Identify(name string, r io.ReaderAt, size int64) (Type, error) {
	head := make([]byte, min(HeadSize, max(size, 0)))
	n, err := r.ReadAt(head, 0)
	if n < len(head) {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Type{}, err
	}
	if int64(n) < size {
		if f, ok := further(name, head, r, size); ok {
			return Type{f}, nil
		}
	}
	return Type{complete(detect(name, head), r, size)}, nil
}

// further tells what a file is whose first bytes do not tell it. ok is false where they do, or
// what is behind them cannot be read.
func further(name string, head []byte, r io.ReaderAt, size int64) (f format, ok bool) {
	if tag := magic.TagSize(head); tag >= int64(len(head)) {
		if tag >= size {
			return f, false
		}
		behind := make([]byte, min(HeadSize, size-tag))
		if n, _ := r.ReadAt(behind, tag); n < len(behind) {
			return f, false
		}
		m := magic.Of(bytes.TrimLeft(behind, "\x00"))
		if m == "" {
			m = "MP3"
		}
		f, ok = signed(m, behind, extension(name))
		return f, ok
	}
	asf := magic.Of(head) == "ASF"
	text := plainText(head)
	xml := text != nil && bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("<")) && magic.XMLRoot(head) == ""
	if !asf && !xml {
		return f, false
	}
	more := make([]byte, min(deepHead, size))
	if n, _ := r.ReadAt(more, 0); n < len(more) {
		return f, false
	}
	return detect(name, more), true
}

// complete tells a format from others that begin like it, by the tracks in it.
func complete(f format, r io.ReaderAt, size int64) format {
	other := ""
	switch f.name {
	case "MKV", "WebM", "WebM sound", "Matroska sound":
		return ebmlFormat(matroska(r, size))
	case "MP4", "M4A":
		switch video, sound := movieTracks(r, size); {
		case video:
			other = "MP4"
		case sound:
			other = "M4A"
		}
	}
	if told, ok := find(table.byName, other); ok {
		return told
	}
	return f
}
