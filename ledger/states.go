package ledger

import (
	"fmt"
	"slices"
	"strings"
)

// State is where an item stands on its way from a file to an asset.
type State string

// The states of an item. Those from Queued to Tidying are on the way; the others rest.
const (
	Held       State = "held"       // seen, but not fit to be sent: cut off, empty, unreadable …
	Queued     State = "queued"     // waits for its turn, a retry, or an item with the same bytes
	Preparing  State = "preparing"  // claimed: is its content new? A file of one part is also sent
	Uploading  State = "uploading"  // an upload exists at Scenario; parts are being sent
	Completing State = "completing" // the complete call is intended and may have happened
	Importing  State = "importing"  // Scenario has every byte and is at work
	Linking    State = "linking"    // the asset exists and joins its collections
	Tidying    State = "tidying"    // the local file is being moved or trashed
	Imported   State = "imported"   // done
	Failed     State = "failed"     // Scenario said no; tried again when it changes or is asked
	Ignored    State = "ignored"    // a rule of the config says not to send it
	Superseded State = "superseded" // a newer version took its place before it was completed
	Gone       State = "gone"       // the file vanished before it was completed
)

// moves is the table of states: every legal move, and no other.
//
// Nothing leads from Completing or Importing to Superseded or Gone: once the complete
// call may have happened, an asset may come of it, and it has to be followed. To Held it
// goes only with a question to the user, where Scenario does not tell what became of it.
var moves = map[State][]State{
	Held:       {Queued, Ignored, Superseded, Gone},
	Queued:     {Preparing, Held, Ignored, Superseded, Gone},
	Preparing:  {Queued, Uploading, Completing, Linking, Held, Failed, Ignored, Superseded, Gone},
	Uploading:  {Queued, Completing, Linking, Held, Failed, Ignored, Superseded, Gone},
	Completing: {Uploading, Importing, Linking, Imported, Queued, Held, Failed},
	Importing:  {Linking, Imported, Queued, Failed},
	Linking:    {Tidying, Imported, Queued},
	Tidying:    {Imported},
	Failed:     {Queued, Held, Ignored, Superseded, Gone},
	Ignored:    {Queued, Held, Superseded, Gone},
	Imported:   nil,
	Superseded: nil,
	Gone:       nil,
}

// States lists every state in the order of an item's way.
func States() []State {
	return []State{Held, Queued, Preparing, Uploading, Completing, Importing, Linking, Tidying,
		Imported, Failed, Ignored, Superseded, Gone}
}

// Active reports whether an item in this state is on its way: a newer version of the
// same path waits until it rests.
func (s State) Active() bool {
	switch s {
	case Queued, Preparing, Uploading, Completing, Importing, Linking, Tidying:
		return true
	}
	return false
}

// blocks reports whether an item in this state keeps the next version of its path waiting:
// until there is an asset, which may become the next one's parent, or will be none.
func (s State) blocks() bool { return s.Active() && s != Linking && s != Tidying }

// CanMoveTo reports whether the table of states has the move.
func (s State) CanMoveTo(to State) bool { return slices.Contains(moves[s], to) }

// Diagram draws the table of states as a Mermaid state diagram.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range []State{Held, Queued, Ignored} {
		fmt.Fprintf(&b, "    [*] --> %s\n", s)
	}
	for _, from := range States() {
		for _, to := range moves[from] {
			fmt.Fprintf(&b, "    %s --> %s\n", from, to)
		}
		if len(moves[from]) == 0 {
			fmt.Fprintf(&b, "    %s --> [*]\n", from)
		}
	}
	return b.String()
}
