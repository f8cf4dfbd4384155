package status

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable shows a path on one line, whatever bytes it has: quoted where it holds any
// that a terminal cannot show.
func Printable(path string) string {
	if !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}

// oneLine escapes what a terminal would not show as text: control characters, bytes that
// are not UTF-8, marks that turn the direction of writing around.
func oneLine(s string) string { return escaped(s, func(rune) bool { return false }) }

// Text is oneLine for text that may have several lines: it keeps line breaks, tabs and
// the spaces of all scripts.
func Text(s string) string {
	return escaped(s, func(r rune) bool { return r == '\n' || r == '\t' || unicode.Is(unicode.Zs, r) })
}

func escaped(s string, keep func(rune) bool) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) && !keep(r) }) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r) || keep(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// EscapeJSON escapes what packages json and slog leave as it is although a terminal or
// an editor does not show it as text: control characters, marks that turn the direction
// of writing around, invisible ones. In JSON, and in a log, those stand in strings only,
// and mean the same escaped.
func EscapeJSON(text string) string {
	hidden := func(r rune) bool { return r != '\n' && r != utf8.RuneError && !strconv.IsPrint(r) }
	if !strings.ContainsFunc(text, hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
