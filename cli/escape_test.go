package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// hidden are characters that a terminal obeys, or that hide or turn around what stands
// beside them: C0, DEL, C1, marks of direction, joiners, line and paragraph separators,
// a byte order mark, tags, private use.
const hidden = "a\x00\x1b[2J\x7f\u0085\u009b31m\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9\U000e0001\U000e0041\U000f0000z"

// shown checks that what was written shows all it has.
func shown(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && !strconv.IsPrint(r) {
			t.Errorf("%s has %U at %d:\n%q", what, r, i, text)
		}
	}
}

func TestJSONShowsAllItHas(t *testing.T) {
	visible := "Müller 龍 🐉 e\u0301 \\u202e \"quoted\""
	for _, want := range []string{hidden, visible, hidden + visible} {
		var out bytes.Buffer
		a := &app{out: &output{to: &out}}
		value := map[string]string{"path": want, want: "key"}
		if err := errors.Join(a.document(value), a.line(value)); err != nil {
			t.Fatal(err)
		}
		shown(t, "the JSON", out.String())
		dec := json.NewDecoder(&out)
		for range 2 {
			var got map[string]string
			if err := dec.Decode(&got); err != nil || got["path"] != want || got[want] != "key" {
				t.Errorf("%q became %q (%v)", want, got, err)
			}
		}
	}
	var out bytes.Buffer
	a := &app{out: &output{to: &out}}
	if err := a.line("龍 🐉 é"); err != nil || out.String() != "\"龍 🐉 é\"\n" {
		t.Errorf("what can be shown is escaped: %s", out.String())
	}
}

func TestLogShowsAllItHas(t *testing.T) {
	var out bytes.Buffer
	log, _ := newLog(&out, "json", slog.LevelInfo)
	log.Info(hidden, "path", hidden, hidden, "key", "why", errors.New(hidden))
	shown(t, "the JSON log", out.String())
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["msg"] != hidden || got["path"] != hidden || got[hidden] != "key" || got["why"] != hidden {
		t.Errorf("it became %q (%v)", got, err)
	}
	out.Reset()
	log, _ = newLog(&out, "text", slog.LevelInfo)
	log.Info(hidden, "path", hidden, "why", errors.New(hidden))
	shown(t, "the log", out.String())
}

// Whatever a line quotes, it commands no terminal; what we style ourselves stays.
func TestPrintedTextCommandsNoTerminal(t *testing.T) {
	type named string
	var out, errs bytes.Buffer
	a := &app{out: &output{to: &out}, Process: Process{Stderr: &errs}}
	on := style{on: true}
	a.say("%s %s %v %s", hidden, errors.New(hidden), named(hidden), []byte(hidden))
	a.note("%s", hidden)
	a.complain(errors.New(hidden))
	for _, text := range []string{out.String(), errs.String()} {
		for _, r := range text {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) {
				t.Errorf("%U is printed: %q", r, text)
			}
		}
	}
	out.Reset()
	a.say("%s\n%s", on.bad("!"), "zwei Zeilen\n\tund\u00a0mehr")
	if want := "\x1b[31m!\x1b[0m\nzwei Zeilen\n\tund\u00a0mehr\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if strings.Contains(errs.String(), "\ufeff") {
		t.Error("a byte order mark is printed")
	}
}
