package ledger

import (
	"errors"
	"testing"
	"time"

	"scenario-drop/drop"
)

// preparing admits files and claims them all.
func preparing(t *testing.T, l *Ledger, files ...string) []Item {
	t.Helper()
	for n, name := range files {
		admit(t, l, observation(name, int64(n)))
	}
	return claimAll(t, l, "w")
}

func TestAnnounce(t *testing.T) {
	l, _ := newLedger(t)
	items := preparing(t, l, "a", "b", "c", "d", "e")
	a, b, c := items[0], items[1], items[2]
	announce := func(it Item, content Content) (bool, int64) {
		t.Helper()
		known, duplicate, err := l.Announce(t.Context(), it, "w", content)
		must(t, err)
		return known, duplicate
	}
	content := contentOf(1)
	if known, duplicate := announce(a, content); known || duplicate != 0 {
		t.Errorf("the first: known %v, duplicate %d", known, duplicate)
	}
	if known, duplicate := announce(b, content); known || duplicate != a.ID {
		t.Errorf("the second: known %v, duplicate %d; want %d", known, duplicate, a.ID)
	}
	for what, other := range map[string]Content{
		"size":   {Scope: content.Scope, Kind: content.Kind, Size: 999, Sample: content.Sample},
		"sample": {Scope: content.Scope, Kind: content.Kind, Size: content.Size, Sample: []byte{9}},
		"kind":   {Scope: content.Scope, Kind: "3d", Size: content.Size, Sample: content.Sample},
		"scope":  {Scope: "elsewhere", Kind: content.Kind, Size: content.Size, Sample: content.Sample},
	} {
		if known, duplicate := announce(c, other); known || duplicate != 0 {
			t.Errorf("another %s: known %v, duplicate %d", what, known, duplicate)
		}
	}
	// b gives way; a's hash comes, and is known from then on.
	must(t, l.WaitFor(t.Context(), b, "w", a.ID, l.now().Add(hour)))
	if got := claimAll(t, l, "w"); len(got) != 0 {
		t.Errorf("claimed while it waits: %s", names(got))
	}
	claimContent(t, l, a, "w", content)
	got := claimAll(t, l, "w")
	if names(got) != "b" {
		t.Fatalf("the hash came, and claimed are %q", names(got))
	}
	if known, duplicate := announce(b, content); !known || duplicate != 0 {
		t.Errorf("after the hash: known %v, duplicate %d", known, duplicate)
	}
	if known, duplicate := announce(a, content); known || duplicate != 0 {
		t.Errorf("its own content: known %v, duplicate %d", known, duplicate)
	}
	if _, _, err := l.Announce(t.Context(), c, "other", content); !errors.Is(err, ErrNotMoved) {
		t.Errorf("by another owner: %v", err)
	}
}

func TestClaimContentOnce(t *testing.T) {
	l, _ := newLedger(t)
	items := preparing(t, l, "a", "b", "c", "d")
	a, b := items[0], items[1]
	for range 2 {
		if who := claimContent(t, l, a, "w", contentOf(1)); !who.Mine() {
			t.Fatalf("the first: %+v", who)
		}
	}
	if who := claimContent(t, l, b, "w", contentOf(1)); who.Other != a.ID || who.Mine() {
		t.Fatalf("the second: %+v", who)
	}
	other := contentOf(1)
	other.Kind = "3d"
	if who := claimContent(t, l, items[2], "w", other); !who.Mine() {
		t.Errorf("of another kind: %+v", who)
	}
	other.Scope = "elsewhere"
	if who := claimContent(t, l, items[3], "w", other); !who.Mine() {
		t.Errorf("in another scope: %+v", who)
	}
}

