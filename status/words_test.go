package status

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"scenario-drop/drop"
)

// Every name of a sentence has words, with just the values that stand behind the name.
func TestSentences(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "../drop/text.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	spelled := regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	named := map[drop.Text]bool{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			name, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			text := drop.Text(name)
			words, ok := sentences[text]
			switch {
			case named[text]:
				t.Errorf("%s is there twice", name)
			case !spelled.MatchString(name):
				t.Errorf("%s is not in snake_case", name)
			case !ok:
				t.Errorf("%s has no words", name)
			}
			named[text] = true
			if want, got := strings.TrimSpace(v.Comment.Text()), values(words); got != want {
				t.Errorf("%s has the values %q in its words, and %q behind its name", name, got, want)
			}
		}
	}
	for text := range sentences {
		if !named[text] {
			t.Errorf("%s has words and no name", text)
		}
	}
	if len(named) < 100 {
		t.Errorf("only %d sentences are found", len(named))
	}
}

// values lists the values of a sentence, those that may be absent in brackets.
func values(words string) string {
	var all []string
	depth := 0
	for _, part := range regexp.MustCompile(`[\[\]]|\{\w+`).FindAllString(words, -1) {
		switch part {
		case "[":
			depth++
		case "]":
			depth--
		default:
			name := part[1:]
			if depth > 0 {
				name = "[" + name + "]"
			}
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return strings.Join(all, ", ")
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		d    drop.Detail
		want string
	}{
		{"", ""},
		{drop.TextEmpty.With(), "The file is empty. Save or export it again if it should not be."},
		{drop.TextTooLarge.With("size", "3145728", "max", "1024"), "It has 3.0 MiB, and this folder's max_size is 1.0 KiB."},
		{drop.TextMoved.With("path", "/a\nb/c [1] {x}.png"), `Moved to "/a\nb/c [1] {x}.png".`},
		{drop.TextRefused.With(), "Scenario refused it."},
		{drop.TextRefused.With("words", "too dark", "request", ""), "Scenario refused it: too dark."},
		{drop.TextRefused.With("request", "r1"), "Scenario refused it (request r1)."},
		{drop.TextTrashed.With().And(drop.TextWasThere.With()), "Put into the trash. The same content was at Scenario already; nothing was sent, and it shares that asset."},
		// Of earlier versions.
		{"Moved to /x/y.png.", "Moved to /x/y.png."},
		{`[{"text":"moved"`, `[{"text":"moved"`},
		{`[{"text":"of_tomorrow"}]`, "of_tomorrow"},
		{"Scenario seems to hold it already as asset a1. To take it as that one: scenario-drop link-existing PATH. To send it: scenario-drop retry PATH.", "Scenario seems to hold it already as asset a1."},
		{drop.Detail("Its disk was full. To try all of them now: scenario-drop retry").And(drop.TextTrashed.With()), "Its disk was full. Put into the trash."},
		{"To look again: scenario-drop retry.", ""},
	} {
		if got := Words(c.d); got != c.want {
			t.Errorf("%s: %q, want %q", c.d, got, c.want)
		}
	}
}
