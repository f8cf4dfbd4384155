package ledger

import (
	"testing"
	"time"

	"scenario-drop/file"
)

// By its times alone: was a file there before the moment?
func TestBeforeTheMoment(t *testing.T) {
	moment := time.Date(2030, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	now := moment.Add(time.Minute)
	at := func(d time.Duration) int64 { return moment.Add(d).UnixNano() }
	whole := moment.Truncate(2 * time.Second).UnixNano()
	second := int64(time.Second)
	for _, c := range []struct {
		name  string
		m, c  int64
		slack time.Duration
		want  bool
	}{
		{name: "old", m: at(-time.Hour), c: at(-time.Hour), want: true},
		{name: "new", m: at(time.Second), c: at(time.Second)},
		{name: "at the moment", m: at(0), c: at(0), want: true},
		{name: "copied with its old time", m: at(-time.Hour), c: at(1)},
		{name: "old, with a time in the future", m: at(24 * 365 * time.Hour), c: at(-time.Hour), want: true},
		{name: "old, with a time a little ahead", m: at(time.Minute), c: at(-time.Hour), want: true},
		{name: "Windows, old", m: at(-time.Hour) + 100, want: true},
		{name: "Windows, new", m: at(1)},
		{name: "Windows, in the future", m: at(24 * time.Hour), want: true},
		{name: "FAT, before", m: whole - 2*second, c: whole - 2*second, want: true},
		{name: "FAT, the same two seconds", m: whole, c: whole},
		{name: "FAT, later", m: whole + 2*second, c: whole + 2*second},
		{name: "a change time in the future", m: at(-time.Hour), c: at(24 * 365 * time.Hour), want: true},
		{name: "a share, just before", m: at(-time.Minute), c: at(-time.Minute), slack: 10 * time.Minute},
		{name: "a share, long before", m: at(-time.Hour), c: at(-time.Hour), slack: 10 * time.Minute, want: true},
	} {
		f := file.Fingerprint{ModTime: c.m, ChangeTime: c.c}
		if got := (existingMoment{since: moment.UnixNano()}).before(f, now, c.slack); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for what, m := range map[string]existingMoment{"no moment": {}, "all is noted": {since: moment.UnixNano(), complete: true}} {
			if m.before(f, now, c.slack) {
				t.Errorf("%s, but %s: it was there before", c.name, what)
			}
		}
	}
}

// What was there before needs no further check, until somebody wants it sent; also by the answers
// that are made ready.
func TestKnownOfExisting(t *testing.T) {
	l, clock := newLedger(t)
	sent := func(skips bool) func(string) (string, bool) {
		return func(string) (string, bool) { return root, skips }
	}
	skip := []ExistingFolder{{Root: root, Rules: "a"}}
	must(t, l.TakeUpExisting(t.Context(), skip, sent(true)))
	judge := ExistingJudge{Ledger: l, Root: root, Now: clock.now().Add(time.Second), Vacant: func(string) bool { return false }}
	found := []Found{{inRoot("old.png"), fp(1)}, {inRoot("older.png"), fp(2)}}
	is, err := judge.Note(t.Context(), found)
	if err != nil || !is[0] || !is[1] {
		t.Fatal(is, err)
	}
	known := func(want int) {
		t.Helper()
		for range 2 {
			all, err := l.Known(t.Context(), root)
			if err != nil || len(all) != want {
				t.Errorf("%d are known, want %d: %v", len(all), want, err)
			}
			_, err = l.KeepKnown(t.Context())
			must(t, err)
		}
	}
	known(2)
	if n, err := l.CountExisting(t.Context(), root); n != 2 || err != nil {
		t.Error(n, err)
	}
	if n, err := l.AskExisting(t.Context(), inRoot("old.png")); n != 1 || err != nil {
		t.Error(n, err)
	}
	known(1)
	if is, err := judge.Note(t.Context(), found); err != nil || is[0] || !is[1] {
		t.Error("what is asked for is noted again:", is, err)
	}
	must(t, l.TakeUpExisting(t.Context(), nil, sent(false)))
	known(0)
	if n, err := l.CountExisting(t.Context(), root); n != 0 || err != nil {
		t.Error(n, err)
	}
	// With "skip" again there is a new moment, for those that nobody asked for.
	clock.advance(time.Hour)
	must(t, l.TakeUpExisting(t.Context(), skip, sent(true)))
	judge.Now = clock.now()
	if is, err := judge.Note(t.Context(), found); err != nil || is[0] || !is[1] {
		t.Error(is, err)
	}
}

// All is noted by some rules: with others there may be more, and a scan by earlier ones says
// nothing of that. A version that was taken already is none from before.
func TestExistingIsComplete(t *testing.T) {
	l, clock := newLedger(t)
	owner := func(string) (string, bool) { return root, true }
	take := func(rules string) {
		t.Helper()
		must(t, l.TakeUpExisting(t.Context(), []ExistingFolder{{Root: root, Rules: rules}}, owner))
	}
	take("a")
	admit(t, l, observation("queued.png", 1))
	judge := ExistingJudge{Ledger: l, Root: root, Now: clock.now(), Vacant: func(string) bool { return false }}
	old := func(name string) bool {
		t.Helper()
		is, err := judge.Judge(t.Context(), []Found{{inRoot(name), fp(1)}})
		must(t, err)
		return is[0]
	}
	if !old("x.png") || old("queued.png") {
		t.Error("before the scan")
	}
	must(t, l.ExistingComplete(t.Context(), root, "b"))
	if !old("x.png") {
		t.Error("a scan by other rules counted")
	}
	must(t, l.ExistingComplete(t.Context(), root, "a"))
	take("a")
	if old("x.png") {
		t.Error("after the scan")
	}
	take("b")
	if !old("x.png") {
		t.Error("with other rules")
	}
}

// What a folder does not skip any more is not noted by a scan that began before the edit.
func TestExistingIsEditedMeanwhile(t *testing.T) {
	l, clock := newLedger(t)
	owner := func(string) (string, bool) { return root, true }
	must(t, l.TakeUpExisting(t.Context(), []ExistingFolder{{Root: root, Rules: "a"}}, owner))
	judge := ExistingJudge{Ledger: l, Root: root, Now: clock.now().Add(time.Second)}
	old := []Found{{inRoot("old.png"), fp(1)}}
	if is, err := judge.Note(t.Context(), old); err != nil || !is[0] {
		t.Fatal(is, err)
	}
	must(t, l.ExistingComplete(t.Context(), root, "a"))
	judge.Vacant = func(string) bool { // the file has another name by now, and the config is edited
		must(t, l.TakeUpExisting(t.Context(), nil, func(string) (string, bool) { return root, false }))
		return true
	}
	is, err := judge.Note(t.Context(), []Found{{inRoot("new name.png"), fp(1)}})
	if err != nil || is[0] {
		t.Errorf("it is left alone: %v, %v", is, err)
	}
	if n, err := l.CountExisting(t.Context(), root); n != 0 || err != nil {
		t.Errorf("%d are noted of a folder that skips nothing, %v", n, err)
	}
}
