package service

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// oddNames are names that Linux takes, with what Scenario is to be told of each; "" for
// the name as it is.
func oddNames() map[string]string {
	long := strings.Repeat("x", 251) + ".png"
	return map[string]string{
		"b\xff\xfed.png":                   "b_d.png",
		"\xe9t\xe9.png":                    "_t_.png", // Latin-1
		"two\nlines.png":                   "two_lines.png",
		"tab\tand\rreturn.png":             "tab_and_return.png",
		long:                               "",
		strings.Repeat("ü", 125) + "u.png": "",
		"trailing dot.png.":                "",
		"trailing space.png ":              "",
		" leading space.png":               "",
		"\u00e9 one name.png":              "",
		"e\u0301 one name.png":             "",
		"Case.png":                         "",
		"case.png":                         "",
		"-rf":                              "",
		"--help.png":                       "",
		"--config=x.png":                   "",
		"\x1b[31mred\x1b]0;title\x07.png":  "_[31mred_]0;title_.png",
		"c1\u009b31m.png":                  "c1_31m.png",
		"del\x7f.png":                      "del_.png",
		"\U0001F409 dragon \U0001F469\u200d\U0001F3A8.png": "",
		"مرحبا שלום.png":                                   "",
		"gnp\u202egpj.exe.png":                             "",
		"CON.png":                                          "",
		"nul":                                              "",
		"a:b*c?d<e>f|g.png":                                "",
		`back\slash.png`:                                   "back_slash.png",
		`up\..\..\up.png`:                                  "up_.._.._up.png",
		"dots...png":                                       "",
		"100% %s %d %00 %2e%2e%2f.png":                     "",
		`"quoted" 'twice'.png`:                             "",
		"<script>alert(1)<.png":                            "",
		"$(touch x)`touch y`;.png":                         "",
		"{{.}}.png":                                        "",
	}
}

// shownSafely asserts that a text commands no terminal: it is UTF-8 with no control
// character but line breaks and tabs.
func shownSafely(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s is not UTF-8", what)
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			t.Errorf("%s has the control character %U", what, r)
			return
		}
	}
}

