package ledger

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"scenario-drop/drop"
)

// uploading admits a file and brings it to Uploading: two parts, none sent.
func uploading(t *testing.T, l *Ledger, name string, n int64, owner string) Item {
	t.Helper()
	want := admitted(t, l, observation(name, n)).ID
	for _, it := range claimAll(t, l, owner) {
		if it.ID == want {
			u, err := l.UploadCreated(t.Context(), it, owner, Upload{Remote: "remote-" + name, PartSize: 600, Parts: 2})
			must(t, err)
			it.State, it.Upload = drop.Uploading, u
			return it
		}
	}
	t.Fatalf("%s was not there to be claimed", name)
	panic("unreachable")
}

func sendParts(t *testing.T, l *Ledger, it Item, owner string, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		must(t, l.PartSent(t.Context(), it, owner, Part{Number: n, Size: 500, CRC32C: 1<<31 + uint32(n), ETag: "e"}))
	}
}

func claimContent(t *testing.T, l *Ledger, it Item, owner string, c Content) Claimant {
	t.Helper()
	who, err := l.ClaimContent(t.Context(), it, owner, c)
	must(t, err)
	return who
}

func TestTheWholeWay(t *testing.T) {
	l, clock := newLedger(t)
	it := uploading(t, l, "a.png", 1, "w")
	if got := item(t, l, it.ID); got.State != drop.Uploading || got.Upload != it.Upload || got.Upload.Remote != "remote-a.png" || got.Upload.Parts != 2 || got.Upload.PartSize != 600 {
		t.Fatalf("it has %+v", got)
	}
	sendParts(t, l, it, "w", 1, 2, 1) // a part may be sent again
	sent, err := l.PartsSent(t.Context(), it.Upload.ID)
	must(t, err)
	if want := (Part{Number: 2, Size: 500, CRC32C: 1<<31 + 2, ETag: "e"}); len(sent) != 2 || sent[2] != want {
		t.Errorf("receipts %v", sent)
	}
	if who := claimContent(t, l, it, "w", contentOf(1)); !who.Mine() {
		t.Fatalf("claimant %+v", who)
	}
	must(t, l.Completing(t.Context(), it, "w"))
	it.State = drop.Completing
	must(t, l.Importing(t.Context(), it, "w", clock.now().Add(2*time.Second)))
	due := func() []Item {
		items, err := l.Due(t.Context(), 10)
		must(t, err)
		return items
	}
	if got := due(); len(got) != 0 {
		t.Error("due before its time")
	}
	if got := claimAll(t, l, "x"); len(got) != 0 {
		t.Error("claimed while it is being imported")
	}
	clock.advance(2 * time.Second)
	got := due()
	if len(got) != 1 || got[0].ID != it.ID || got[0].Upload != it.Upload || string(got[0].SHA256) != "\x01\x01" {
		t.Fatalf("due %+v", got)
	}
	must(t, l.CheckAgain(t.Context(), got[0], clock.now().Add(time.Second), drop.Why{Reason: "slow", Detail: "It takes long."}))
	if len(due()) != 0 {
		t.Error("due again at once")
	}
	if it := item(t, l, it.ID); it.Attempts != 1 || it.Reason != "slow" {
		t.Errorf("after another look: %+v", it)
	}
	must(t, l.AssetMade(t.Context(), got[0], "", "asset-1"))
	if sent, err := l.PartsSent(t.Context(), it.Upload.ID); err != nil || len(sent) != 0 {
		t.Errorf("receipts %v, %v of a finished upload", sent, err)
	}
	linking := claimAll(t, l, "x")
	if len(linking) != 1 || linking[0].State != drop.Linking || linking[0].Asset != "asset-1" || linking[0].Attempts != 0 {
		t.Fatalf("to be linked: %+v", linking)
	}
	must(t, l.CleaningUp(t.Context(), linking[0], "x"))
	linking[0].State = drop.CleaningUp
	must(t, l.Done(t.Context(), linking[0], "x", drop.Why{Detail: "Moved to Uploaded."}))
	end := item(t, l, it.ID)
	if end.State != drop.Imported || end.Asset != "asset-1" || end.Detail != "Moved to Uploaded." {
		t.Errorf("at the end: %+v", end)
	}
	events, err := l.Events(t.Context(), it.ID)
	must(t, err)
	if want := []Event{{At: clock.now(), State: drop.Imported, Detail: "Moved to Uploaded."}}; !slices.EqualFunc(events, want, func(a, b Event) bool {
		return a.At.Equal(b.At) && a.State == b.State && a.Detail == b.Detail
	}) {
		t.Errorf("history %+v", events)
	}
	if err := l.Done(t.Context(), end, "", drop.Why{Detail: "again"}); err == nil {
		t.Error("an item at its end was ended once more")
	}
}

