package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

func TestFindAndItem(t *testing.T) {
	l, _ := newLedger(t)
	if _, err := l.Find(t.Context(), inRoot("a")); !errors.Is(err, ErrNotFound) {
		t.Errorf("find: %v, want ErrNotFound", err)
	}
	if _, err := l.Item(t.Context(), 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("item: %v, want ErrNotFound", err)
	}
	force(t, l, admitted(t, l, observation("a", 1)).ID, "state = 'imported'")
	second := admitted(t, l, observation("a", 2))
	if it := found(t, l, inRoot("a")); it.ID != second.ID || it.Fingerprint != fp(2) {
		t.Errorf("found %+v, want the newest", it)
	}
	if it := item(t, l, second.ID); it.ID != second.ID || it.Path != inRoot("a") {
		t.Errorf("item %+v", it)
	}
}

func TestPreviousAsset(t *testing.T) {
	l, _ := newLedger(t)
	scope := contentOf(1).Scope
	previous := func(it Item, want string) {
		t.Helper()
		if got, err := l.PreviousAsset(t.Context(), it, scope); err != nil || got != want {
			t.Errorf("before item %d: %q, %v; want %q", it.ID, got, err, want)
		}
	}
	first := imported(t, l, "a", 1, contentOf(1), "asset-1")
	imported(t, l, "b", 1, contentOf(2), "asset-2")
	previous(first, "")
	failed := admitted(t, l, observation("a", 2))
	previous(failed, "asset-1")
	force(t, l, failed.ID, "state = 'failed'")
	third := imported(t, l, "a", 3, contentOf(3), "asset-3")
	previous(third, "asset-1")
	fourth := admitted(t, l, observation("a", 4))
	previous(fourth, "asset-3")
	if got, err := l.PreviousAsset(t.Context(), fourth, "elsewhere"); err != nil || got != "" {
		t.Errorf("in another scope: %q, %v", got, err)
	}
}

func TestCountsAndRecent(t *testing.T) {
	l, clock := newLedger(t)
	if counts, err := l.Counts(t.Context()); err != nil || len(counts) != 0 {
		t.Errorf("counts of nothing: %v, %v", counts, err)
	}
	if items, err := l.Recent(t.Context(), 10); err != nil || len(items) != 0 {
		t.Errorf("recent of nothing: %v, %v", items, err)
	}
	for n, s := range []drop.State{drop.Imported, drop.Failed, drop.Imported, drop.Queued, drop.Failed, drop.Imported} {
		force(t, l, admitted(t, l, observation(num(int64(n)), int64(n))).ID, "state = ?", s)
		if n != 2 { // 1 and 2 … are as old as each other
			clock.advance(time.Second)
		}
	}
	counts, err := l.Counts(t.Context())
	must(t, err)
	if counts[drop.Imported] != 3 || counts[drop.Failed] != 2 || counts[drop.Queued] != 1 || len(counts) != 3 {
		t.Errorf("counts %v", counts)
	}
	for _, c := range []struct {
		limit  int
		states []drop.State
		want   string
	}{
		{10, nil, "5 4 3 2 1 0"},
		{2, nil, "5 4"},
		{0, nil, ""},
		{10, []drop.State{drop.Failed}, "4 1"},
		{1, []drop.State{drop.Failed}, "4"},
		{3, []drop.State{drop.Imported, drop.Failed}, "5 4 2"},
		{10, []drop.State{drop.Gone}, ""},
	} {
		items, err := l.Recent(t.Context(), c.limit, c.states...)
		must(t, err)
		if names(items) != c.want {
			t.Errorf("%d of %v: %q, want %q", c.limit, c.states, names(items), c.want)
		}
	}
	oldest := found(t, l, inRoot("1"))
	_, err = l.Retry(t.Context(), []string{oldest.Path})
	must(t, err)
	if items, err := l.Recent(t.Context(), 1); err != nil || names(items) != "1" {
		t.Errorf("after a move of 1: %q, %v", names(items), err)
	}
}

// Pages of the newest items meet, without a gap or an overlap, across folders too.
func TestNewestInPages(t *testing.T) {
	l, _ := newLedger(t)
	want := map[string]int64{}
	var batch []Observation
	for n := range 1337 {
		s := observation(fmt.Sprintf("d%d/%d", n%7, n*7919%10007), int64(n))
		if n%3 == 0 {
			s.State = drop.Held
		}
		batch = append(batch, s)
	}
	admit(t, l, batch...)
	for n := range batch { // every fifth has a newer version
		if n%5 == 0 {
			batch[n].Fingerprint, batch[n].State = fp(int64(5000+n)), drop.Queued
		}
	}
	admit(t, l, batch...)
	for _, s := range batch {
		want[s.Path] = s.Fingerprint.ModTime
	}
	var before Item
	for it, err := range l.Newest(t.Context()) {
		must(t, err)
		if before.ID != 0 && !pathLess(before.Path, it.Path) {
			t.Fatalf("%s came before %s", before.Path, it.Path)
		}
		before = it
		if mtime, ok := want[it.Path]; !ok || it.Fingerprint.ModTime != mtime {
			t.Errorf("%s: %d, want %d (%v)", it.Path, it.Fingerprint.ModTime, mtime, ok)
		}
		delete(want, it.Path)
	}
	if len(want) != 0 {
		t.Errorf("%d files never came", len(want))
	}
	n := 0
	for range l.Newest(t.Context()) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d items before the break", n)
	}
}

func pathLess(a, b string) bool {
	if d := bytes.Compare([]byte(filepath.Dir(a)), []byte(filepath.Dir(b))); d != 0 {
		return d < 0
	}
	return filepath.Base(a) < filepath.Base(b)
}