// Files of any name come to Scenario under a name that can be told from the others,
// valid everywhere; the page shows each safely.
func TestOddNames(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	s.config.Status.Listen = "127.0.0.1:0"
	names, sums, want := oddNames(), []string{}, map[string]string{}
	i := uint64(0)
	for name, told := range names {
		if told == "" {
			told = name
		}
		i++
		sum := s.save(noise(1000, i), "Drop", name)
		sums, want[sum] = append(sums, sum), told
	}
	d, _ := s.run()
	for name := range names {
		s.await(drop.Imported, "Drop", name)
	}
	for sum, asset := range s.exactlyOnce(sums...) {
		if asset.Name != want[sum] {
			t.Errorf("Scenario has the name %q, want %q", asset.Name, want[sum])
		}
	}

	jar, err := cookiejar.New(nil)
	must(t, err)
	answer, err := (&http.Client{Jar: jar}).Get(d.Page())
	must(t, err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	must(t, err)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the page answers %s", answer.Status)
	}
	shownSafely(t, "the page", string(page))
	for _, bad := range []string{"<script>", "\u202e"} {
		if strings.Contains(string(page), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, shown := range []string{"dragon", "--help.png", `\x1b[31mred`, "&lt;script&gt;", `two\nlines.png`} {
		if !strings.Contains(string(page), shown) {
			t.Errorf("the page does not show %q", shown)
		}
	}
	files, err := d.Recent(t.Context(), 100, false)
	must(t, err)
	if len(files) != len(names) {
		t.Errorf("%d files are told, want %d", len(files), len(names))
	}
	for _, f := range files {
		shownSafely(t, "a sentence", f.Sentence)
		path := f.Path
		if f.PathBytes != nil {
			path = string(f.PathBytes)
		}
		if _, ok := names[filepath.Base(path)]; !ok {
			t.Errorf("%q is told, and is none of the files", path)
		}
	}
}

// A name changed in nothing but its case, or in how its letters are composed, is a new
// name of the same content.
func TestRenamedInCaseOnly(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	sum := s.save(noise(1000, 1), "Drop", "Hero.png")
	s.run()
	s.await(drop.Imported, "Drop", "Hero.png")
	for _, to := range []string{"hero.png", "HERO.PNG", "h\u00e9ro.png", "he\u0301ro.png"} {
		from := slices.Collect(dirNames(t, s.path("Drop")))[0]
		must(t, os.Rename(s.path("Drop", from), s.path("Drop", to)))
		s.await(drop.Imported, "Drop", to)
	}
	s.exactlyOnce(sum)
	if n := len(s.server.Account().Uploads); n != 1 {
		t.Errorf("%d uploads were begun, want 1", n)
	}
}

func dirNames(t *testing.T, dir string) func(yield func(string) bool) {
	entries, err := os.ReadDir(dir)
	must(t, err)
	return func(yield func(string) bool) {
		for _, e := range entries {
			if !yield(e.Name()) {
				return
			}
		}
	}
}

// After the upload every file is in move_to, under its own name and nowhere else,
// whatever that name is; one whose name is taken there gets a number, also where the
// name has no room for it.
func TestOddNamesAreMoved(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", s.path("Drop", "Uploaded")
	names := oddNames()
	round := func(n uint64) {
		i := n
		for name := range names {
			i++
			s.save(noise(1000, i), "Drop", "sub\xff\x1b[2J", name)
		}
		res := s.once()
		if res.Counts[drop.Imported] != len(names) {
			t.Fatalf("round %d came to %+v", n, res)
		}
		for _, it := range s.items() {
			if it.Reason != drop.ReasonMoved {
				t.Errorf("%q was not moved: %s", it.Path, it.Detail)
			}
		}
	}
	round(0)
	round(1000)
	found := 0
	must(t, filepath.WalkDir(s.path(), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(path, s.path("data")) {
			return err
		}
		found++
		if dir := filepath.Dir(path); dir != s.path("Drop", "Uploaded", "sub\xff\x1b[2J") {
			t.Errorf("a file lies in %q", dir)
		}
		return nil
	}))
	if found != 2*len(names) {
		t.Errorf("%d files are there, want %d", found, 2*len(names))
	}
	for name := range names {
		if _, err := os.Lstat(s.path("Drop", "Uploaded", "sub\xff\x1b[2J", name)); err != nil {
			t.Errorf("the first %q: %v", name, err)
		}
	}
}

// Folders of any name become collections by that name, made valid; two spellings of one
// name are one collection.
func TestOddNamesOfCollections(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Drop")
	s.config.Watches[0].SubfolderCollections = true
	want := map[string]string{
		"\u00c9lves": "\u00c9lves", "E\u0301lves": "\u00c9lves", // NFC and NFD
		"b\xffd": "b_d", "two\nlines": "two_lines", "\x1b[31mred": "_[31mred", "c1\u009b": "c1_",
		"-rf": "-rf", "100% %s": "100% %s", `"quoted"`: `"quoted"`, "Orcs.": "Orcs.", "Orcs ": "Orcs ",
		"orcs": "orcs", "Orcs": "Orcs", "\U0001F409": "\U0001F409", "up..": "up..", "CON": "CON",
	}
	bySum, sums, i := map[string]string{}, []string{}, uint64(0)
	for folder, collection := range want {
		i++
		sum := s.save(noise(1000, i), "Drop", folder, "x.png")
		bySum[sum], sums = collection, append(sums, sum)
	}
	s.once()
	account := s.server.Account()
	held := s.exactlyOnce(sums...)
	for sum, name := range bySum {
		c, ok := account.Collection(name)
		if !ok || !slices.Equal(held[sum].Collections, []string{c.ID}) {
			t.Errorf("the file of %q is in %v, want %q (%s)", name, held[sum].Collections, name, c.ID)
		}
	}
	if len(account.Collections) != len(want)-1 {
		t.Errorf("there are %d collections, want %d", len(account.Collections), len(want)-1)
	}
	for _, c := range account.Collections {
		shownSafely(t, fmt.Sprintf("the collection %q", c.Name), c.Name)
	}
}
