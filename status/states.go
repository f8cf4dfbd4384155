package status

import (
	"slices"

	"github.com/dustin/go-humanize"

	"scenario-drop/ledger"
)

// StateText says what state a number of files is in, for people: "1 needs attention".
func StateText(s ledger.State, n int) string {
	return humanize.Comma(int64(n)) + " " + stateWords(s, n)
}

// StateName is what a file in a state is called, for people.
func StateName(s ledger.State) string { return stateWords(s, 1) }

func stateWords(s ledger.State, n int) string {
	switch s {
	case ledger.Preparing, ledger.Uploading:
		return "uploading"
	case ledger.Completing, ledger.Importing:
		return "being imported"
	case ledger.Linking, ledger.Tidying:
		return "being finished"
	case ledger.Held:
		if n == 1 {
			return "needs attention"
		}
		return "need attention"
	case ledger.Superseded:
		return "replaced by a newer version"
	}
	return string(s) // which is the word: queued, imported, failed, ignored, gone
}

// Total is how many files are in a state, or in several of one name.
type Total struct {
	State ledger.State
	Count int
	Text  string // "12 imported"
}

// Totals says counts by state in words. What is over comes first, then the order of an item's way.
func Totals(counts map[ledger.State]int) (all []Total) {
	order := slices.DeleteFunc(ledger.States(), func(s ledger.State) bool { return s == ledger.Imported || s == ledger.Failed })
	for _, s := range append([]ledger.State{ledger.Imported, ledger.Failed}, order...) {
		n := counts[s]
		if n == 0 {
			continue
		}
		if i := slices.IndexFunc(all, func(t Total) bool { return StateName(t.State) == StateName(s) }); i >= 0 {
			all[i].Count += n
			all[i].Text = StateText(s, all[i].Count)
			continue
		}
		all = append(all, Total{State: s, Count: n, Text: StateText(s, n)})
	}
	return all
}
