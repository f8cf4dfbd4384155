// Package completeness tells cheaply whether a file is all there, from what its format says
// about its own end: an end mark, a declared length, an index at the tail.
//
// A verdict is not a validation. A file can be Complete and still be refused by
// Scenario; what this package finds is the file that a crashed export, a broken copy or
// a download in progress left behind. Three things follow from that:
//
//   - Complete is said only where the format proves its end. A format without an end
//     mark (OBJ, an MP3 without a length header, ADTS) is never Complete: its last
//     piece can at best be whole, and the verdict is CannotTell.
//   - Incomplete is said only where something that must be there is missing. Bytes after
//     a proven end (a trailer of a camera, padding) do not matter.
//   - A file extended to its full size before it is filled ends in zeros. Where the
//     format does not allow that at its end, the verdict is Incomplete; where zeros are
//     legal data (silence in a WAV, a black TIFF, unused weights) it is CannotTell.
//
// Zeros are looked for at the end of the file, in runs of 64 bytes and more. What a download in
// several segments leaves out in the middle is not searched for; WithGap judges it where the
// filesystem tells.
package completeness

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"scenario-drop/filetype/magic"
)

// State is what a look at a file's structure came to.
type State int

const (
	// CannotTell means that the format is unknown, has no end that can be checked
	// cheaply, or ends in zeros that may or may not be data. Other means (a quiet time,
	// a probe for writers) must decide.
	CannotTell State = iota
	// Complete means that the format's own end is where it should be.
	Complete
	// Incomplete means that something the format demands is not there (yet).
	Incomplete
)

// String returns the state in words, for logs.
func (s State) String() string {
	switch s {
	case Complete:
		return "complete"
	case Incomplete:
		return "incomplete"
	default:
		return "cannot tell"
	}
}

// Verdict is the outcome of Check.
type Verdict struct {
	State  State
	Format string // such as "PNG"; "" when the format is not known
	Detail string // a phrase for people, such as "the PNG's end mark is missing"; never "" unless Complete
	Err    error  // a failed read, not io.EOF; State is then CannotTell
}

const (
	// MaxRead bounds what the quick check reads of a file, in bytes, except of formats that
	// are one text to be followed (JSON, XML, the text forms of FBX and USD …) or begin with
	// one (safetensors, GLB, GGUF): see MaxText.
	MaxRead = 1 << 20
	// MaxText bounds what one check reads of a text that has to be read from its
	// beginning, in bytes. What is longer is judged by its tail.
	MaxText = 8 << 20
	// MaxReads bounds the number of reads of the quick check.
	MaxReads = 96
	// MaxExact and MaxExactReads bound the exact check, which only a file gets that would
	// otherwise be Incomplete. Little of it is in memory at a time.
	MaxExact      = 128 << 20
	MaxExactReads = 64 << 10

	headSize = magic.HeadSize
)

// Check looks at the file of that name (only its extension counts) and size in bytes,
// and says whether it is whole. It goes by content first; the extension helps where the
// content has no signature, or is cut before it.
//
// The quick check reads at most MaxReads pieces, of MaxRead bytes (or MaxText) together.
// What it finds incomplete is checked again, exactly, if its format has a dearer way: by
// walking all of it, or searching for its end. If even MaxExact bytes do not suffice for
// that, the quick verdict stands. Check keeps nothing, never panics, whatever the file
// holds, and is safe for concurrent use as far as r is.
func Check(name string, r io.ReaderAt, size int64) Verdict {
	return check(name, r, size, MaxExact)
}

func check(name string, r io.ReaderAt, size, maxExact int64) Verdict {
	if size <= 0 {
		return Verdict{State: Incomplete, Detail: "the file is empty"}
	}
	w := newWindow(r, size, MaxReads, MaxRead)
	g, start, ok := pick(name, w)
	if w.failed() {
		return w.failure("")
	}
	if !ok {
		return Verdict{State: CannotTell, Detail: "the format is not one whose end can be checked"}
	}
	if g.text {
		w.allow(MaxText)
	}
	v := g.verdict(w.from(start), g.check)
	if v.State == Incomplete && g.exact != nil && !w.failed() {
		w = newWindow(r, size, MaxExactReads, maxExact)
		if exact := g.verdict(w.from(start), g.exact); !w.limits.spent {
			v = exact
		}
	}
	return v
}