// Whoever waits for an item's asset goes on when that item gets further, and at once if
// it did between being asked about and being waited for.
func TestWaiting(t *testing.T) {
	// Each step is taken by a, whose content b waits for with its own hash known.
	steps := []struct {
		name  string
		setup func(*testing.T, *Ledger, *Item) // before b waits
		step  func(*testing.T, *Ledger, Item)
		wakes bool
	}{
		{"part sent", upload, func(t *testing.T, l *Ledger, a Item) { sendParts(t, l, a, "w", 1) }, false},
		{"completing", upload, complete, false},
		{"put off", upload, func(t *testing.T, l *Ledger, a Item) {
			must(t, l.Release(t.Context(), a, "w", time.Time{}, true, drop.Why{}))
		}, false},
		{"put off before it was sent", nil, func(t *testing.T, l *Ledger, a Item) {
			must(t, l.Release(t.Context(), a, "w", time.Time{}, true, drop.Why{}))
		}, true},
		{"asset made", upload, func(t *testing.T, l *Ledger, a Item) {
			complete(t, l, a)
			a.State = drop.Completing
			must(t, l.AssetMade(t.Context(), a, "w", "asset"))
		}, true},
		{"failed", upload, end(drop.Failed), true},
		{"held", upload, end(drop.Held), true},
		{"ignored", upload, end(drop.Ignored), true},
		{"superseded", upload, end(drop.Superseded), true},
		{"gone", upload, end(drop.Gone), true},
		{"started over", upload, end(drop.Queued), true},
		{"failed while importing", func(t *testing.T, l *Ledger, a *Item) {
			upload(t, l, a)
			complete(t, l, *a)
			a.State = drop.Completing
			must(t, l.Importing(t.Context(), *a, "w", l.now()))
			a.State = drop.Importing
		}, func(t *testing.T, l *Ledger, a Item) {
			must(t, l.End(t.Context(), a, "", drop.Failed, drop.Why{Reason: "refused", Detail: "Scenario could not use it."}))
		}, true},
	}
	for _, c := range steps {
		for _, early := range []bool{false, true} {
			t.Run(c.name+map[bool]string{false: ", then", true: ", a moment before"}[early], func(t *testing.T) {
				l, _ := newLedger(t)
				items := preparing(t, l, "a", "b")
				a, b := items[0], items[1]
				claimContent(t, l, a, "w", contentOf(1))
				if c.setup != nil {
					c.setup(t, l, &a)
				}
				if who := claimContent(t, l, b, "w", contentOf(1)); who.Other != a.ID {
					t.Fatalf("claimant %+v", who)
				}
				wait := func() { must(t, l.WaitFor(t.Context(), b, "w", a.ID, l.now().Add(hour))) }
				if early {
					c.step(t, l, a)
					wait()
				} else {
					wait()
					if s := item(t, l, b.ID); s.State != drop.Queued || s.NotBefore.IsZero() || s.Reason != drop.ReasonDuplicateInFlight || s.Detail == "" {
						t.Errorf("it waits as %+v", s)
					}
					c.step(t, l, a)
				}
				if woken := item(t, l, b.ID).NotBefore.IsZero(); woken != c.wakes {
					t.Errorf("goes on: %v, want %v", woken, c.wakes)
				}
			})
		}
	}
}

func upload(t *testing.T, l *Ledger, a *Item) {
	t.Helper()
	u, err := l.UploadCreated(t.Context(), *a, "w", Upload{Remote: "u", PartSize: 600, Parts: 2})
	must(t, err)
	a.State, a.Upload = drop.Uploading, u
}

func complete(t *testing.T, l *Ledger, a Item) {
	t.Helper()
	sendParts(t, l, a, "w", 1, 2)
	must(t, l.Completing(t.Context(), a, "w"))
}

func end(to drop.State) func(*testing.T, *Ledger, Item) {
	return func(t *testing.T, l *Ledger, a Item) {
		t.Helper()
		must(t, l.End(t.Context(), a, "w", to, drop.Why{Reason: "why", Detail: "Because."}))
	}
}

