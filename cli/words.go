package cli

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"scenario-drop/ledger"
	"scenario-drop/status"
)

// printable shows a path on one line of a terminal.
func printable(path string) string { return status.Printable(path) }

// files is "1 file" or "12 files".
func files(n int) string { return count(n, "file", "files") }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(int64(n)) + " " + many
}

func bytesText(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// stateWords are what a number of files in a state is called, in the order of an item's
// way; "12 imported".
func stateWords(s ledger.State) string {
	switch s {
	case ledger.Queued:
		return "queued"
	case ledger.Preparing, ledger.Uploading:
		return "uploading"
	case ledger.Completing, ledger.Importing:
		return "being imported"
	case ledger.Linking, ledger.Tidying:
		return "being finished"
	case ledger.Held:
		return "held back"
	case ledger.Ignored:
		return "left out"
	case ledger.Superseded:
		return "replaced by a newer version"
	case ledger.Gone:
		return "gone"
	}
	return string(s)
}

// countsText says counts by state in words: "12 imported, 1 failed"; "" for none. What
// is over comes first.
func countsText(counts map[ledger.State]int) string {
	var order []string
	sums := map[string]int{}
	add := func(s ledger.State) {
		if counts[s] == 0 {
			return
		}
		w := stateWords(s)
		if sums[w] == 0 {
			order = append(order, w)
		}
		sums[w] += counts[s]
	}
	add(ledger.Imported)
	add(ledger.Failed)
	for _, s := range ledger.States() {
		if s != ledger.Imported && s != ledger.Failed {
			add(s)
		}
	}
	for i, w := range order {
		order[i] = humanize.Comma(int64(sums[w])) + " " + w
	}
	return strings.Join(order, ", ")
}

// quoted lists names for people: "Characters", "Orcs".
func quoted(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(all, ", ")
}
