package ledger

import (
	"slices"
	"strings"
	"testing"

	"scenario-drop/drop"
)

// Whatever changes an item's reason sets the hold that comes with it.
func TestReasonsChangeWithTheirHolds(t *testing.T) {
	all := drop.Reasons()
	for reason := range holds {
		if !slices.Contains(all, reason) {
			t.Errorf("%q is no reason", reason)
		}
	}
	for _, query := range []string{askExistingQuery, noteQuery, noteAgainQuery, nextVersionQuery} {
		if !strings.Contains(query, "reason") || !strings.Contains(query, "hold") {
			t.Errorf("without the hold: %s", query)
		}
	}
	l, _ := newLedger(t)
	if it := admitted(t, l, observation("a.png", 1)); it.Hold != NoHold {
		t.Errorf("a new item is held for %q", it.Hold)
	}
	held := observation("b.png", 2)
	held.State, held.Reason = drop.Held, drop.ReasonUnreadable
	if it := admitted(t, l, held); it.Hold != HoldReadable {
		t.Errorf("what cannot be read is held for %q", it.Hold)
	}
	for reason, hold := range map[drop.Reason]Hold{drop.ReasonFolderSetting: HoldFolder, drop.ReasonServerFault: NoHold} {
		it := claimAll(t, l, "w")[0]
		must(t, l.Release(t.Context(), it, "w", l.now(), false, reason.With("It waits.")))
		if it := found(t, l, it.Path); it.Reason != reason || it.Hold != hold {
			t.Errorf("released for %q it is held for %q, want %q", it.Reason, it.Hold, hold)
		}
	}
}
