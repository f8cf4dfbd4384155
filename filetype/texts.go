package filetype

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"scenario-drop/filetype/magic"
)

// plainText returns the beginning of a text as UTF-8, or in whatever other superset of ASCII it
// is; nil if the content is no text. By the rule of the WHATWG's MIME Sniffing Standard, section
// 7.2, a text has no control characters but white space; at its very end NULs and Control-Z are
// taken for padding, which programs of old write.
func plainText(head []byte) []byte {
	text := magic.Text(head)
	_, utf16 := magic.Encoding(head)
	if len(head) < HeadSize { // all of the file
		text = bytes.TrimRight(text, "\x00\x1a")
	}
	if len(text) == 0 {
		return nil
	}
	ascii := 0
	for _, c := range text {
		switch {
		case c < 0x09, c == 0x0B, c >= 0x0E && c <= 0x1A, c >= 0x1C && c <= 0x1F:
			return nil
		case c < 0x80:
			ascii++
		}
	}
	if padded := len(text) < len(head) && utf16 == nil; (ascii == 0 || padded && ascii < len(text)*3/4) && !utf8.Valid(wholeRunes(text)) {
		return nil // a few bytes of anything
	}
	return text
}

// wholeRunes is text without a last character that is cut off.
func wholeRunes(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}

// textual tells what a text is, by its content and by the format that its name says.
//
//	a private key                             → that, whatever it is called
//	XML or HTML                               → see markup
//	a script by its first line                → that, unless the name says that it is another text
//	a word or two that mimetype knows         → that, or a dialect of it that the name tells
//	a name of a text, or of what may be one   → that
//	no extension                              → a text, JSON, CSV …
//	anything else                             → a text that may be anything
func textual(text []byte, named format, ext string) format {
	if privateKey(text) {
		f, _ := find(table.byName, "key or certificate")
		return f
	}
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	if bytes.HasPrefix(trimmed, []byte("<")) {
		if f, ok := markup(trimmed, named); ok {
			return f
		}
	}
	mayBe := named.name != "" && (named.text || named.either) && named.name != "SVG" // which is markup
	if f, ok := scripted(text); ok && !mayBe {
		return f
	}
	if solid(text) {
		f, _ := find(table.byName, "STL")
		return f.orDialect(named)
	}
	found := mimetype.Detect(text)
	mime := bareMIME(found)
	f, ok := byMIME(mime)
	switch {
	case !isText(found) && trusted(mime) && ok:
		return f.orDialect(named)
	case !isText(found), f.family.noAsset(), mime == "text/html":
		f, ok, mime = format{}, false, "text/plain" // a word of it alone tells it
	}
	switch {
	case ok && mayBe && f.contains(named):
		return named
	case ok && f.text && !f.vague && !(mayBe && named.isProse()):
		return f
	case mayBe:
		return named
	case ok && ext == "":
		return f
	}
	return format{mime: mime, text: true}
}

// privateKey recognises the armour of RFC 7468 and of OpenSSH and PGP, and PuTTY's files.
func privateKey(text []byte) bool {
	line, _, _ := bytes.Cut(text[:min(len(text), 200)], []byte("\n"))
	return bytes.HasPrefix(line, []byte("-----BEGIN ")) && bytes.Contains(line, []byte("PRIVATE KEY")) || bytes.HasPrefix(line, []byte("PuTTY-User-Key-File-"))
}

// markup tells what a text is that begins with an angle bracket. A page that the name says
// nothing of is one; what begins with a comment or a declaration alone, as far as it is here, is
// what the name says.
func markup(text []byte, named format) (f format, ok bool) {
	root := magic.XMLRoot(text)
	low := strings.ToLower(root)
	declared := bytes.HasPrefix(text, []byte("<?xml"))
	switch {
	case low == "html" || !declared && pageElement(low) || doctypeHTML(text):
		if named.isProse() || named.text && named.family == script || named.text && named.family == source {
			return named, true // Markdown may begin with it, and a page's program does
		}
		return find(table.byName, "web page")
	case root == "" && !declared && !bytes.HasPrefix(text, []byte("<!")):
		return f, false // no markup at all, as "<3"
	case root == "" && (named.name == "SVG" || named.markup()):
		return named, true
	case root != "" && named.name == "SVG":
		named = format{} // its element is another one
	}
	f, ok = byMIME(bareMIME(mimetype.Detect(text)))
	if !ok || f.mime == "text/html" || f.vague || !f.text {
		f, ok = find(table.byName, "XML")
	}
	if f.vague && named.text && (named.markup() || named.isProse()) || f.contains(named) {
		return named, true
	}
	return f, ok
}

// markup reports whether a format's content is XML or HTML.
func (f format) markup() bool {
	switch f.name {
	case "web page", "XML", "COLLADA", "X3D", "AMF", "XMP sidecar", "After Effects project", "Audacity project", "source text of a program":
		return true
	}
	return false
}

// pageElement reports whether an element, in lower case, is one that an HTML page, or a piece of
// one, begins with.
func pageElement(name string) bool {
	switch name {
	case "head", "body", "title", "script", "style", "iframe", "meta", "link", "base", "center", "font", "a", "b", "i", "p", "br", "hr", "div", "span", "table", "img",
		"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "details", "picture", "section", "main", "header", "nav", "form", "kbd", "em", "strong", "sub", "sup", "samp":
		return true
	}
	return false
}

// doctypeHTML reports whether a document type declaration, perhaps behind comments, is HTML's.
func doctypeHTML(text []byte) bool {
	i := bytes.Index(text, []byte("<!"))
	for i >= 0 && bytes.HasPrefix(text[i:], []byte("<!--")) {
		end := bytes.Index(text[i:], []byte("-->"))
		if end < 0 {
			return false
		}
		text = text[i+end+len("-->"):]
		i = bytes.Index(text, []byte("<!"))
	}
	if i < 0 || len(bytes.TrimLeft(text[:i], " \t\r\n")) > 0 && !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("<?")) {
		return false
	}
	return strings.HasPrefix(strings.ToLower(string(text[i:min(len(text), i+20)])), "<!doctype html")
}

// scripted tells by a first line #! what runs a text.
func scripted(text []byte) (f format, ok bool) {
	line, _, _ := bytes.Cut(text[:min(len(text), 200)], []byte("\n"))
	rest, ok := bytes.CutPrefix(line, []byte("#!"))
	if rest = bytes.TrimLeft(rest, " \t"); !ok || !bytes.HasPrefix(rest, []byte("/")) {
		return f, false
	}
	for word, name := range map[string]string{"python": "Python script", "perl": "Perl script", "ruby": "Ruby script", "node": "JavaScript program", "lua": "Lua script", "php": "PHP script", "tclsh": "Tcl script", "wish": "Tcl script"} {
		if bytes.Contains(rest, []byte(word)) {
			return find(table.byName, name)
		}
	}
	return find(table.byName, "shell script")
}

// solid recognises an STL in text form: its first word, and the first of its facets or its end.
func solid(text []byte) bool {
	low := bytes.ToLower(bytes.TrimLeft(text, " \t\r\n"))
	return bytes.HasPrefix(low, []byte("solid")) && (bytes.Contains(low, []byte("facet")) || bytes.Contains(low, []byte("endsolid")))
}

// isText reports whether mimetype took the content for a kind of text.
func isText(m *mimetype.MIME) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is("text/plain") {
			return true
		}
	}
	return false
}
