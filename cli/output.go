package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"
)

// output is stdout. It remembers the first error, so that a full disk behind a
// redirection does not go unnoticed.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// say writes a line to stdout; an error is kept by output.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// note writes a line to stderr: what is not the command's result.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.Stderr, format+"\n", args...) }

// line writes a JSON value on one line.
func (a *app) line(v any) error { return a.json(v, "") }

// document writes a JSON value over several lines.
func (a *app) document(v any) error { return a.json(v, "  ") }

func (a *app) json(v any, indent string) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(a.out, escapeControls(b.String()))
	return err
}

// escapeControls escapes the control characters that packages json and
// slog leave as they are, some of which command a terminal. In what they write those
// stand in strings only.
func escapeControls(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x7f && r <= 0x9f }) {
		return text
	}
	var pairs []string
	for r := rune(0x7f); r <= 0x9f; r++ {
		pairs = append(pairs, string(r), fmt.Sprintf(`\u%04x`, r))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// terminal reports whether w shows what is written to a person, and can move its cursor.
func (a *app) terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && a.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// style is how marks and words are coloured.
type style struct{ on bool }

// style of stdout. NO_COLOR: https://no-color.org.
func (a *app) style() style {
	return style{a.terminal(a.Stdout) && a.Getenv("NO_COLOR") == "" &&
		(runtime.GOOS != "windows" || a.Getenv("WT_SESSION") != "")} // the old console does not know the codes
}

func (s style) wrap(code, text string) string {
	if !s.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) good(text string) string { return s.wrap("32", text) }
func (s style) bad(text string) string  { return s.wrap("31", text) }
func (s style) warn(text string) string { return s.wrap("33", text) }
