package drop

// State is where an item stands between a file and its asset. The values are stored in the
// local database, and are those of JSON.
type State string

// The states of an item. Those from Queued to CleaningUp are active; the others are final, or
// last until somebody or something changes. Which moves are legal is a table of package ledger.
const (
	Held       State = "held"        // needs attention: cut off, empty, unreadable …
	Queued     State = "queued"      // waits to be claimed, for a retry, or for an item with the same bytes
	Preparing  State = "preparing"   // claimed: is its content new? A file of one part is also sent
	Uploading  State = "uploading"   // an upload exists at Scenario; parts are being sent
	Completing State = "completing"  // the complete call is intended and may have happened
	Importing  State = "importing"   // Scenario has every byte and is at work
	Linking    State = "linking"     // the asset exists and joins its collections
	CleaningUp State = "cleaning_up" // the local file is being moved or trashed
	Imported   State = "imported"    // done
	Failed     State = "failed"      // Scenario said no; tried again when it changes or is asked
	Ignored    State = "ignored"     // a rule of the config says not to send it
	Superseded State = "superseded"  // a newer version took its place before it was completed
	Gone       State = "gone"        // the file vanished before it was completed
)

// States lists every state in the order in which an item passes them.
func States() []State {
	return []State{Held, Queued, Preparing, Uploading, Completing, Importing, Linking, CleaningUp,
		Imported, Failed, Ignored, Superseded, Gone}
}

// Active reports whether an item in this state is being worked on or waits for it: a newer
// version of the same path waits until it is not.
func (s State) Active() bool {
	switch s {
	case Queued, Preparing, Uploading, Completing, Importing, Linking, CleaningUp:
		return true
	}
	return false
}