// The complete call may be made only for whole uploads, by who may make the asset.
func TestCompletingRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*testing.T, *Ledger, Item)
	}{
		{"no receipt", func(t *testing.T, l *Ledger, it Item) { claimContent(t, l, it, "w", contentOf(1)) }},
		{"a receipt missing", func(t *testing.T, l *Ledger, it Item) {
			sendParts(t, l, it, "w", 2)
			claimContent(t, l, it, "w", contentOf(1))
		}},
		{"not hashed", func(t *testing.T, l *Ledger, it Item) { sendParts(t, l, it, "w", 1, 2) }},
		{"another item is making it", func(t *testing.T, l *Ledger, it Item) {
			sendParts(t, l, it, "w", 1, 2)
			claimContent(t, l, uploading(t, l, "first.png", 7, "w"), "w", contentOf(1))
			if who := claimContent(t, l, it, "w", contentOf(1)); who.Other == 0 || who.Mine() {
				t.Errorf("claimant %+v", who)
			}
		}},
		{"it is an asset already", func(t *testing.T, l *Ledger, it Item) {
			sendParts(t, l, it, "w", 1, 2)
			imported(t, l, "first.png", 7, contentOf(1), "asset-1")
			if who := claimContent(t, l, it, "w", contentOf(1)); who.Asset != "asset-1" || who.Mine() {
				t.Errorf("claimant %+v", who)
			}
		}},
		{"another owner", func(t *testing.T, l *Ledger, it Item) {
			sendParts(t, l, it, "w", 1, 2)
			claimContent(t, l, it, "w", contentOf(1))
			force(t, l, it.ID, "owner = 'other'")
		}},
		{"its own asset is there", func(t *testing.T, l *Ledger, it Item) {
			sendParts(t, l, it, "w", 1, 2)
			claimContent(t, l, it, "w", contentOf(1))
			must(t, l.Completing(t.Context(), it, "w"))
			it.State = drop.Completing
			must(t, l.AssetMade(t.Context(), it, "w", "asset-1"))
			force(t, l, it.ID, "state = 'uploading'")
			sendParts(t, l, it, "w", 1, 2)
		}},
		{"no upload", func(t *testing.T, l *Ledger, it Item) {
			claimContent(t, l, it, "w", contentOf(1))
			force(t, l, it.ID, "upload = NULL")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, _ := newLedger(t)
			it := uploading(t, l, "a.png", 1, "w")
			c.prepare(t, l, it)
			if err := l.Completing(t.Context(), it, "w"); !errors.Is(err, ErrNotMoved) {
				t.Errorf("error %v, want ErrNotMoved", err)
			}
			if s := item(t, l, it.ID).State; s != drop.Uploading {
				t.Errorf("it moved to %s", s)
			}
		})
	}
}

// imported takes a file all the way.
func imported(t *testing.T, l *Ledger, name string, n int64, c Content, asset string) Item {
	t.Helper()
	it := uploading(t, l, name, n, "w")
	sendParts(t, l, it, "w", 1, 2)
	claimContent(t, l, it, "w", c)
	must(t, l.Completing(t.Context(), it, "w"))
	it.State = drop.Completing
	must(t, l.AssetMade(t.Context(), it, "w", asset))
	it.State = drop.Linking
	must(t, l.Done(t.Context(), it, "w", drop.Why{}))
	return item(t, l, it.ID)
}

func TestPartsMissing(t *testing.T) {
	l, _ := newLedger(t)
	it := uploading(t, l, "a.png", 1, "w")
	sendParts(t, l, it, "w", 1, 2)
	claimContent(t, l, it, "w", contentOf(1))
	must(t, l.Completing(t.Context(), it, "w"))
	it.State = drop.Completing
	if err := l.PartsMissing(t.Context(), it, "other"); !errors.Is(err, ErrNotMoved) {
		t.Errorf("by another: %v", err)
	}
	if sent, err := l.PartsSent(t.Context(), it.Upload.ID); err != nil || len(sent) != 2 {
		t.Errorf("a refused move dropped receipts: %v %v", slices.Collect(maps.Keys(sent)), err)
	}
	must(t, l.PartsMissing(t.Context(), it, "w"))
	it.State = drop.Uploading
	if err := l.Completing(t.Context(), it, "w"); !errors.Is(err, ErrNotMoved) {
		t.Errorf("completing without receipts: %v", err)
	}
	sendParts(t, l, it, "w", 1, 2)
	must(t, l.Completing(t.Context(), it, "w"))
}

func TestPartSentOnlyForTheUploadAtHand(t *testing.T) {
	l, _ := newLedger(t)
	it := uploading(t, l, "a.png", 1, "w")
	elsewhere := it
	elsewhere.Upload.ID++
	for what, err := range map[string]error{
		"another owner":  l.PartSent(t.Context(), it, "other", Part{Number: 1}),
		"another upload": l.PartSent(t.Context(), elsewhere, "w", Part{Number: 1}),
	} {
		if !errors.Is(err, ErrNotMoved) {
			t.Errorf("%s: %v, want ErrNotMoved", what, err)
		}
	}
	must(t, l.End(t.Context(), it, "w", drop.Queued, drop.Why{Reason: "started_over", Detail: "Again."}))
	if err := l.PartSent(t.Context(), it, "w", Part{Number: 1}); !errors.Is(err, ErrNotMoved) {
		t.Errorf("after it started over: %v", err)
	}
	if got := item(t, l, it.ID); got.Upload.ID != 0 || got.State != drop.Queued || got.Reason != drop.ReasonStartedOver {
		t.Errorf("started over as %+v", got)
	}
}

