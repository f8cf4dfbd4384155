package completeness

import "bytes"

// checkGLTF wants the outermost brace of the JSON text closed.
func checkGLTF(w *window) Verdict { return quickJSON(w, true) }

func exactGLTF(w *window) Verdict { return followJSON(newText(w), true) }

// checkJSON wants the outermost brace or bracket closed, and that of any further document
// behind it. Only the nesting is followed, so JSON that is wrong but whole passes; comments
// and strings in single quotes, as JSON5 and many programs' settings have them, are known.
// Of more than MaxText, the tail is all that is looked at: a text that ends in a brace may
// be whole or not.
func checkJSON(w *window) Verdict { return quickJSON(w, false) }

func exactJSON(w *window) Verdict { return followJSON(newText(w), false) }

// checkJSONLines wants each document closed. As there may always be one more, the verdict
// is never Complete.
func checkJSONLines(w *window) Verdict {
	return quickJSON(w, false).atMost(CannotTell, "JSON lines have no end mark; the last one is whole")
}

func exactJSONLines(w *window) Verdict {
	return exactJSON(w).atMost(CannotTell, "JSON lines have no end mark; the last one is whole")
}

func quickJSON(w *window, single bool) Verdict {
	t := newText(w)
	if w.size <= MaxText {
		return followJSON(t, single)
	}
	switch p := bytes.TrimRight(t.tail(), " \t\r\n"); {
	case t.unfilled:
		return unwritten("file")
	case bytes.HasSuffix(p, []byte("}")) || bytes.HasSuffix(p, []byte("]")):
		return cannotTell("the file is too long to follow its braces to the end")
	default:
		return incomplete("the file's closing brace is missing")
	}
}

// jsonMarks are the characters of importance within a document.
var jsonMarks = set{'{': true, '}': true, '[': true, ']': true, '"': true, '\'': true, '/': true, 0: true}

// followJSON follows the nesting. What stands behind the first document's end is of no
// importance if there can only be a single one.
func followJSON(t text, single bool) Verdict {
	var (
		s           = t.stream()
		depth, docs int
		fresh       bool // the line began behind the last document's end
		lax         bool // it has what JSON does not, which may be misread
	)
	for {
		var c byte
		var ok bool
		if depth > 0 {
			c, ok = s.until(&jsonMarks)
		} else {
			c, ok = s.next()
		}
		if !ok {
			break
		}
		switch {
		case c == '{' || c == '[':
			if depth == 0 && docs > 0 && !fresh {
				return cannotTell("there is more behind the end of the JSON")
			}
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return cannotTell("its content is not JSON")
			}
			if depth == 0 {
				docs, fresh = docs+1, false
			}
		case c == '"' || c == '\'' && depth > 0:
			lax = lax || c == '\''
			if !s.quoted(c) {
				depth++ // not closed
			} else if depth == 0 {
				docs, fresh = docs+1, false
			}
		case c == '/' || c == '#' && depth == 0:
			if !s.comment(c) {
				depth++
			}
		case c == 0 && (depth > 0 || docs == 0):
			return unwritten("file")
		case c == '\n' || c == '\r':
			fresh = true
		case c == ' ' || c == '\t' || depth > 0:
		case docs > 0:
			return cannotTell("there is more behind the end of the JSON")
		default:
			return cannotTell("its content is not JSON")
		}
		if single && docs > 0 {
			return complete()
		}
	}
	switch {
	case depth == 0 && docs == 1:
		return complete()
	case depth == 0 && docs > 1:
		return cannotTell("it is one JSON text behind another; the last one is whole")
	case t.unfilled:
		return unwritten("file")
	case lax && depth > 0:
		return cannotTell("it is a kind of JSON whose braces cannot be followed")
	default:
		return incomplete("the file's closing brace is missing")
	}
}

// comment goes past a comment whose first character is c: one to the end of the line, or
// one from /* to */. False if the latter does not end.
func (s *stream) comment(c byte) bool {
	if c == '/' {
		next, ok := s.next()
		if ok && next == '*' {
			return s.past("*/")
		}
		if !ok || next == '\n' || next == '\r' {
			return true
		}
	}
	s.line()
	return true
}
