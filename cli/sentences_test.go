package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"scenario-drop/drop"
)

// notShipped are the directories of the repository that are no part of the product.
var notShipped = map[string]bool{"bench": true, "e2e": true, "internal": true, "licenses": true, "packaging": true, "samples": true, "standin": true, "docs": true}

// eachText calls do with every string of the product's code outside of some packages.
func eachText(t *testing.T, without []string, do func(at token.Position, text string)) {
	t.Helper()
	root := ".."
	files := 0
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if e.IsDir() {
			if strings.HasPrefix(e.Name(), ".") && name != "." || notShipped[name] {
				return fs.SkipDir
			}
			for _, w := range without {
				if name == w {
					return fs.SkipDir
				}
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					do(set.Position(lit.Pos()), text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files: %v", files, err)
	}
}

// A command to type stands in this package only: what a page or an app makes of a next step is a
// button.
func TestCommandsAreHereOnly(t *testing.T) {
	var names []string
	for _, c := range (&app{}).root().Commands() {
		names = append(names, regexp.QuoteMeta(c.Name()))
	}
	if len(names) < 15 {
		t.Fatalf("there are %d commands only", len(names))
	}
	command := regexp.MustCompile(`scenario-drop (` + strings.Join(names, "|") + `)\b`)
	if !command.MatchString("To try it again: scenario-drop retry") {
		t.Fatal("commands are not recognized")
	}
	eachText(t, []string{"cli"}, func(at token.Position, text string) {
		if command.MatchString(text) {
			t.Errorf("%s names a command: %q", at, text)
		}
	})
}

// Sentences for people are made in this package and in status, from data.
func TestSentencesAreInStatus(t *testing.T) {
	sentence := regexp.MustCompile(`^[A-Z][a-z]* [^\n]*[a-z)}"]\.($| [A-Z])`)
	if !sentence.MatchString("The file is empty.") || !sentence.MatchString("Moved to {path}. It stays there.") {
		t.Fatal("sentences are not recognized")
	}
	eachText(t, []string{"cli", "status"}, func(at token.Position, text string) {
		if sentence.MatchString(text) && text != "Uploads files dropped into folders to Scenario." { // what Windows' list of services shows
			t.Errorf("%s has a sentence: %q", at, text)
		}
	})
}

// Reasons are spelled in package drop only; whoever gives one uses its name there.
func TestReasonsAreSpelledOnce(t *testing.T) {
	others := map[string]bool{ // other words that are spelled alike
		"ledger/hold.go": true, "service/verify.go": true, "config/watch.go": true,
	}
	eachText(t, []string{"drop"}, func(at token.Position, text string) {
		file, _ := filepath.Rel("..", at.Filename)
		if strings.Contains(text, "_") && drop.Reason(text).Class() != "" && !others[filepath.ToSlash(file)] {
			t.Errorf("%s spells the reason %s", at, text)
		}
	})
}