// gate is one format's check.
type gate struct {
	format magic.Format
	exts   []string // lower case, with the dot
	signed int      // how many bytes package magic needs to recognise it: what is shorter can only be cut; 0: a file without a signature may be of the format
	text   bool     // may read up to MaxText
	check  func(w *window) Verdict
	// exact is the dearer check of a file that check finds incomplete; nil: check is exact.
	exact func(w *window) Verdict
	end   string // what tells that a file is complete, for people
}

func (g gate) verdict(w *window, check func(w *window) Verdict) Verdict {
	v := check(w)
	if w.failed() {
		return w.failure(string(g.format))
	}
	if v.Format == "" {
		v.Format = string(g.format)
	}
	return v
}

// pick finds the gate for a file, and where the content begins that it is for: behind the ID3
// tags of a sound that is no MP3. What the content begins like decides; if that is no
// format of the table the extension does, if it belongs to a gate that can do without a
// signature. A file named like a signed format but without the signature gets a gate that
// says so. A part of a file that a program has split (.7z.001) gets none.
func pick(name string, w *window) (g gate, start int64, ok bool) {
	table := gates()
	ext := strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
	if len(ext) == 4 && strings.Trim(ext, ".0123456789") == "" {
		return gate{}, 0, false
	}
	start, format := content(w)
	if format != "" {
		for _, g := range table {
			if g.format == format {
				return g, start, true
			}
		}
	}
	if ext == "" {
		return gate{}, 0, false
	}
	for _, g := range table {
		for _, e := range g.exts {
			if e != ext {
				continue
			}
			if g.signed > 0 {
				g.check, g.exact = unsigned(g), nil
			}
			return g, 0, true
		}
	}
	return gate{}, 0, false
}

// content tells the format of a file, and where it begins.
func content(w *window) (int64, magic.Format) {
	format := magic.Of(w.head())
	start := magic.TagSize(w.head())
	if start == 0 || start >= w.size {
		return 0, format
	}
	if start >= headSize {
		p := w.at(start, int(min(w.size-start, headSize)))
		padding := len(p) - len(bytes.TrimLeft(p, "\x00"))
		format, start = magic.Of(p[padding:]), start+int64(padding)
	}
	if format == "" || format == "MP3" || start >= w.size {
		return 0, "MP3" // which is checked with its tags
	}
	return start, format
}

// unsigned is the check for a file whose name promises g's format and whose content
// does not begin like it.
func unsigned(g gate) func(w *window) Verdict {
	return func(w *window) Verdict {
		switch {
		case w.size < int64(g.signed):
			return onlyFirst(w.size, string(g.format))
		case allZero(w.head()):
			return incomplete("the file has its size but not yet its content")
		default:
			return cannotTell("its content does not look like %s", g.format)
		}
	}
}

func complete() Verdict { return Verdict{State: Complete} }

func incomplete(format string, a ...any) Verdict {
	return Verdict{State: Incomplete, Detail: fmt.Sprintf(format, a...)}
}

// onlyFirst is the verdict on what ends before anything could be told.
func onlyFirst(size int64, of string) Verdict {
	if size == 1 {
		return incomplete("only the first byte of the %s is there", of)
	}
	return incomplete("only the first %d bytes of the %s are there", size, of)
}

func cannotTell(format string, a ...any) Verdict {
	return Verdict{State: CannotTell, Detail: fmt.Sprintf(format, a...)}
}

// tooShort is the verdict on a file that should be want bytes long and is shorter.
func tooShort(w *window, what string, want int64) Verdict {
	return incomplete("the %s should be %d bytes long, and only %d are there", what, want, w.size)
}

// endMissing is the verdict on a file that stops before its format's end mark.
func endMissing(what string) Verdict {
	return incomplete("the %s's end mark is missing", what)
}

// atMost turns Complete into the given lesser state.
func (v Verdict) atMost(s State, detail string) Verdict {
	if v.State == Complete {
		return Verdict{State: s, Detail: detail}
	}
	return v
}
