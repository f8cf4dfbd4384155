package config

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// decode turns the text into tables. Where it is not TOML, the problem has been added
// and ok is false.
//
// The library's own words are not used: they quote the text around the error, which
// may be the secret.
func (s *source) decode() (values map[string]any, places *layout, ok bool) {
	switch i, control := invalidText(s.text); {
	case control:
		s.problem(i, "delete it, or write the line again", "there is an invisible control character here")
		return nil, nil, false
	case i >= 0:
		s.problem(i, `save it as "UTF-8" in the editor`, "the file is not plain UTF-8 text")
		return nil, nil, false
	}
	places = scan(s.text)
	values, err := decodeTOML(s.text)
	if err == nil { // which the library says of some keys set twice, too
		for _, t := range places.twices {
			s.twice(t)
		}
		return values, places, len(places.twices) == 0
	}
	var at toml.ParseError
	if !errors.As(err, &at) {
		s.problem(0, "compare it with config.example.toml", "the file is not valid TOML")
		return nil, nil, false
	}
	offset, message, hint := diagnose(s.text, at.Position)
	errorLine, _ := s.place(offset)
	isTwice := false
	for _, t := range places.twices {
		line, _ := s.place(t.second)
		isTwice = isTwice || line == errorLine
	}
	for _, t := range places.twices {
		// Below other errors, what looks like a key may be none.
		if line, _ := s.place(t.second); isTwice || line < errorLine {
			s.twice(t)
		}
	}
	if !isTwice {
		s.problem(offset, hint, "%s", message)
	}
	return nil, nil, false
}

// decodeTOML guards against the library's own panics, which it raises for states it
// thinks impossible: a daemon must survive whatever is saved into its config.
func decodeTOML(text string) (values map[string]any, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the TOML library gave up")
		}
	}()
	_, err = toml.Decode(text, &values)
	return values, err
}

// invalidText is the byte offset of the first thing that TOML takes nowhere, or -1, and
// whether it is a control character.
func invalidText(text string) (offset int, control bool) {
	for i, r := range text {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
		case r == 0:
			return i, false // UTF-16
		case r < ' ' || r == 0x7f:
			return i, true
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i, false
			}
		}
	}
	return -1, false
}

func (s *source) twice(t twice) {
	line, _ := s.place(t.first)
	hint := "keep one of them"
	if t.name == watchKey {
		hint = "begin every folder with [[watch]], in double brackets"
	}
	s.problem(t.second, hint, "`%s` is there twice, first in line %d", shown(t.name), line)
}

// diagnose says in plain words what is wrong at a place where the text stops being
// TOML, by checking what stands there, without repeating any of it.
func diagnose(text string, p toml.Position) (offset int, message, hint string) {
	offset = max(0, min(p.Start, len(text)))
	for offset < len(text) && (text[offset] == ' ' || text[offset] == '\t') {
		offset++
	}
	// "info" is read as inf, and only then found to be wrong.
	word := offset
	for word > 0 && bare(text[word-1]) {
		word--
	}
	if opensValue(strings.TrimRight(text[strings.LastIndexByte(text[:word], '\n')+1:word], " \t")) {
		offset = word
	}
	found := text[offset:min(len(text), offset+max(p.Len, 1))]
	line := text[strings.LastIndexByte(text[:offset], '\n')+1 : offset]
	before := strings.TrimRight(line, " \t")
	first, _ := utf8.DecodeRuneInString(found)

	rest, _, _ := strings.Cut(text[offset:], "\n")
	whole := line + rest
	switch {
	case strings.ContainsRune(typographicQuotes, first) && !insideText(line):
		return offset, "this is a curly quote, as text programs type it",
			`type straight quotes, " or ', in a plain text editor; in TextEdit turn off Edit > Substitutions > Smart Quotes`
	case first != ' ' && first != '\t' && first != '\n' && first != '\r' && blank(first):
		return offset, "here is a space of another kind, as copying from a web page or a chat leaves it", "delete it and type a space"
	case strings.HasSuffix(line, `"`) && strings.Contains(found, `\`):
		return offset + strings.LastIndexByte(found, '\\'), `a backslash in double quotes has a special meaning`,
			`write the path in single quotes, 'C:\Users\me\Art', or with /`
	case unclosed(line, offset >= len(text), first) && strings.ContainsAny(whole, typographicQuotes):
		return offset, "the closing quote is a curly one, as text programs type it",
			`type straight quotes, " or ', in a plain text editor; in TextEdit turn off Edit > Substitutions > Smart Quotes`
	case unclosed(line, offset >= len(text), first) && strings.HasSuffix(strings.TrimRight(whole, " \t\r"), `\"`):
		return offset, "the closing quote is missing: a backslash before it makes it part of the text",
			`write the path in single quotes, 'C:\Users\me\Art\', or with /`
	case strings.Count(line, `"`)%2 == 1 && (first == '\n' || first == '\r' || offset+1 >= len(text)):
		return offset, "the closing quote is missing", `a text begins and ends with " on one line`
	case strings.HasSuffix(before, "=") && (found == "\n" || found == "\r" || found == ""):
		return offset, "the value after = is missing", `write "" for no value`
	case opensValue(before) && (unicode.IsLetter(first) || first == '/' || first == '~' || first == '\\'):
		return offset, "this is no value", "text stands in double quotes; true and false are in lower case and without quotes"
	case opensValue(before) && (unicode.IsDigit(first) || strings.ContainsRune("+-.", first)):
		return offset, "this is no valid number", "text, durations and sizes stand in double quotes"
	case strings.HasPrefix(strings.TrimLeft(before, " \t"), "[") && !strings.Contains(before, "="):
		return offset, "this heading is not complete", "write [scenario] or [[watch]] on a line of its own"
	case !strings.Contains(line, "=") && !insideList(text[:offset]):
		return offset, "there is no = after this key", `a line is key = "value"; a comment begins with #`
	case insideList(text[:offset]):
		return offset, "a comma or the closing bracket is missing", `a list is ["one", "two"]`
	}
	return offset, "this does not belong after the value", "write one key = value on a line; a comment begins with #"
}

// unclosed reports whether a text begun on this line is still open at its end.
func unclosed(line string, atEnd bool, first rune) bool {
	return (strings.Contains(line, `"`) || strings.Contains(line, "'")) && (first == '\n' || first == '\r' || atEnd)
}

// insideText reports whether the end of a line's beginning lies between quotes.
func insideText(before string) bool {
	return strings.Count(before, `"`)%2 == 1 || strings.Count(before, "'")%2 == 1
}

// opensValue reports whether a value must follow.
func opensValue(before string) bool {
	return strings.HasSuffix(before, "=") || strings.HasSuffix(before, "[") && strings.Contains(before, "=") ||
		strings.HasSuffix(before, ",")
}

// insideList reports whether a list or inline table opened by the last assignment is
// still open. Brackets within quotes make it guess wrong; only wording depends on it.
func insideList(before string) bool {
	i := strings.LastIndexByte(before, '=')
	if i < 0 {
		return false
	}
	rest := before[i:]
	return strings.Count(rest, "[") > strings.Count(rest, "]") || strings.Count(before, "{") > strings.Count(before, "}")
}
