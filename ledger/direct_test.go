package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
)

// sentDirect admits a file and writes down the intent to send it in one request.
func sentDirect(t *testing.T, l *Ledger, name string, n int64, c Content) Item {
	t.Helper()
	admit(t, l, sighting(name, n))
	for _, it := range claimAll(t, l, "w") {
		if it.Path != inRoot(name) {
			continue
		}
		it.Scope, it.Kind = c.Scope, c.Kind
		u, who, err := l.SentWhole(t.Context(), it, "w", Upload{}, c)
		if err != nil || !who.Mine() || !u.Direct() {
			t.Fatalf("%+v, %+v, %v", u, who, err)
		}
	}
	it := found(t, l, inRoot(name))
	if it.State != drop.Completing || !it.Upload.Direct() {
		t.Fatalf("it stands as %+v", it)
	}
	return it
}

func try(t *testing.T, l *Ledger, it Item) DirectTry {
	t.Helper()
	d, err := l.DirectTry(t.Context(), it.ID)
	must(t, err)
	return d
}

func TestDirectUploadMakesAnAsset(t *testing.T) {
	l, clock := newLedger(t)
	it := sentDirect(t, l, "a", 1, contentOf(1))
	if d := try(t, l, it); !d.Made || !d.Open || !d.At.Equal(clock.now()) {
		t.Errorf("%+v", d)
	}
	must(t, l.Finished(t.Context(), it, "w", "asset_1", []string{"c"}))
	if it := found(t, l, inRoot("a")); it.State != drop.Imported || it.Asset != "asset_1" || it.Upload.ID == 0 {
		t.Errorf("%+v", it)
	}
	other := admitted(t, l, sighting("b", 2))
	if d := try(t, l, other); d != (DirectTry{}) {
		t.Errorf("one that never was: %+v", d)
	}
}

func TestDirectUploadThatFailed(t *testing.T) {
	for _, again := range []bool{false, true} {
		l, _ := newLedger(t)
		it := sentDirect(t, l, "a", 1, contentOf(1))
		must(t, l.DirectFailed(t.Context(), it, "w", again, "r", "d"))
		it = found(t, l, inRoot("a"))
		if d := try(t, l, it); it.State != drop.Queued || it.Reason != "r" || d.Open || d.Made == again {
			t.Errorf("again %v: %s (%s), %+v", again, it.State, it.Reason, d)
		}
		if free, err := l.ContentFree(t.Context(), contentOf(1)); err != nil || !free {
			t.Errorf("again %v: the content is free: %v, %v", again, free, err)
		}
		if err := l.DirectFailed(t.Context(), it, "w", again, "r", "d"); !errors.Is(err, ErrNotMoved) {
			t.Errorf("a second time: %v", err)
		}
	}
}

