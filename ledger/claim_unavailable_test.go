package ledger

import (
	"testing"

	"scenario-drop/drop"
)

// What needs the files of a folder that does not answer is left out of a claim; what asks
// Scenario alone goes on, and so does every other folder.
func TestClaimSkipsUnavailableFolders(t *testing.T) {
	l, clock := newLedger(t)
	const other = "/elsewhere \xff" // a path need not be UTF-8
	for _, s := range []drop.State{drop.Queued, drop.Uploading, drop.Completing, drop.Linking, drop.CleaningUp} {
		it := admitted(t, l, observation(string(s)+".png", 1))
		force(t, l, it.ID, "state = ?", s)
	}
	away := observation("away.png", 1)
	away.Root = other
	admit(t, l, away)
	c := everything("w", clock.now().Add(hour))
	c.Unavailable = []string{observation("x", 1).Root, "/a third"}
	got, err := l.Claim(t.Context(), c)
	must(t, err)
	if want := "completing.png linking.png away.png"; names(got) != want {
		t.Errorf("claimed %q, want %q", names(got), want)
	}
	c.Owner, c.Unavailable = "v", []string{other}
	got, err = l.Claim(t.Context(), c)
	must(t, err)
	if want := "queued.png uploading.png cleaning_up.png"; names(got) != want {
		t.Errorf("then %q, want %q", names(got), want)
	}
}