func TestNewestWithAReadInBetween(t *testing.T) {
	l, _ := newLedger(t)
	for n := range int64(2 * readers) {
		admit(t, l, observation(num(n), n))
	}
	for it, err := range l.Newest(t.Context()) { // the reads below must not wait for this one
		must(t, err)
		for other, err := range l.Newest(t.Context()) {
			must(t, err)
			item(t, l, other.ID)
		}
		item(t, l, it.ID)
	}
}

func TestEvents(t *testing.T) {
	l, clock := newLedger(t)
	it := admitted(t, l, Observation{Root: root, Path: inRoot("a"), Fingerprint: fp(1), State: drop.Held, Reason: "cut-off", Detail: "It looks cut off."})
	clock.advance(time.Second)
	admit(t, l, observation("other", 5))
	it = admitted(t, l, observation("a", 1))
	for _, c := range claimAll(t, l, "w") {
		clock.advance(time.Second)
		must(t, l.End(t.Context(), c, "w", drop.Failed, drop.Why{Reason: "refused", Detail: "No."}))
	}
	_, err := l.Retry(t.Context(), []string{it.Path})
	must(t, err)
	for _, c := range claimAll(t, l, "w") {
		must(t, l.End(t.Context(), c, "w", drop.Gone, drop.Why{Reason: "gone", Detail: "It went."}))
	}
	events, err := l.Events(t.Context(), it.ID)
	must(t, err)
	var got []string
	for _, e := range events {
		got = append(got, fmt.Sprint(e.State, " ", e.Reason, " ", e.Detail))
	}
	if want := []string{"held cut-off It looks cut off.", "failed refused No.", "gone gone It went."}; !slices.Equal(got, want) {
		t.Errorf("history %q, want %q", got, want)
	}
	if !slices.IsSortedFunc(events, func(a, b Event) int { return a.At.Compare(b.At) }) || !events[2].At.Equal(clock.now()) {
		t.Errorf("times %v", events)
	}
	if events, err := l.Events(t.Context(), 99); err != nil || len(events) != 0 {
		t.Errorf("of no item: %v, %v", events, err)
	}
}

func TestMemberships(t *testing.T) {
	l, _ := newLedger(t)
	const scope = "s"
	want := func(asset string, collections []string, missing ...string) {
		t.Helper()
		got, err := l.WantMembership(t.Context(), scope, asset, collections)
		if err != nil || !slices.Equal(got, missing) {
			t.Errorf("of %v, %s lacks %v, %v; want %v", collections, asset, got, err, missing)
		}
	}
	in := func(scope, asset string, collections ...string) {
		t.Helper()
		got, err := l.Memberships(t.Context(), scope, asset)
		if err != nil || !slices.Equal(got, collections) {
			t.Errorf("%s is in %v, %v; want %v", asset, got, err, collections)
		}
	}
	want("a", []string{"c2", "c1"}, "c2", "c1")
	in(scope, "a")
	must(t, l.Joined(t.Context(), scope, "a", "c1"))
	must(t, l.Joined(t.Context(), scope, "a", "c0")) // one that nobody wrote down
	must(t, l.Joined(t.Context(), scope, "a", "c1"))
	in(scope, "a", "c0", "c1")
	in("other", "a")
	in(scope, "b")
	want("a", []string{"c1", "c2", "c3"}, "c2", "c3")
	want("a", nil)
	must(t, l.ForgetCollection(t.Context(), scope, "c1"))
	in(scope, "a", "c0")
	want("a", []string{"c1"}, "c1")
}

func TestCollections(t *testing.T) {
	l, _ := newLedger(t)
	id := func(scope, name, want string) {
		t.Helper()
		got, ok, err := l.CollectionID(t.Context(), scope, name)
		if err != nil || got != want || ok != (want != "") {
			t.Errorf("%s in %s: %q %v %v, want %q", name, scope, got, ok, err, want)
		}
	}
	id("s", "Orcs", "")
	must(t, l.RememberCollections(t.Context(), "s", map[string]string{"Orcs": "1", "Elves": "2"}))
	must(t, l.RememberCollections(t.Context(), "s", map[string]string{"Orcs": "3"}))
	must(t, l.RememberCollections(t.Context(), "s", nil))
	id("s", "Orcs", "3")
	id("s", "Elves", "2")
	id("s", "orcs", "")
	id("other", "Orcs", "")
	must(t, l.ForgetCollection(t.Context(), "other", "3"))
	id("s", "Orcs", "3")
	must(t, l.ForgetCollection(t.Context(), "s", "3"))
	id("s", "Orcs", "")
	id("s", "Elves", "2")
}

func TestSettings(t *testing.T) {
	l, _ := newLedger(t)
	for _, v := range []string{"", "1", "2"} {
		if v != "" {
			must(t, l.Set(t.Context(), "k", v))
		}
		if got, err := l.Get(t.Context(), "k"); err != nil || got != v {
			t.Errorf("%q, %v; want %q", got, err, v)
		}
	}
}

// Sizes, times and identities come back as they were, at the ends of their ranges too.
func TestFingerprintsRoundTrip(t *testing.T) {
	l, _ := newLedger(t)
	for n, f := range []file.Fingerprint{
		{},
		{Size: 1<<63 - 1, ModTime: 1<<63 - 1, ChangeTime: -1 << 63, ID: file.ID{Dev: 1<<64 - 1, Ino: 1 << 63}},
		{Size: 1, ModTime: -1},
	} {
		s := observation(num(int64(n)), 0)
		s.Fingerprint = f
		if it := admitted(t, l, s); it.Fingerprint != f {
			t.Errorf("%+v came back as %+v", f, it.Fingerprint)
		}
		if known := knownIn(t, l, root)[num(int64(n))]; !known.SameVersion(f) {
			t.Errorf("%+v is known as %+v", f, known)
		}
	}
}
