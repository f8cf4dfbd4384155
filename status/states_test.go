package status

import (
	"slices"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// Every state has a name that a person understands, the same one on the page, in the terminal
// and at the beginning of a file's sentence.
func TestStatesInWords(t *testing.T) {
	private := []drop.State{drop.Held, drop.Preparing, drop.CleaningUp, drop.Linking, drop.Superseded, drop.Completing}
	for _, s := range private {
		if StateName(s) == string(s) {
			t.Errorf("%s is told as it is called in the code", s)
		}
	}
	var texts []string
	for _, total := range Totals(map[drop.State]int{drop.Held: 2, drop.Preparing: 1, drop.Uploading: 1200, drop.Imported: 3, drop.Ignored: 1}) {
		texts = append(texts, total.Text)
	}
	if want := []string{"3 imported", "2 need attention", "1,201 uploading", "1 ignored"}; !slices.Equal(texts, want) {
		t.Errorf("%q, want %q", texts, want)
	}
	for s, want := range map[drop.State]string{drop.Held: "Needs attention.", drop.Queued: "Queued.", drop.Uploading: "Uploading.", drop.Ignored: "Ignored."} {
		if got := Sentence(ledger.Item{State: s}, time.Now()); got != want {
			t.Errorf("of a file that is %s: %q", s, got)
		}
	}
}