// The methods take what the ledger has, where a caller's copy of the item may be older.
func TestAssetMadeWithAnOldCopy(t *testing.T) {
	l, _ := newLedger(t)
	it := uploading(t, l, "a.png", 1, "w") // as it was before its content was claimed
	sendParts(t, l, it, "w", 1, 2)
	claimContent(t, l, it, "w", contentOf(1))
	must(t, l.Completing(t.Context(), it, "w"))
	it.State = drop.Completing
	must(t, l.AssetMade(t.Context(), it, "w", "asset-1"))
	if got := item(t, l, it.ID); got.State != drop.Linking || got.Asset != "asset-1" {
		t.Errorf("%+v", got)
	}
	if err := l.AssetMade(t.Context(), it, "w", "asset-2"); !errors.Is(err, ErrNotMoved) {
		t.Errorf("a second asset: %v", err)
	}
}

func TestAssetMadeOnlyByTheClaimant(t *testing.T) {
	l, _ := newLedger(t)
	first := uploading(t, l, "first", 1, "w")
	claimContent(t, l, first, "w", contentOf(1))
	second := uploading(t, l, "second", 2, "w")
	if err := l.AssetMade(t.Context(), second, "w", "asset-2"); !errors.Is(err, ErrNotMoved) {
		t.Errorf("before it was hashed: %v, want ErrNotMoved", err)
	}
	if who := claimContent(t, l, second, "w", contentOf(1)); who.Other != first.ID {
		t.Fatalf("claimant %+v", who)
	}
	if err := l.AssetMade(t.Context(), second, "w", "asset-2"); !errors.Is(err, ErrNotMoved) {
		t.Errorf("of the first's content: %v, want ErrNotMoved", err)
	}
	if who := claimContent(t, l, second, "w", contentOf(1)); who.Other != first.ID || who.Asset != "" {
		t.Errorf("claimant after it was refused %+v", who)
	}
}

func TestRetry(t *testing.T) {
	l, clock := newLedger(t)
	soon := clock.now().Add(hour).UnixMilli()
	for n, c := range []struct{ name, set string }{
		{"failed", "state = 'failed', reason = 'refused', attempts = 3, upload = NULL"},
		{"failed2", "state = 'failed', reason = 'refused'"},
		{"unreadable", "state = 'held', reason = 'unreadable'"},
		{"cut", "state = 'held', reason = 'cut-off'"},
		{"imported", "state = 'imported'"},
		{"waiting", "state = 'queued', not_before = " + num(soon)},
		{"importing", "state = 'importing', not_before = " + num(soon)},
		{"claimed", "state = 'uploading', owner = 'w', not_before = " + num(soon)},
		{"ready", "state = 'queued'"},
	} {
		force(t, l, admitted(t, l, observation(c.name, int64(n))).ID, c.set)
	}
	// An older version that failed is not tried again in place of the newest.
	old := admitted(t, l, observation("twice", 50))
	force(t, l, old.ID, "state = 'completing'")
	admit(t, l, observation("twice", 51))
	force(t, l, old.ID, "state = 'failed'")

	retry := func(want int, paths ...string) {
		t.Helper()
		if n, err := l.Retry(t.Context(), paths); err != nil || n != want {
			t.Errorf("retry %q: %d, %v; want %d", paths, n, err, want)
		}
	}
	retry(0, inRoot("nowhere"))
	retry(0, inRoot("imported"), inRoot("cut"), inRoot("claimed"), inRoot("ready"), inRoot("twice"))
	retry(2, inRoot("failed"), inRoot("waiting"), inRoot("failed"))
	if it := found(t, l, inRoot("failed")); it.State != drop.Queued || it.Attempts != 0 || it.Reason != drop.ReasonAsked {
		t.Errorf("asked for, it is %+v", it)
	}
	if it := found(t, l, inRoot("failed2")); it.State != drop.Failed {
		t.Error("one that was not asked for is tried again")
	}
	retry(3) // failed2, unreadable, importing
	retry(0)
	if s := item(t, l, old.ID).State; s != drop.Failed {
		t.Errorf("the older version is %s", s)
	}

	var many []string
	for n := range 1500 { // more than one SQL expression takes
		many = append(many, inRoot("none/"+num(int64(n))))
	}
	force(t, l, found(t, l, inRoot("failed2")).ID, "state = 'failed'")
	retry(1, append(many, inRoot("failed2"))...)
}
