package config

import "strings"

// WithDataDir is a config's text in which data_dir stands, with all else of it, comments
// included, as it was; ok is false where it is there already. The text must be one that
// Load takes.
func WithDataDir(text, dir string) (edited string, ok bool) {
	mark := ""
	if rest, found := strings.CutPrefix(text, "\ufeff"); found {
		mark, text = "\ufeff", rest
	}
	value := quotedPath(dir)
	if n := scan(text).root.table["data_dir"]; n != nil {
		s := &scanner{text: text, pos: n.value, layout: &layout{root: newNode(0)}}
		s.value(newNode(0))
		if strings.Trim(text[n.value:s.pos], `"'`) != "" {
			return "", false
		}
		return mark + text[:n.value] + value + text[s.pos:], true
	}
	end := "\n"
	if i := strings.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		end = "\r\n"
	}
	return mark + "# What was sent already (the local database), and the logs." + end + "data_dir = " + value + end + end + text, true
}

// quotedPath is a path as a value of TOML.
func quotedPath(path string) string {
	if !strings.ContainsAny(path, "'\n\r\t") && oneLine(path) == path {
		return "'" + path + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range path {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
