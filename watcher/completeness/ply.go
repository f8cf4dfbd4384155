package completeness

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// plyWalk is up to which size the quick check reads all of a PLY, in bytes.
const plyWalk = 768 << 10

// checkPLY wants as much data as the header's counts ask for. Lists (the corners of
// faces) have no fixed length: a small file is walked. Of a larger one the least possible
// length is asked for, and whether all its lists can be as long as the first; else the
// exact check has to walk it.
func checkPLY(w *window) Verdict {
	p, v := openPLY(w)
	switch {
	case p == nil:
		return v
	case p.order != nil && w.size <= plyWalk:
		return p.walk()
	case p.order != nil:
		return p.uniform()
	case w.size <= plyWalk:
		return p.lines()
	default:
		return p.lastLine()
	}
}

// exactPLY walks all lists, or counts all values of a text, which may be spread over lines
// in any way.
func exactPLY(w *window) Verdict {
	p, v := openPLY(w)
	switch {
	case p == nil:
		return v
	case w.size > MaxExact && p.order != nil:
		return cannotTell("the PLY's faces differ in their number of corners, so its length cannot be known")
	case p.order != nil:
		return p.walk()
	default:
		return p.values()
	}
}

// openPLY reads the header; of what cannot be read, the verdict.
func openPLY(w *window) (*ply, Verdict) {
	const longest = 16 << 10
	t := newText(w)
	h := t.ascii(bytes.Clone(w.at(t.start, int(min(longest, w.size-t.start)))))
	i := bytes.Index(h, []byte("\nend_header"))
	if i < 0 {
		i = bytes.Index(h, []byte("\rend_header"))
	}
	if i < 0 {
		if w.size < longest {
			return nil, incomplete("the PLY's header is cut off")
		}
		return nil, cannotTell("the PLY's header is too long to be read")
	}
	j := i + len("\nend_header")
	j += len(h[j:]) - len(bytes.TrimLeft(h[j:], " \t"))
	switch rest := h[j:]; {
	case bytes.HasPrefix(rest, []byte("\r\n")) && bytes.Contains(h[:i+1], []byte("\r\n")):
		j += 2
	case bytes.HasPrefix(rest, []byte("\n")), bytes.HasPrefix(rest, []byte("\r")):
		j++
	default:
		return nil, incomplete("the PLY's header is cut off")
	}
	p, ok := plyHeader(string(h[:i]))
	if !ok {
		return nil, cannotTell("the PLY's header is not as expected")
	}
	p.w, p.text = w, t
	p.text.start = t.start + int64(j*t.unit())
	p.start = p.text.start
	return &p, Verdict{}
}

type ply struct {
	w        *window
	text     text // of the data in the text form
	start    int64
	order    binary.ByteOrder // nil: text
	elements []plyElement
	last     int64 // length in bytes of the list that skip met last
}

type plyElement struct {
	count int64
	props []plyProp
}

type plyProp struct {
	size  int64 // of one value, in bytes
	count int64 // of a list's number of values, in bytes; 0: not a list
}

func plyHeader(s string) (p ply, ok bool) {
	sizes := map[string]int64{
		"char": 1, "uchar": 1, "int8": 1, "uint8": 1, "short": 2, "ushort": 2, "int16": 2, "uint16": 2,
		"int": 4, "uint": 4, "int32": 4, "uint32": 4, "float": 4, "float32": 4, "double": 8, "float64": 8,
	}
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		f := strings.Fields(line)
		last := len(p.elements) - 1
		switch {
		case len(f) == 3 && f[0] == "format":
			switch f[1] {
			case "binary_little_endian":
				p.order = le
			case "binary_big_endian":
				p.order = be
			case "ascii":
			default:
				return p, false
			}
			ok = true
		case len(f) == 3 && f[0] == "element":
			n, err := strconv.ParseInt(f[2], 10, 48)
			if err != nil || n < 0 {
				return p, false
			}
			p.elements = append(p.elements, plyElement{count: n})
		case len(f) == 3 && f[0] == "property" && last >= 0 && sizes[f[1]] > 0:
			p.elements[last].props = append(p.elements[last].props, plyProp{size: sizes[f[1]]})
		case len(f) == 5 && f[0] == "property" && f[1] == "list" && last >= 0 && sizes[f[2]] > 0 && sizes[f[3]] > 0:
			p.elements[last].props = append(p.elements[last].props, plyProp{size: sizes[f[3]], count: sizes[f[2]]})
		case len(f) > 0 && f[0] == "property":
			return p, false
		}
	}
	return p, ok && len(p.elements) > 0
}

