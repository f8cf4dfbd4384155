package drop

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"testing"
)

// Every constant of type Reason is in the one list, with a class; what needs a person's attention has
// a next step; and all are spelled in one way.
func TestReasons(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	spelled := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	found := map[Reason]bool{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if is, ok := v.Type.(*ast.Ident); !ok || is.Name != "Reason" {
				continue
			}
			text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			r := Reason(text)
			switch {
			case found[r]:
				t.Errorf("%s is there twice", r)
			case !spelled.MatchString(text):
				t.Errorf("%s is not in snake_case", r)
			case r.Class() == "":
				t.Errorf("%s has no class", r)
			case r.Class() == NeedsAttention && len(r.Actions()) == 0:
				t.Errorf("%s leaves a person without a next step", r)
			}
			found[r] = true
		}
	}
	for _, r := range Reasons() {
		if !found[r] {
			t.Errorf("%s has no constant", r)
		}
	}
	if len(found) < 60 {
		t.Errorf("only %d reasons are found", len(found))
	}
}
