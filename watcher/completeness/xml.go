package completeness

import (
	"bytes"
	"strings"

	"scenario-drop/filetype/magic"
)

// checkXML wants the outermost element closed, and follows the tags to it. Of a text
// longer than MaxText, its end must be the closing tag.
func checkXML(w *window) Verdict {
	t := newText(w)
	root := magic.XMLRoot(w.head())
	switch {
	case t.blank():
		return incomplete("the file has its size but not yet its content")
	case root == "" && w.size < headSize:
		if !bytes.HasPrefix(bytes.TrimSpace(t.head()), []byte("<")) {
			return cannotTell("its content is not XML")
		}
		return incomplete("the text breaks off before it begins")
	case root == "":
		return cannotTell("its content is not XML, or what stands before it is too long")
	case w.size > MaxText:
		p := bytes.TrimRight(t.tail(), " \t\r\n")
		if i := bytes.LastIndex(p, []byte("</")); i >= 0 && bytes.Contains(p[i:], []byte(root)) {
			if j := bytes.IndexByte(p[i:], '>'); j >= 0 {
				return complete() // comments may follow
			}
		}
		return closingTagMissing(t, root)
	}
	return followXML(t, root)
}

func exactXML(w *window) Verdict {
	if root := magic.XMLRoot(w.head()); root != "" {
		return followXML(newText(w), root)
	}
	return checkXML(w)
}

func followXML(t text, root string) Verdict {
	if (xmlScan{t.stream()}).root() {
		return complete()
	}
	return closingTagMissing(t, root)
}

func closingTagMissing(t text, root string) Verdict {
	if t.unfilled {
		return unwritten("file")
	}
	if strings.EqualFold(root, "html") {
		return cannotTell("it is a web page, which need not close its tags")
	}
	return incomplete("the closing tag of %s is missing", root)
}

// xmlScan follows the nesting of tags, and nothing else.
type xmlScan struct{ *stream }

// root reports whether the outermost element is closed.
func (x xmlScan) root() bool {
	for depth := 0; ; {
		if !x.past("<") {
			return false
		}
		c, ok := x.next()
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

// declaration reads a comment, CDATA or DOCTYPE from behind "<!".
func (x xmlScan) declaration() bool {
	c, ok := x.next()
	switch {
	case !ok:
		return false
	case c == '-':
		_, ok = x.next()
		return ok && x.past("-->")
	case c == '[':
		return x.past("]]>")
	}
	var last [3]byte
	for brackets := 0; ok; c, ok = x.next() {
		last = [3]byte{last[1], last[2], c}
		switch {
		case c == '"' || c == '\'':
			if !x.findByte(c) {
				return false
			}
		case string(last[:]) == "!--":
			if !x.past("-->") {
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

// tag reads a start tag from behind its first character, c.
func (x xmlScan) tag(c byte) (empty, ok bool) {
	for {
		switch c {
		case '"', '\'':
			if !x.findByte(c) {
				return false, false
			}
		case '>':
			return empty, true
		}
		if empty = c == '/'; empty {
			c, ok = x.next()
		} else {
			c, ok = x.until(&tagMarks)
		}
		if !ok {
			return false, false
		}
	}
}

var tagMarks = set{'"': true, '\'': true, '>': true, '/': true}
