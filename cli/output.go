package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"

	"golang.org/x/term"

	"scenario-drop/status"
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

// say writes a line to stdout; an error is kept by output. What it says may quote names
// and other programs' words, of which none commands the terminal.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", plain(args)...) }

// note writes a line to stderr: what is not the command's result.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.Stderr, format+"\n", plain(args)...)
}

// plain makes text of all that is to be printed, but for what is styled by us.
func plain(args []any) []any {
	all := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			arg = status.Text(v)
		case []byte:
			arg = status.Text(string(v))
		case error:
			arg = status.Text(v.Error())
		case styled: // ours
		case fmt.Stringer:
			arg = status.Text(v.String())
		default:
			if v := reflect.ValueOf(arg); v.Kind() == reflect.String {
				arg = status.Text(v.String())
			}
		}
		all[i] = arg
	}
	return all
}

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
	_, err := io.WriteString(a.out, status.EscapeJSON(b.String()))
	return err
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

// styled is text with codes of ours that style it.
type styled string

func (s style) wrap(code, text string) styled {
	if s.on {
		text = "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	return styled(text)
}

func (s style) good(text string) styled { return s.wrap("32", text) }
func (s style) bad(text string) styled  { return s.wrap("31", text) }
func (s style) warn(text string) styled { return s.wrap("33", text) }
