package ledger

import (
	"slices"
	"testing"
)

// TestKindRulesAreKept reads back what was written, and takes what cannot be read for
// nothing, so that all is judged again and the daemon starts.
func TestKindRulesAreKept(t *testing.T) {
	l, _ := newLedger(t)
	want := []KindRule{{Root: []byte("/art/\xff"), Rule: "2 auto"}}
	if err := l.SetKindRules(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	same := func(a, b KindRule) bool { return string(a.Root) == string(b.Root) && a.Rule == b.Rule }
	if got, err := l.KindRules(t.Context()); err != nil || !slices.EqualFunc(got, want, same) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if err := l.Set(t.Context(), kindRulesKey, `[{"root":`); err != nil {
		t.Fatal(err)
	}
	if got, err := l.KindRules(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("what is damaged: %v, %v", got, err)
	}
}
