package status

import (
	"slices"
	"testing"
	"time"

	"scenario-drop/ledger"
)

// Every state has a name that a person understands, the same one on the page, in the terminal
// and at the beginning of a file's sentence.
func TestStatesInWords(t *testing.T) {
	private := []ledger.State{ledger.Held, ledger.Preparing, ledger.Tidying, ledger.Linking, ledger.Superseded, ledger.Completing}
	for _, s := range private {
		if StateName(s) == string(s) {
			t.Errorf("%s is told as it is called in the code", s)
		}
	}
	var texts []string
	for _, total := range Totals(map[ledger.State]int{ledger.Held: 2, ledger.Preparing: 1, ledger.Uploading: 1200, ledger.Imported: 3, ledger.Ignored: 1}) {
		texts = append(texts, total.Text)
	}
	if want := []string{"3 imported", "2 need attention", "1,201 uploading", "1 ignored"}; !slices.Equal(texts, want) {
		t.Errorf("%q, want %q", texts, want)
	}
	for s, want := range map[ledger.State]string{ledger.Held: "Needs attention.", ledger.Queued: "Queued.", ledger.Uploading: "Uploading.", ledger.Ignored: "Ignored."} {
		if got := Sentence(ledger.Item{State: s}, time.Now()); got != want {
			t.Errorf("of a file that is %s: %q", s, got)
		}
	}
}
