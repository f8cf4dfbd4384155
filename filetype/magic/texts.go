package magic

import "bytes"

// texts are formats that are text from their first byte on.
var texts = []row{
	{"SVG", xmlOf("svg")},
	{"COLLADA", xmlOf("COLLADA")},
	{"X3D", xmlOf("X3D")},
	{"VRML", vrml},
	{"USDA", usda},
}

// xmlOf recognises an XML text by its outermost element.
func xmlOf(root string) func([]byte) bool {
	return func(head []byte) bool { return XMLRoot(head) == root }
}

// XMLRoot returns the name of the outermost element without its prefix, "" if it is not
// in head.
func XMLRoot(head []byte) string {
	p := bytes.TrimLeft(Text(head), " \t\r\n")
	for len(p) > 1 && p[0] == '<' {
		end := -1 // of what stands before the element
		switch {
		case bytes.HasPrefix(p, []byte("<!--")):
			if i := bytes.Index(p[4:], []byte("-->")); i >= 0 {
				end = 4 + i + 3
			}
		case p[1] == '?':
			if i := bytes.Index(p, []byte("?>")); i >= 0 {
				end = i + 2
			}
		case p[1] == '!':
			end = doctype(p)
		default:
			name := p[1:]
			i := bytes.IndexAny(name, " \t\r\n/>")
			if i < 0 {
				return ""
			}
			name = name[:i]
			return string(name[bytes.IndexByte(name, ':')+1:])
		}
		if end < 0 {
			return ""
		}
		p = bytes.TrimLeft(p[end:], " \t\r\n")
	}
	return ""
}

// doctype returns where a document type declaration ends, -1 if not in p. It may have
// declarations of its own within brackets, and any character within quotes or comments.
func doctype(p []byte) int {
	brackets := 0
	for i := 2; i < len(p); i++ {
		switch c := p[i]; {
		case c == '"' || c == '\'':
			n := bytes.IndexByte(p[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
		case bytes.HasPrefix(p[i:], []byte("<!--")):
			n := bytes.Index(p[i+4:], []byte("-->"))
			if n < 0 {
				return -1
			}
			i += 4 + n + 2
		case c == '[':
			brackets++
		case c == ']':
			brackets--
		case c == '>' && brackets <= 0:
			return i + 1
		}
	}
	return -1
}

// vrml recognises the first line of VRML 1.0 and 2.0 and of X3D in the classic encoding.
func vrml(head []byte) bool {
	t := Text(head)
	return startsWith(t, "#VRML V1.0 ascii") || startsWith(t, "#VRML V2.0 utf8") || startsWith(t, "#X3D V3.")
}

// usda recognises the first line of a USD layer in text form.
func usda(head []byte) bool { return startsWith(Text(head), "#usda 1.") }

// fbxText recognises an FBX in text form: by the comment in its first line, or by its
// first section behind any other comments.
func fbxText(head []byte) bool {
	t := Text(head)
	if rest, ok := bytes.CutPrefix(t, []byte("; FBX ")); ok {
		return len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9'
	}
	for len(t) > 0 {
		line := t
		if i := bytes.IndexAny(t, "\r\n"); i >= 0 {
			line, t = t[:i], t[i+1:]
		} else {
			t = nil
		}
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0, line[0] == ';':
		default:
			return startsWith(line, "FBXHeaderExtension:")
		}
	}
	return false
}

func startsWith(p []byte, s string) bool { return bytes.HasPrefix(p, []byte(s)) }