// least is the length of one element in bytes if every list were empty, and whether it
// has none.
func (e plyElement) least() (n int64, fixed bool) {
	fixed = true
	for _, p := range e.props {
		if p.count > 0 {
			n, fixed = n+p.count, false
		} else {
			n += p.size
		}
	}
	return n, fixed
}

// short returns where the data ends at the earliest, whether that is exact, and a verdict
// if the file ends before.
func (p *ply) short() (end int64, exact bool, v Verdict) {
	end, exact = p.start, true
	for _, e := range p.elements {
		n, fixed := e.least()
		exact = exact && fixed
		// The product is bounded: a count has 48 bits, and an element of over 2¹⁴ bytes
		// would need a longer header than was read.
		if end += e.count * n; end > p.w.size {
			return end, exact, tooShort(p.w, "PLY", end)
		}
	}
	return end, exact, Verdict{}
}

// walk goes through all of a binary file's lists.
func (p *ply) walk() Verdict {
	end, exact, v := p.short()
	if v.State == Incomplete {
		return v
	}
	if !exact {
		s := p.w.stream(p.start)
		for _, e := range p.elements {
			n, fixed := e.least()
			if fixed {
				s.skip(e.count * n)
				continue
			}
			for range e.count {
				if !p.skip(s, e) {
					return incomplete("the PLY breaks off before its last faces")
				}
			}
		}
		end = s.pos()
		switch _, fixed := p.elements[len(p.elements)-1].least(); {
		case fixed:
		case p.last > 0:
			return p.w.part(0, end).filled(false)
		case p.w.zeros() >= many:
			return unwritten("PLY") // faces have corners
		}
	}
	return p.w.filledTo(end)
}

// skip goes past one element.
func (p *ply) skip(s *stream, e plyElement) bool {
	for _, prop := range e.props {
		n := prop.size
		if prop.count > 0 {
			var b [8]byte
			for i := range prop.count {
				c, ok := s.next()
				if !ok {
					return false
				}
				b[i] = c
			}
			n *= p.number(b[:prop.count])
			p.last = n
		}
		if !s.skip(n) {
			return false
		}
	}
	return true
}

// number reads the length of a list.
func (p *ply) number(b []byte) int64 {
	switch len(b) {
	case 1:
		return int64(b[0])
	case 2:
		return int64(p.order.Uint16(b))
	case 4:
		return int64(p.order.Uint32(b))
	default: // a length as a floating-point number: never seen
		return 0
	}
}

// uniform judges a large mesh by its first face, if faces come last.
func (p *ply) uniform() Verdict {
	end, exact, v := p.short()
	switch {
	case v.State == Incomplete:
		return v
	case exact:
		return p.w.filledTo(end)
	}
	off := p.start
	for i, e := range p.elements {
		n, fixed := e.least()
		if fixed {
			off += e.count * n
			continue
		}
		s := p.w.stream(off)
		if i != len(p.elements)-1 || !p.skip(s, e) {
			break
		}
		if s.pos() > off && (p.w.size-off)%(s.pos()-off) == 0 && (p.w.size-off)/(s.pos()-off) == e.count {
			return p.w.filled(false)
		}
		break
	}
	return incomplete("the PLY may break off before its last faces")
}

// lastLine looks at the end of a long text only.
func (p *ply) lastLine() Verdict {
	switch _, ended := p.text.lastLine(); {
	case p.text.unfilled:
		return unwritten("PLY")
	case ended:
		return cannotTell("the PLY is too long to count its lines; the last one is whole")
	default:
		return incomplete("the PLY's last line is cut off")
	}
}

// lines counts the lines of a text: one for each element.
func (p *ply) lines() Verdict {
	var want, lines int64
	for _, e := range p.elements {
		want += e.count
	}
	s, blank := p.text.stream(), true
	for lines < want {
		c, ok := s.next()
		switch {
		case !ok && !blank && lines+1 == want && !p.text.unfilled:
			return cannotTell("the PLY's last line has no end; it may be whole")
		case !ok && p.text.unfilled, c == 0 && ok:
			return unwritten("PLY")
		case !ok:
			return incomplete("the PLY holds %d of its %d lines", lines, want)
		case c == '\n' || c == '\r':
			if !blank {
				lines++
			}
			blank = true
		case c != ' ' && c != '\t':
			blank = false
		}
	}
	return complete()
}
