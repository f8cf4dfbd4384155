package completeness

import (
	"bytes"
	"encoding/binary"

	"scenario-drop/filetype/magic"
)

// text is a window on a text as any system writes it: with or without a byte-order mark,
// in UTF-8 (or another superset of ASCII) or in UTF-16, with any line ends, and with what
// some programs leave behind it, which is not the text's: the end-of-file character of
// CP/M and DOS (0x1A) and a few NULs.
type text struct {
	w          *window
	order      binary.ByteOrder // of UTF-16; nil: one byte is one character of ASCII, or a part of another
	start, end int64            // of the text in w, in bytes
	// unfilled says that more NULs stand behind the text than a program leaves there: the
	// file has been extended before it was filled.
	unfilled bool
}

func newText(w *window) text {
	mark, order := magic.Encoding(w.head())
	t := text{w: w, order: order, start: int64(mark), end: w.size}
	if order != nil {
		t.end -= (t.end - t.start) & 1 // half a character
	}
	if t.start >= t.end {
		t.end = t.start
		return t
	}
	raw := w.at(max(t.start, t.end-many), int(min(many, t.end-t.start)))
	p := t.ascii(bytes.Clone(raw))
	trimmed := bytes.TrimRight(p, "\x00\x1a \t\r\n")
	pad := p[len(trimmed):]
	if i := bytes.IndexAny(pad, "\x00\x1a"); i >= 0 {
		t.end -= int64((len(pad) - i) * t.unit())
		t.unfilled = bytes.Count(pad, []byte{0})*t.unit() >= few
	}
	return t
}

// unit is the length of an ASCII character in bytes.
func (t text) unit() int {
	if t.order != nil {
		return 2
	}
	return 1
}

// ascii turns p, in place, into one byte for each unit. What is no ASCII in UTF-16
// becomes 0xFF.
func (t text) ascii(p []byte) []byte {
	if t.order == nil {
		return p
	}
	n := len(p) / 2
	for i := range n {
		u := t.order.Uint16(p[2*i:])
		if u > 0x7F {
			u = 0xFF
		}
		p[i] = byte(u)
	}
	return p[:n]
}

// stream reads the text from its beginning.
func (t text) stream() *stream { return &stream{w: t.w, off: t.start, end: t.end, text: &t} }

// head returns the beginning of the text, within what w.head has of the file.
func (t text) head() []byte {
	h := t.w.head()
	p := t.ascii(bytes.Clone(h[min(t.start, int64(len(h))):min(t.end, int64(len(h)))]))
	if t.unfilled {
		p = bytes.TrimRight(p, "\x00")
	}
	return p
}

// tail returns the end of the text, of many bytes at most.
func (t text) tail() []byte {
	n := min(many, t.end-t.start)
	return t.ascii(bytes.Clone(t.w.at(t.end-n, int(n))))
}

// lastLine returns the last line that is not blank, and whether a line break follows it.
func (t text) lastLine() (line []byte, ended bool) {
	p := t.tail()
	trimmed := bytes.TrimRight(p, " \t\r\n")
	return bytes.TrimSpace(trimmed[bytes.LastIndexAny(trimmed, "\r\n")+1:]), bytes.ContainsAny(p[len(trimmed):], "\r\n")
}

// blank reports whether nothing but white space and NULs is there.
func (t text) blank() bool { return len(bytes.Trim(t.head(), "\x00 \t\r\n")) == 0 }

// binary reports whether the beginning is that of no text.
func (t text) binary() bool { return bytes.IndexByte(t.head(), 0) >= 0 }

// unwritten is the verdict on a file whose text is followed by zeros.
func unwritten(what string) Verdict {
	return incomplete("the %s has its size but its end is still empty", what)
}