// For as long as it is not known what became of an item's direct upload, no other file with
// its bytes may be sent: whatever is done with the item, but for giving it up.
func TestOpenDirectUploadKeepsItsContent(t *testing.T) {
	l, clock := newLedger(t)
	it := sentDirect(t, l, "a", 1, contentOf(1))
	must(t, l.AskDirect(t.Context(), it, "w", nil, "It cannot be told."))
	taken := func(when string) {
		t.Helper()
		if free, err := l.ContentFree(t.Context(), contentOf(1)); err != nil || free {
			t.Errorf("%s: the content is free: %v, %v", when, free, err)
		}
	}
	it = found(t, l, inRoot("a"))
	if it.State != drop.Held || it.Reason != ReasonCannotTell || it.Answer != Look || !it.Asks() {
		t.Errorf("held as %+v", it)
	}
	asking1(t, l, 1)
	taken("held")

	// A copy waits, and does not spin.
	admit(t, l, sighting("copy", 2))
	dup := claimAll(t, l, "w")[0]
	who, err := l.ClaimContent(t.Context(), dup, "w", contentOf(1))
	if err != nil || who.Other != it.ID {
		t.Fatalf("%+v, %v", who, err)
	}
	must(t, l.WaitFor(t.Context(), dup, "w", who.Other, clock.now().Add(30*time.Second)))
	if left := claimAll(t, l, "w"); len(left) != 0 {
		t.Errorf("claimed at once: %s", names(left))
	}

	// It is looked into again, put off, and looked into again.
	if n, err := l.Retry(t.Context(), nil); err != nil || n < 1 {
		t.Fatalf("%d, %v", n, err)
	}
	taken("queued")
	for range 2 {
		for _, c := range claimAll(t, l, "v") {
			if c.ID == it.ID {
				it = c
			}
		}
		if it.State != drop.Preparing || it.Answer != Look {
			t.Fatalf("taken up as %+v", it)
		}
		taken("preparing")
		must(t, l.Release(t.Context(), it, "v", time.Time{}, true, "r", "d"))
		taken("put off")
	}
	for _, c := range claimAll(t, l, "u") {
		if c.ID == it.ID {
			it = c
		}
	}
	it, err = l.ResumeDirect(t.Context(), it, "u")
	must(t, err)
	stands := found(t, l, inRoot("a"))
	if it.State != drop.Completing || stands.State != drop.Completing || stands.Upload.ID != it.Upload.ID || string(stands.SHA256) != string(contentOf(1).SHA256) ||
		stands.Scope != contentOf(1).Scope || stands.Kind != contentOf(1).Kind || it.Content != stands.Content {
		t.Errorf("gone on with as %+v, stands as %+v", it, stands)
	}
	must(t, l.AssetMade(t.Context(), it, "u", "asset_1"))
}

// Once the user said to send it, or it is given up, its content is free.
func TestOpenDirectUploadIsGivenUp(t *testing.T) {
	held := func(t *testing.T) (*Ledger, Item) {
		l, _ := newLedger(t)
		it := sentDirect(t, l, "a", 1, contentOf(1))
		must(t, l.AskDirect(t.Context(), it, "w", []string{"x", "y"}, "It may be one."))
		it = found(t, l, inRoot("a"))
		if it.Reason != ReasonMaybeSent || strings.Join(it.Candidates, " ") != "x y" {
			t.Errorf("held as %+v", it)
		}
		return l, it
	}
	for _, to := range []drop.State{drop.Superseded, drop.Gone, drop.Ignored} {
		l, it := held(t)
		must(t, l.End(t.Context(), it, "", to, "r", "d"))
		if free, err := l.ContentFree(t.Context(), contentOf(1)); err != nil || !free || try(t, l, it).Open {
			t.Errorf("%s: the content is free: %v, %v", to, free, err)
		}
	}
	l, _ := held(t)
	if n, err := l.Retry(t.Context(), []string{inRoot("a")}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	it := found(t, l, inRoot("a"))
	must(t, l.CloseDirect(t.Context(), it))
	if d := try(t, l, it); it.Answer != Send || d.Open || !d.Made {
		t.Errorf("%s, %+v", it.Answer, d)
	}
}

// What may have become an asset is not forgotten, however long the user does not answer.
func TestPruneKeepsOpenDirectUploads(t *testing.T) {
	l, clock := newLedger(t)
	it := sentDirect(t, l, "a", 1, contentOf(1))
	must(t, l.AskDirect(t.Context(), it, "w", nil, "It cannot be told."))
	clock.advance(10_000 * hour)
	_, err := l.Prune(t.Context(), clock.now(), 0, 0)
	must(t, err)
	if d := try(t, l, it); !d.Open {
		t.Errorf("%+v", d)
	}
}

func TestListsAssets(t *testing.T) {
	l, _ := newLedger(t)
	for _, c := range []struct {
		scope string
		want  bool
	}{{"a", false}, {"b", true}, {"a", false}} {
		if c.want {
			must(t, l.SetListsAssets(t.Context(), c.scope, "asset_1"))
		}
		if got, err := l.ListsAssets(t.Context(), c.scope); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.scope, got, err)
		}
	}
}
