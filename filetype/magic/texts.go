package magic

import "bytes"

// texts are formats that are text from their first byte on.
var texts = []row{
	{"SVG", xmlOf("svg")},
	{"COLLADA", xmlOf("COLLADA")},
}

// xmlOf recognises an XML text by its outermost element.
func xmlOf(root string) func([]byte) bool {
	return func(head []byte) bool { return XMLRoot(head) == root }
}

// XMLRoot returns the name of the outermost element, "" if it is not in head.
func XMLRoot(head []byte) string {
	p := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for len(p) > 1 && p[0] == '<' {
		end := ">"
		switch {
		case bytes.HasPrefix(p, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(p, []byte("<!")):
			if i, j := bytes.IndexByte(p, '['), bytes.IndexByte(p, '>'); i >= 0 && i < j {
				end = "]>"
			}
		case p[1] != '?':
			name := p[1:]
			if i := bytes.IndexAny(name, " \t\r\n/>"); i >= 0 {
				name = name[:i]
			}
			return string(name[bytes.IndexByte(name, ':')+1:])
		}
		i := bytes.Index(p, []byte(end))
		if i < 0 {
			return ""
		}
		p = bytes.TrimLeft(p[i+len(end):], " \t\r\n")
	}
	return ""
}
