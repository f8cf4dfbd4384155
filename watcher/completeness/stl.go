package completeness

import (
	"bytes"
	"strings"
)

// checkSTL wants the length that the number of triangles makes, or in the text form the
// word endsolid behind the last triangle. A binary file may begin with the word solid too:
// what tells it from a text are its zero bytes.
func checkSTL(w *window) Verdict {
	var want int64
	if h := w.at(80, 4); h != nil {
		want = 84 + 50*int64(le.Uint32(h))
	}
	t := newText(w)
	switch {
	case want == w.size && want > 84:
		return w.filled(false)
	case !t.binary() && (t.order != nil || looksLikeSTL(t.head()) || w.size < 84 || t.blank()):
		return stlText(t)
	case !t.binary(), isSubtitles(t.head()):
		return cannotTell("its content does not look like an STL")
	case want == 0:
		return onlyFirst(w.size, "STL")
	case want == 84 && w.size > 84:
		return unpatched("STL")
	case want == 84:
		return cannotTell("the STL is empty: it has no triangles")
	case want > w.size:
		return tooShort(w, "STL", want)
	default:
		return w.filledTo(want)
	}
}

// exactSTL reads all of a text. A binary file's verdict is exact already.
func exactSTL(w *window) Verdict {
	v := checkSTL(w)
	if t := newText(w); v.State == Incomplete && !t.binary() {
		open := true
		s := t.stream()
		for word, more := s.word(); more || word != ""; word, more = s.word() {
			if strings.HasPrefix(word, "\x00") {
				if !open {
					return cannotTell("the STL ends in zeros, where another solid may follow")
				}
				return v
			}
			switch word {
			case "endsolid":
				open = false
			case "solid", "facet":
				open = true
			}
		}
		if !open {
			return complete()
		}
	}
	return v
}

// word returns the first word of the line, in lower case and of 16 characters at most,
// and goes to the next one; false at the end.
func (s *stream) word() (string, bool) {
	var word []byte
	for begun, ended := false, false; ; {
		c, ok := s.next()
		switch {
		case !ok:
			return string(bytes.ToLower(word)), false
		case c == '\n' || c == '\r':
			return string(bytes.ToLower(word)), true
		case c == ' ' || c == '\t':
			ended = begun
		case !ended && len(word) < 16:
			word, begun = append(word, c), true
		}
	}
}

// isSubtitles recognises the other format of that name, of the European Broadcasting Union.
func isSubtitles(head []byte) bool {
	return len(head) > 8 && (string(head[3:8]) == "STL25" || string(head[3:8]) == "STL30")
}

func looksLikeSTL(head []byte) bool {
	head = bytes.ToLower(head)
	return bytes.Contains(head, []byte("solid")) || bytes.Contains(head, []byte("facet"))
}

// stlText wants the word endsolid behind the last facet, whatever follows it: the name of
// the first line, a comment.
func stlText(t text) Verdict {
	p := bytes.ToLower(t.tail())
	i := bytes.LastIndex(p, []byte("endsolid"))
	open := i < 0 || bytes.Contains(p[i:], []byte("facet")) || bytes.Contains(p[i+len("endsolid"):], []byte("\nsolid"))
	switch {
	case t.unfilled && open, t.blank():
		return unwritten("STL")
	case open:
		return endMissing("STL")
	case t.unfilled:
		return cannotTell("the STL ends in zeros, where another solid may follow")
	}
	line, ended := t.lastLine()
	first, _, _ := bytes.Cut(bytes.TrimLeft(bytes.ReplaceAll(t.head(), []byte("\r"), []byte("\n")), " \t\n"), []byte("\n"))
	name, last := bytes.CutPrefix(bytes.ToLower(line), []byte("endsolid"))
	if ended || !last || bytes.Equal(bytes.TrimSpace(name), bytes.TrimSpace(bytes.TrimPrefix(bytes.ToLower(first), []byte("solid")))) {
		return complete()
	}
	return cannotTell("the STL's last line may be cut off behind its end mark")
}
