package cli

import (
	"runtime"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/status"
)

// What a person can type stands below the sentence, a line for each next step that has a command.
func TestNextSteps(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths are quoted in another way; see TestArgument")
	}
	for _, c := range []struct {
		state  drop.State
		reason drop.Reason
		want   string
	}{
		{drop.Held, drop.ReasonLooksCutOff, "\n  To upload it as it is: scenario-drop retry --force '/drop/a b.png'"},
		{drop.Held, drop.ReasonPossibleDuplicate, "\n  To take it as that one: scenario-drop link-existing '/drop/a b.png'\n  To send it: scenario-drop retry '/drop/a b.png'"},
		{drop.Held, drop.ReasonEmpty, ""},
		{drop.Failed, drop.ReasonRefused, "\n  To try it again now: scenario-drop retry '/drop/a b.png'"},
		{drop.Failed, drop.ReasonTooLarge, "\n  To try it again now: scenario-drop retry '/drop/a b.png'"},
		{drop.Linking, drop.ReasonNotTagged, "\n  To try it again now: scenario-drop retry '/drop/a b.png'"},
		{drop.Ignored, drop.ReasonExisting, "\n  To try it again now: scenario-drop retry '/drop/a b.png'"},
		{drop.Imported, drop.ReasonMoved, ""},
		{drop.Queued, "", ""},
	} {
		it := ledger.Item{Path: "/drop/a b.png", State: c.state, Reason: c.reason, Hold: ledger.HoldFor(c.reason)}
		f := status.NewFile(it, it.Updated)
		if got := nextSteps(f.Path, f.Actions...); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.state, c.reason, got, c.want)
		}
	}
}

func TestArgument(t *testing.T) {
	want := map[string]string{"/drop/ä_1.png": "/drop/ä_1.png", "/drop/a b.png": "'/drop/a b.png'", "/drop/it's $HOME.png": `'/drop/it'\''s $HOME.png'`, "/drop/a\nb.png": "PATH", "/drop/\xff.png": "PATH"}
	if runtime.GOOS == "windows" {
		want = map[string]string{`C:\Drop\a.png`: `C:\Drop\a.png`, `C:\Drop\a b.png`: `"C:\Drop\a b.png"`, "C:\\Drop\\\xff.png": "PATH"}
	}
	for path, as := range want {
		if got := argument(path); got != as {
			t.Errorf("%q is %s, want %s", path, got, as)
		}
	}
}
