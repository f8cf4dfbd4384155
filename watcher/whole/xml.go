package whole

import (
	"bytes"

	"scenario-drop/filetype/magic"
)

// checkXML wants the outermost element closed, and follows the tags to it. Of a text
// longer than MaxText, its end must be the closing tag.
func checkXML(w *window) Verdict {
	head := w.head()
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		return cannotTell("the text is not in UTF-8")
	}
	root := magic.XMLRoot(head)
	switch {
	case allZero(head):
		return incomplete("the file has its size but not yet its content")
	case root == "" && w.size < headSize:
		return incomplete("the text breaks off before it begins")
	case root == "":
		return cannotTell("its content is not XML")
	case w.size > MaxText:
		t := bytes.TrimRight(w.tail(many), " \t\r\n")
		if i := bytes.LastIndex(t, []byte("</")); i >= 0 && bytes.HasSuffix(t, []byte(">")) && bytes.Contains(t[i:], []byte(root)) {
			return complete()
		}
		return incomplete("the closing tag of %s is missing", root)
	}
	x := xmlScan{s: w.stream(0)}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		x.s.skip(3)
	}
	if x.root() {
		return complete()
	}
	if w.hasNUL() {
		return incomplete("the file has its size but its end is still empty")
	}
	return incomplete("the closing tag of %s is missing", root)
}

// xmlScan follows the nesting of tags, and nothing else.
type xmlScan struct{ s *stream }

// root reports whether the outermost element is closed.
func (x xmlScan) root() bool {
	for depth := 0; ; {
		if !x.past("<") {
			return false
		}
		c, ok := x.s.next()
		switch {
		case !ok:
			return false
		case c == '?':
			ok = x.past("?>")
		case c == '!':
			ok = x.declaration()
		case c == '/':
			ok = x.past(">")
			depth--
		default:
			var empty bool
			if empty, ok = x.tag(c); !empty {
				depth++
			}
		}
		if !ok {
			return false
		}
		if depth <= 0 && c != '?' && c != '!' {
			return true
		}
	}
}

// past reads up to and including end, whose characters may repeat before it (-->).
func (x xmlScan) past(end string) bool {
	var last [3]byte
	for {
		c, ok := x.s.next()
		if !ok {
			return false
		}
		last = [3]byte{last[1], last[2], c}
		if string(last[3-len(end):]) == end {
			return true
		}
	}
}

// declaration reads a comment, CDATA or DOCTYPE from behind "<!".
func (x xmlScan) declaration() bool {
	c, ok := x.s.next()
	switch {
	case !ok:
		return false
	case c == '-':
		_, ok = x.s.next()
		return ok && x.past("-->")
	case c == '[':
		return x.past("]]>")
	}
	for brackets := 0; ok; c, ok = x.s.next() {
		switch {
		case c == '"' || c == '\'':
			if !x.past(string(c)) {
				return false
			}
		case c == '[':
			brackets++
		case c == ']':
			brackets--
		case c == '>' && brackets <= 0:
			return true
		}
	}
	return false
}

// tag reads a start tag from behind its first character.
func (x xmlScan) tag(c byte) (empty, ok bool) {
	for {
		switch c {
		case '"', '\'':
			if !x.past(string(rune(c))) {
				return false, false
			}
		case '>':
			return empty, true
		}
		empty = c == '/'
		if c, ok = x.s.next(); !ok {
			return false, false
		}
	}
}
