package cli

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"scenario-drop/drop"
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

// countsText says counts by state in words: "12 imported, 1 failed"; "" for none.
func countsText(counts map[drop.State]int) string {
	var all []string
	for _, t := range status.Totals(counts) {
		all = append(all, t.Text)
	}
	return strings.Join(all, ", ")
}

// quoted lists names for people: "Characters", "Orcs".
func quoted(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(all, ", ")
}
