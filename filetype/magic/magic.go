// Package magic recognises file formats by how their content begins: the signature, and
// the fields that follow it. A signature alone proves nothing: "GIF89a is what emotes
// use" is a text, and so is "The wide valley" although it holds a QuickTime file's "wide"
// where that would stand.
//
// It is the one table of signatures for those who ask what a file is (package filetype)
// and for those who ask whether it is complete (package watcher/completeness).
package magic

// Format is a format's short name, such as PNG; "" stands for none of the table.
type Format string

// row is one format and its recogniser, which gets the first bytes of a file: all of a
// short one, or none. It must want enough of what follows the signature to make sense,
// and must not fail for a file that is cut behind those fields.
type row struct {
	format Format
	is     func(head []byte) bool
}

// HeadSize is how many of a file's first bytes are worth handing in.
const HeadSize = 4096

// Of returns the format that a file with these first bytes has, "" if it is none of the
// table. What stands behind an ID3 tag is what it is; it is taken for an MP3 if the tag is
// longer than head (see TagSize). Of reads nothing else, never panics, and is safe for
// concurrent use.
func Of(head []byte) Format {
	if n := TagSize(head); n > 0 && n < int64(len(head)) {
		head = head[n:]
		if f := of(head); f != "" {
			return f
		}
		return "MP3"
	}
	return of(head)
}

func of(head []byte) Format {
	for _, r := range table {
		if r.is(head) {
			return r.format
		}
	}
	return ""
}

// table is tried in this order, so what is recognised by little comes last. It is never
// written to.
var table = concat(images, bitmaps, netpbm, media, models, documents, texts, others)

func concat(lists ...[]row) (all []row) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// Formats lists every format that Of tells.
func Formats() (all []Format) {
	for _, r := range table {
		all = append(all, r.format)
	}
	return all
}
