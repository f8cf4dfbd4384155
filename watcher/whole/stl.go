package whole

import "bytes"

// checkSTL wants the length that the number of triangles makes, or in the text form the
// word endsolid in the last line. A binary file may begin with the word solid too.
func checkSTL(w *window) Verdict {
	head := w.head()
	var want int64
	if h := w.at(80, 4); h != nil {
		want = 84 + 50*int64(le.Uint32(h))
	}
	text := bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("solid")) && bytes.IndexByte(head, 0) < 0
	switch {
	case want == w.size && want > 84:
		return w.filled(false)
	case text || w.size < 84 && bytes.IndexByte(head, 0) < 0:
		return stlText(w)
	case want == 0:
		return incomplete("only the first %d bytes of the STL are there", w.size)
	case want == 84 && w.size > 84:
		return unpatched("STL")
	case want == 84:
		return cannotTell("the STL is empty: it has no triangles")
	case want > w.size:
		return tooShort(w, "STL", want)
	default:
		return cannotTell("the STL is longer than its number of triangles says")
	}
}

// stlText looks at the last line, in which the name of the first line may follow the word.
func stlText(w *window) Verdict {
	t := w.tail(many)
	trimmed := bytes.TrimRight(t, " \t\r\n")
	line := bytes.TrimSpace(trimmed[bytes.LastIndexByte(trimmed, '\n')+1:])
	first, _, _ := bytes.Cut(bytes.TrimLeft(w.head(), " \t\r\n"), []byte("\n"))
	name, ends := bytes.CutPrefix(line, []byte("endsolid"))
	switch {
	case w.hasNUL():
		return incomplete("the STL has its size but its end is still empty")
	case !ends:
		return endMissing("STL")
	case bytes.HasSuffix(t, []byte("\n")) || bytes.Equal(bytes.TrimSpace(name), bytes.TrimSpace(bytes.TrimPrefix(first, []byte("solid")))):
		return complete()
	default:
		return cannotTell("the STL's last line may be cut off behind its end mark")
	}
}
