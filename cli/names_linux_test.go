package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"scenario-drop/internal/testkit/standintest"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// Whatever a file is called, no command lets its name command the terminal, and JSON
// tells it to the byte.
func TestOddNamesInEveryCommand(t *testing.T) {
	server := standintest.Start(t, standin.Options{})
	dir := t.TempDir()
	drop := filepath.Join(dir, "drop\u202e%s") // a config refuses control characters in a path
	names := []string{
		"\x1b[31mred\x1b]0;title\x07.png", "c1\u009b31m.png", "b\xff\x9b.png", "two\nlines.png", "return\r.png", "gnp\u202egpj.exe.png",
		"-rf", "--help.png", "--json", "%s%d%n.png", `"quoted" 'twice'.png`, "e\u0301.png", "\u00e9.png", "\U0001F409.png", "CON.png", "dot.png.",
		"empty\x1b[2J.png", // this one is held
	}
	if err := os.Mkdir(drop, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		data := bytes.Repeat([]byte{byte(i), 'x'}, 100)
		if strings.HasPrefix(name, "empty") {
			data = nil
		}
		if err := os.WriteFile(filepath.Join(drop, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	quoted, err := tomlString(drop)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.toml")
	text := fmt.Sprintf("data_dir = '%s'\n[scenario]\nbase_url = '%s'\napi_key = '%s'\napi_secret = '%s'\n[status]\nlisten = 'off'\n[[watch]]\npath = %s\nkind = 'image'\nother_kinds = 'send'\nsettle = '0s'\nafter_upload = 'move'\nmove_to = '%s'\n",
		filepath.Join(dir, "data"), server.BaseURL(), server.Key(), server.Secret(), quoted, filepath.Join(dir, "moved"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{}
	for _, name := range names {
		paths = append(paths, filepath.Join(drop, name))
	}

	invoke := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		got := run(t.Context(), Process{Args: append([]string{"--config", file}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Getenv: func(string) string { return "" }})
		if got != code {
			t.Errorf("%.80q ended with %d, want %d: %q %q", args, got, code, out.String(), errs.String())
		}
		for what, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
			if !utf8.ValidString(text) {
				t.Errorf("%s of %.80q is not UTF-8", what, args)
			}
			for _, r := range text {
				if unicode.IsControl(r) && r != '\n' || r == '\u202e' && !strings.Contains(fmt.Sprint(args), "json") {
					t.Errorf("%s of %.80q has the character %U: %q", what, args, r, text)
					break
				}
			}
		}
		return out.String()
	}
	told := func(text string) {
		t.Helper()
		var report struct{ Files []status.File }
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, f := range report.Files {
			if f.PathBytes != nil {
				f.Path = string(f.PathBytes)
			}
			got[f.Path] = true
		}
		for _, path := range paths {
			if !got[path] {
				t.Errorf("%q is not told", path)
			}
		}
	}

	invoke(0, "once", "--dry-run")
	invoke(0, "once", "--dry-run", "--json")
	invoke(3, "once") // one is empty
	if n := len(server.Account().Assets); n != len(names)-1 {
		t.Errorf("there are %d assets of %d files", n, len(names))
	}
	invoke(0, "history")
	told(invoke(0, "history", "--json"))
	invoke(0, "history", "--failed")
	invoke(0, append([]string{"why"}, paths...)...)
	told(invoke(0, append([]string{"why", "--json"}, paths...)...))
	invoke(0, "status")
	invoke(0, "status", "--json")
	invoke(3, "verify")
	invoke(3, "verify", "--json")

	// A name that looks like a flag, as an artist in the folder would write it.
	t.Chdir(drop)
	if out := invoke(0, "why", "--", "--help.png", "-rf"); !strings.Contains(out, `/--help.png": Imported`) || strings.Contains(out, "Usage") {
		t.Errorf("why of names like flags says %q", out)
	}
}

// Nor does the log, in either format.
func TestOddNamesInTheLog(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log, _ := newLog(&out, format, 0)
		log.Info("imported", "path", "/drop/\x1b[31mred\x07 c1\u009b31m \x7f b\xff two\nlines.png")
		log.Info("imported", "path", "c1\u009b31m\x7f")
		text := out.String()
		if strings.Count(text, "\n") != 2 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			t.Errorf("%s: %q", format, text)
		}
		for line := range strings.Lines(text) {
			if format == "json" && !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %s", line)
			}
		}
	}
}
