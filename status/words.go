package status

import (
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
)

// Words makes sentences of a Detail, for people; "" if it says nothing. Whoever shows them sees to it that the
// output can: see Text.
func Words(d drop.Detail) string { return strings.Join(Sentences(d), " ") }

// Sentences is Words, sentence by sentence.
func Sentences(d drop.Detail) (all []string) {
	for _, s := range d.Sentences() {
		if text := words(s); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func words(s drop.Sentence) string {
	if s.Text == drop.TextAsIs {
		return withoutCommands(s.Values["words"])
	}
	text, ok := sentences[s.Text]
	if !ok { // of a newer version
		return string(s.Text)
	}
	return fill(text, s.Values)
}

// fill puts values into the words of a sentence.
func fill(text string, values map[string]string) string {
	var b strings.Builder
	for text != "" {
		at := strings.IndexAny(text, "{[")
		if at < 0 {
			break
		}
		b.WriteString(text[:at])
		open := text[at]
		inner, rest, _ := strings.Cut(text[at+1:], map[byte]string{'{': "}", '[': "]"}[open])
		text = rest
		if open == '[' {
			if complete(inner, values) {
				b.WriteString(fill(inner, values))
			}
			continue
		}
		name, as, _ := strings.Cut(inner, ":")
		b.WriteString(format(values[name], as))
	}
	return b.String() + text
}

// complete reports whether all values of a part of a sentence are there.
func complete(part string, values map[string]string) bool {
	for _, p := range strings.Split(part, "{")[1:] {
		name, _, _ := strings.Cut(p, "}")
		name, _, _ = strings.Cut(name, ":")
		if values[name] == "" {
			return false
		}
	}
	return true
}

// format shows a value: as it is, or as a path (quoted if it has to be), as a quoted text, or as a size.
func format(value, as string) string {
	switch as {
	case "path":
		return Printable(value)
	case "quoted":
		return strconv.Quote(value)
	case "bytes":
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			return humanize.IBytes(n)
		}
	}
	return value
}

// withoutCommands leaves out the sentences that name a command, of what an earlier version stored:
// the next steps are told apart from them.
func withoutCommands(text string) string {
	const command = "scenario-drop "
	for {
		at := strings.Index(text, ": "+command)
		if at < 0 {
			return text
		}
		begin := strings.LastIndex(text[:at], ". ") + 1 // 0: it is the first
		end := len(text)
		if n := strings.Index(text[at:], ". "); n >= 0 {
			end = at + n + 1
		}
		text = strings.TrimSpace(text[:begin] + text[end:])
	}
}
