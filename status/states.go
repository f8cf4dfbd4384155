package status

import (
	"slices"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
)

// StateText says what state a number of files is in, for people: "1 needs attention".
func StateText(s drop.State, n int) string {
	return humanize.Comma(int64(n)) + " " + stateWords(s, n)
}

// StateName is what a file in a state is called, for people.
func StateName(s drop.State) string { return stateWords(s, 1) }

func stateWords(s drop.State, n int) string {
	switch s {
	case drop.Preparing, drop.Uploading:
		return "uploading"
	case drop.Completing, drop.Importing:
		return "being imported"
	case drop.Linking, drop.CleaningUp:
		return "being finished"
	case drop.Held:
		if n == 1 {
			return "needs attention"
		}
		return "need attention"
	case drop.Superseded:
		return "replaced by a newer version"
	}
	return string(s) // which is the word: queued, imported, failed, ignored, gone
}

// Total is how many files are in a state, or in several of one name.
type Total struct {
	State drop.State
	Count int
	Text  string // "12 imported"
}

// Totals says counts by state in words. What is over comes first, then the order of an item's way.
func Totals(counts map[drop.State]int) (all []Total) {
	order := slices.DeleteFunc(drop.States(), func(s drop.State) bool { return s == drop.Imported || s == drop.Failed })
	for _, s := range append([]drop.State{drop.Imported, drop.Failed}, order...) {
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