// Who waits for a duplicate's hash must not sleep on when that came a moment before.
func TestWaitingForAHash(t *testing.T) {
	for _, early := range []bool{false, true} {
		l, _ := newLedger(t)
		items := preparing(t, l, "a", "b")
		a, b := items[0], items[1]
		for _, it := range items {
			_, _, err := l.Announce(t.Context(), it, "w", contentOf(1))
			must(t, err)
		}
		upload(t, l, &a)
		if early {
			claimContent(t, l, a, "w", contentOf(1))
		}
		must(t, l.WaitFor(t.Context(), b, "w", a.ID, l.now().Add(hour)))
		if !early {
			if item(t, l, b.ID).NotBefore.IsZero() {
				t.Error("it does not wait for a hash that is to come")
			}
			claimContent(t, l, a, "w", contentOf(1))
		}
		if at := item(t, l, b.ID).NotBefore; !at.IsZero() {
			t.Errorf("early %v: the hash is there, and it waits until %v", early, at)
		}
	}
}

func TestDuplicate(t *testing.T) {
	l, _ := newLedger(t)
	imported(t, l, "first", 1, contentOf(1), "asset-1")
	dup := uploading(t, l, "second", 2, "w")
	sendParts(t, l, dup, "w", 1)
	if who := claimContent(t, l, dup, "w", contentOf(1)); who.Asset != "asset-1" {
		t.Fatalf("claimant %+v", who)
	}
	must(t, l.Duplicate(t.Context(), dup, "w", "asset-1"))
	got := item(t, l, dup.ID)
	if got.State != drop.Linking || got.Asset != "asset-1" || got.Upload.ID != 0 {
		t.Errorf("%+v", got)
	}
	if sent, err := l.PartsSent(t.Context(), dup.Upload.ID); err != nil || len(sent) != 0 {
		t.Errorf("receipts %v, %v of an upload that is dropped", sent, err)
	}
}

// A deleted asset's content is new again, whatever copy of the item the caller has, and
// nothing else is touched by it.
func TestAssetGone(t *testing.T) {
	l, _ := newLedger(t)
	imported(t, l, "first", 1, contentOf(1), "asset-1")
	imported(t, l, "other", 3, contentOf(3), "asset-3")
	must(t, l.Joined(t.Context(), contentOf(1).Scope, "asset-1", "c"))
	must(t, l.Joined(t.Context(), contentOf(1).Scope, "asset-3", "c"))
	busy := uploading(t, l, "busy", 2, "w")
	sendParts(t, l, busy, "w", 1, 2)
	claimContent(t, l, busy, "w", contentOf(2))

	admit(t, l, observation("second", 4))
	dup := claimAll(t, l, "w")[0] // no scope: it was not prepared before
	if who := claimContent(t, l, dup, "w", contentOf(1)); who.Asset != "asset-1" {
		t.Fatalf("claimant %+v", who)
	}
	// Without an asset, it must not let go of contents that others are making.
	must(t, l.AssetGone(t.Context(), dup, "w"))
	must(t, l.Completing(t.Context(), busy, "w"))

	dup = claimAll(t, l, "w")[0]
	if who := claimContent(t, l, dup, "w", contentOf(1)); who.Asset != "asset-1" {
		t.Fatalf("claimant %+v", who)
	}
	dup.Scope, dup.Asset = "", "asset-1"
	must(t, l.AssetGone(t.Context(), dup, "w"))
	if got := item(t, l, dup.ID); got.State != drop.Queued || got.Asset != "" || got.Reason != drop.ReasonAssetGone {
		t.Errorf("%+v", got)
	}
	dup = claimAll(t, l, "w")[0]
	if who := claimContent(t, l, dup, "w", contentOf(1)); !who.Mine() {
		t.Errorf("its content is not new: %+v", who)
	}
	for asset, want := range map[string]int{"asset-1": 0, "asset-3": 1} {
		if in, err := l.Memberships(t.Context(), contentOf(1).Scope, asset); err != nil || len(in) != want {
			t.Errorf("%s is in %v, %v", asset, in, err)
		}
	}
	admit(t, l, observation("third", 5))
	for _, it := range claimAll(t, l, "w") {
		if who := claimContent(t, l, it, "w", contentOf(3)); who.Asset != "asset-3" {
			t.Errorf("another asset is forgotten with it: %+v", who)
		}
	}
}
