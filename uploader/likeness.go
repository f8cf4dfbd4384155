package uploader

import (
	"fmt"
	"strings"
)

// Likeness is what Scenario has that a file may be.
type Likeness struct {
	Assets   []string // of its name and size, the likeliest and newest first
	NameOnly bool     // Scenario tells no size of them
	SameSize string   // an asset of its size, but of another name; only if a ledger was lost
	Place    string   // where it was looked for, in words
	Unlisted string   // why not everything there could be looked at; "" when it could
}

// Asks reports whether a file that may have been sent before must not be sent without
// the user's word. lost is Doubt.Lost.
//
//	an asset of its name and size          yes
//	… of its name, the size is not told    if a ledger was lost
//	… of its size, with another name       if a ledger was lost
//	not everything could be looked at      if a ledger was lost
//	nothing like it in the whole list      no
func (l Likeness) Asks(lost bool) bool {
	return len(l.Assets) > 0 || lost && (l.SameSize != "" || l.Unlisted != "")
}

// Sentence says what a file may be, and what to do. It follows on "Not sent."
func (l Likeness) Sentence(lost bool) string {
	const send = "To send it: scenario-drop retry PATH"
	before := "Scenario"
	if lost {
		before = "The ledger was lost, and Scenario"
	}
	switch {
	case len(l.Assets) > 0:
		return fmt.Sprintf("%s seems to hold it already as asset %s. To take it as that one: scenario-drop adopt PATH. %s.", before, l.Which(), send)
	case l.SameSize != "":
		return fmt.Sprintf("%s holds the asset %s of the same size under another name; whether it is this file cannot be told. %s.", before, l.SameSize, send)
	}
	return fmt.Sprintf("The ledger was lost, and whether Scenario holds it already cannot be found out: %s. %s. To look again: scenario-drop retry.",
		strings.TrimSuffix(l.Unlisted, "."), send)
}

// Which names the likeliest asset, and says how it is like the file.
func (l Likeness) Which() string {
	same := "same name and size"
	if l.NameOnly {
		same = "same name; Scenario tells no size"
	}
	more := ""
	switch n := len(l.Assets) - 1; {
	case n == 1:
		more = "; the newest of two that are like it"
	case n > 1:
		more = fmt.Sprintf("; the newest of %d that are like it", n+1)
	}
	return fmt.Sprintf("%s (%s, %s%s)", l.Assets[0], same, l.Place, more)
}
