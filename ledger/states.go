package ledger

import (
	"slices"

	"scenario-drop/drop"
)

// moves is the table of states: every legal move, and no other.
//
// Nothing leads from Completing or Importing to Superseded or Gone: once the complete
// call may have happened, an asset may come of it, and it has to be followed. To Held it
// goes only with a question to the user, where Scenario does not tell what became of it.
var moves = map[drop.State][]drop.State{
	drop.Held:       {drop.Queued, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Queued:     {drop.Preparing, drop.Held, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Preparing:  {drop.Queued, drop.Uploading, drop.Completing, drop.Linking, drop.Held, drop.Failed, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Uploading:  {drop.Queued, drop.Completing, drop.Linking, drop.Held, drop.Failed, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Completing: {drop.Uploading, drop.Importing, drop.Linking, drop.Imported, drop.Queued, drop.Held, drop.Failed},
	drop.Importing:  {drop.Linking, drop.Imported, drop.Queued, drop.Failed},
	drop.Linking:    {drop.CleaningUp, drop.Imported, drop.Queued},
	drop.CleaningUp: {drop.Imported},
	drop.Failed:     {drop.Queued, drop.Held, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Ignored:    {drop.Queued, drop.Held, drop.Superseded, drop.Gone},
	drop.Imported:   nil,
	drop.Superseded: nil,
	drop.Gone:       nil,
}

// blocksNext reports whether an item in this state keeps the next version of its path waiting:
// until there is an asset, which may become the next one's parent, or will be none.
func blocksNext(s drop.State) bool { return s.Active() && s != drop.Linking && s != drop.CleaningUp }

// canMove reports whether the table of states has the move.
func canMove(s, to drop.State) bool { return slices.Contains(moves[s], to) }
