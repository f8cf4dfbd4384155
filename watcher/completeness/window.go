package completeness

import (
	"bytes"
	"errors"
	"io"
	"math"
)

// window reads a file, or a part of one, within the bounds of a Check. A read that
// cannot be had gives nil: because it lies outside, or because the bounds are used up or
// the file failed; the latter two are remembered and overrule the gate's verdict, so
// that a gate may take nil for "past the end".
type window struct {
	base, size int64
	limits     *limits
	first      []byte // the beginning of the file, read once
}

type limits struct {
	r     io.ReaderAt
	reads int
	bytes int64
	spent bool
	short bool // the file ended before the size it was said to have
	err   error
}

// newWindow is a window on a whole file that makes at most that many reads, of so many
// bytes together.
func newWindow(r io.ReaderAt, size int64, reads int, bytes int64) *window {
	w := &window{size: size, limits: &limits{r: r, reads: reads, bytes: bytes}}
	w.first = w.at(0, int(min(size, headSize)))
	return w
}

// head returns the file's first bytes, headSize at most.
func (w *window) head() []byte { return w.first }

// allow raises the bound on bytes by n.
func (w *window) allow(n int64) { w.limits.bytes += n }

// part returns a window on size bytes from off, sharing w's bounds; nil if they are not
// all in w.
func (w *window) part(off, size int64) *window {
	if off < 0 || size <= 0 || off > w.size || size > w.size-off {
		return nil
	}
	p := &window{base: w.base + off, size: size, limits: w.limits}
	p.first = p.at(0, int(min(size, headSize)))
	return p
}

// from is a window on the bytes from off on, which is in w.
func (w *window) from(off int64) *window {
	if off == 0 {
		return w
	}
	return w.part(off, w.size-off)
}

// at returns n bytes from off, or nil.
func (w *window) at(off int64, n int) []byte {
	if off < 0 || n <= 0 || off > w.size || int64(n) > w.size-off {
		return nil
	}
	if end := off + int64(n); end <= int64(len(w.first)) {
		return w.first[off:end]
	}
	l := w.limits
	if l.err != nil || l.short {
		return nil
	}
	if l.reads == 0 || l.bytes < int64(n) {
		l.spent = true
		return nil
	}
	l.reads--
	l.bytes -= int64(n)
	p := make([]byte, n)
	got, err := l.r.ReadAt(p, w.base+off)
	if got == n {
		return p
	}
	if err == nil || errors.Is(err, io.EOF) {
		l.short = true
	} else {
		l.err = err
	}
	return nil
}

// tail returns the last n bytes, or the whole window if it is smaller.
func (w *window) tail(n int) []byte {
	n = int(min(int64(n), w.size))
	return w.at(w.size-int64(n), n)
}

// zeros counts the zero bytes at the end, looking at no more than many.
func (w *window) zeros() int {
	t := w.tail(many)
	return len(t) - len(bytes.TrimRight(t, "\x00"))
}

func (w *window) failed() bool {
	return w.limits.err != nil || w.limits.short || w.limits.spent
}

func (w *window) failure(format string) Verdict {
	var v Verdict
	switch {
	case w.limits.err != nil:
		v = cannotTell("the file could not be read")
		v.Err = w.limits.err
	case w.limits.short:
		v = incomplete("the file became shorter while it was looked at")
	default:
		v = cannotTell("the file has too many pieces to check them all")
	}
	v.Format = format
	return v
}

const (
	few  = 64   // zeros at the end that may be chance
	many = 4096 // zeros at the end that compressed data does not have: a page not yet written
)

// filled gives the verdict on a file that is whole by its declared sizes, whose end is
// compressed data (where thousands of zeros cannot be) or else plain data (where they
// can).
func (w *window) filled(compressed bool) Verdict {
	switch n := w.zeros(); {
	case compressed && n >= many:
		return incomplete("the file has its size but its end is still empty")
	case n >= few:
		return cannotTell("the file ends in zeros, which may be data or a part not yet written")
	default:
		return complete()
	}
}

// filledTo is filled, of plain data that ends at end. Zeros behind it do not matter, unless
// they begin before it: then a length among them may be one that is not yet written.
func (w *window) filledTo(end int64) Verdict {
	p := w.part(0, end)
	if p == nil {
		return incomplete("the file breaks off at byte %d", w.size)
	}
	if last := p.at(end-1, 1); last != nil && last[0] == 0 && w.zeros() >= few {
		return w.filled(false)
	}
	return p.filled(false)
}

func allZero(p []byte) bool { return len(bytes.Trim(p, "\x00")) == 0 }

// length converts a declared 64-bit length so that two of them can be added without
// overflow; what is beyond that is longer than any file.
func length(u uint64) int64 { return int64(min(u, math.MaxInt64/4)) }
