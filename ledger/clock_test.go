package ledger

import (
	"testing"
	"time"

	"scenario-drop/drop"
)

// An item that was put off by a clock a day ahead is due at once when the clock is put
// right; one that waits as long as items do is left to wait.
func TestMakeDue(t *testing.T) {
	l, clock := newLedger(t)
	admit(t, l, observation("far.png", 1), observation("near.png", 2))
	later := map[string]time.Duration{inRoot("far.png"): 24 * time.Hour, inRoot("near.png"): 5 * time.Minute}
	for _, it := range claimAll(t, l, "w") {
		must(t, l.Release(t.Context(), it, "w", clock.now().Add(later[it.Path]), true, drop.Why{Reason: "error", Detail: "It was put off."}))
	}
	if n, err := l.MakeDue(t.Context(), clock.now().Add(10*time.Minute)); err != nil || n != 1 {
		t.Errorf("Hurry = %d, %v", n, err)
	}
	if got := claimAll(t, l, "w"); len(got) != 1 || got[0].Path != inRoot("far.png") {
		t.Errorf("due at once are %v", got)
	}
	clock.advance(5 * time.Minute)
	if got := claimAll(t, l, "w"); len(got) != 1 || got[0].Path != inRoot("near.png") {
		t.Errorf("due in time are %v", got)
	}
}
