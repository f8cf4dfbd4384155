package ledger

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/file"
)

func TestAdmitNew(t *testing.T) {
	l, clock := newLedger(t)
	for _, s := range []Observation{
		observation("a.png", 1),
		{Root: root, Path: inRoot("cut.png"), Fingerprint: fp(2), State: drop.Held, Reason: "cut-off", Detail: "It looks cut off."},
		{Root: root, Path: inRoot("big.png"), Fingerprint: fp(3), State: drop.Ignored, Reason: "max-size", Detail: "It is too large."},
	} {
		want := 0
		if s.State == drop.Queued {
			want = 1
		}
		if n := admit(t, l, s); n != want {
			t.Errorf("%s: %d queued, want %d", s.State, n, want)
		}
		it := found(t, l, s.Path)
		if it.Root != s.Root || it.Path != s.Path || it.Fingerprint != s.Fingerprint || it.State != s.State || it.Reason != s.Reason || it.Detail != s.Detail ||
			!it.Created.Equal(clock.now()) || !it.Updated.Equal(clock.now()) || !it.NotBefore.IsZero() {
			t.Errorf("sighting %+v became %+v", s, it)
		}
		events, err := l.Events(t.Context(), it.ID)
		must(t, err)
		if s.State == drop.Queued && len(events) != 0 || s.State != drop.Queued && (len(events) != 1 || events[0].State != s.State || events[0].Detail != s.Detail) {
			t.Errorf("%s: history %v", s.State, events)
		}
		before := dump(t, l.read)
		if n := admit(t, l, s, s); n != 0 || dump(t, l.read) != before {
			t.Errorf("%s: the same again counted %d, or changed the local database", s.State, n)
		}
	}
	known := knownIn(t, l, root)
	if want := map[string]file.Fingerprint{"a.png": fp(1)}; !sameVersions(known, want) {
		t.Errorf("known %v, want %v", known, want)
	}
}

func knownIn(t *testing.T, l *Ledger, dir string) map[string]file.Fingerprint {
	t.Helper()
	known, err := l.Known(t.Context(), dir)
	must(t, err)
	return known
}

// What a scan need not check again: everything but what may have changed without its
// file, and what is in the folder though its item went away unsent.
func TestKnownByState(t *testing.T) {
	l, _ := newLedger(t)
	it := admitted(t, l, observation("a.png", 1))
	for _, s := range drop.States() {
		for _, reason := range []drop.Reason{"", drop.ReasonChangeIgnored} {
			force(t, l, it.ID, "state = ?, reason = ?", s, reason)
			want := true
			switch s {
			case drop.Held, drop.Gone, drop.Superseded:
				want = false
			case drop.Ignored:
				want = reason == drop.ReasonChangeIgnored
			}
			if _, known := knownIn(t, l, root)["a.png"]; known != want {
				t.Errorf("%s %s: known %v, want %v", s, reason, known, want)
			}
		}
	}
}

func sameVersions(a, b map[string]file.Fingerprint) bool {
	return maps.EqualFunc(a, b, file.Fingerprint.SameVersion)
}

func TestAdmitNothing(t *testing.T) {
	l, _ := newLedger(t)
	if n := admit(t, l); n != 0 {
		t.Errorf("%d queued of no sighting", n)
	}
}

func TestAdmitAllOrNone(t *testing.T) {
	l, _ := newLedger(t)
	for _, wrong := range drop.States() {
		if wrong == drop.Queued || wrong == drop.Held || wrong == drop.Ignored {
			continue
		}
		bad := observation("b.png", 2)
		bad.State = wrong
		n, err := l.Admit(t.Context(), []Observation{observation("a.png", 1), bad})
		if err == nil || n != 0 {
			t.Errorf("a sighting as %s: %d, %v; want an error", wrong, n, err)
		} else if !strings.Contains(err.Error(), "b.png") {
			t.Errorf("the error does not name the file: %v", err)
		}
		if _, err := l.Find(t.Context(), inRoot("a.png")); !errors.Is(err, ErrNotFound) {
			t.Errorf("the good one of a bad batch: %v", err)
		}
	}
}

// A new version of a path, or the same one, meets the item that is there.
func TestAdmitAgain(t *testing.T) {
	held := func(reason drop.Reason) func(*Observation) {
		return func(s *Observation) {
			s.State, s.Reason, s.Detail = drop.Held, reason, drop.Detail("Because of "+string(reason)+".")
		}
	}
	ignored := func(reason drop.Reason) func(*Observation) {
		return func(s *Observation) {
			s.State, s.Reason, s.Detail = drop.Ignored, reason, drop.Detail("Because of "+string(reason)+".")
		}
	}
	onlyCtime := func(s *Observation) { s.Fingerprint = fp(1); s.Fingerprint.ChangeTime++ }
	onlyID := func(s *Observation) { s.Fingerprint = fp(1); s.Fingerprint.ID = file.ID{Dev: 9, Ino: 9} }
	again := func(s *Observation) { s.Fingerprint = fp(1) }
	ignoreChanges := func(s *Observation) { s.IgnoreChanges = true }
	type in []func(*Observation)

	const claimed = "owner = 'w', lease = 99"
	for _, c := range []struct {
		name   string
		old    string      // how the item stands before
		again  in          // on a observation of version 2, queued
		from   drop.State  // what becomes of the old item …
		to     drop.State  // … and of a new one; "" when there is to be none
		reason drop.Reason // of the newest
		queued int
		known  bool
	}{
		{"same, queued", "state = 'queued'", in{again}, drop.Queued, "", "", 0, true},
		{"same, claimed", "state = 'preparing', " + claimed, in{again}, drop.Preparing, "", "", 0, true},
		{"same, uploading", "state = 'uploading', " + claimed, in{again}, drop.Uploading, "", "", 0, true},
		{"same, completing", "state = 'completing', " + claimed, in{again}, drop.Completing, "", "", 0, true},
		{"same, importing", "state = 'importing'", in{again}, drop.Importing, "", "", 0, true},
		{"same, imported", "state = 'imported', asset = 'x'", in{again}, drop.Imported, "", "", 0, true},
		{"same, failed", "state = 'failed', reason = 'refused'", in{again}, drop.Failed, "", "refused", 0, true},
		{"same but for the identity", "state = 'imported', asset = 'x'", in{onlyID}, drop.Imported, "", "", 0, true},
		{"same, held for another reason", "state = 'held', reason = 'old'", in{again, held("new")}, drop.Held, "", "new", 0, false},
		{"same, held, becomes whole", "state = 'held', reason = 'cut-off'", in{again}, drop.Queued, "", "", 1, true},
		{"same, held, is ignored by a new rule", "state = 'held', reason = 'cut-off'", in{again, ignored("rule")}, drop.Ignored, "", "rule", 0, false},
		{"same, ignored by a rule that went", "state = 'ignored', reason = 'rule'", in{again}, drop.Queued, "", "", 1, true},
		{"same, ignored, looks cut off", "state = 'ignored', reason = 'rule'", in{again, held("cut-off")}, drop.Held, "", "cut-off", 0, false},
		{"same, its change ignored before", "state = 'ignored', reason = 'change_ignored'", in{again}, drop.Ignored, "", drop.ReasonChangeIgnored, 0, true},
		{"same, gone and back", "state = 'gone'", in{again}, drop.Gone, drop.Queued, "", 1, true},
		{"same, given up for a change that was none", "state = 'superseded'", in{again}, drop.Superseded, drop.Queued, "", 1, true},

		{"only its inode changed", "state = 'imported', asset = 'x'", in{onlyCtime}, drop.Imported, drop.Queued, "", 1, true},
		{"changed, queued", "state = 'queued'", nil, drop.Superseded, drop.Queued, "", 1, true},
		{"changed, claimed", "state = 'preparing', " + claimed, nil, drop.Preparing, drop.Queued, "", 1, true},
		{"changed, uploading, claimed", "state = 'uploading', " + claimed, nil, drop.Uploading, drop.Queued, "", 1, true},
		{"changed, uploading, nobody's", "state = 'uploading'", nil, drop.Superseded, drop.Queued, "", 1, true},
		{"changed, completing", "state = 'completing'", nil, drop.Completing, drop.Queued, "", 1, true},
		{"changed, importing", "state = 'importing'", nil, drop.Importing, drop.Queued, "", 1, true},
		{"changed, linking", "state = 'linking', asset = 'x'", nil, drop.Linking, drop.Queued, "", 1, true},
		{"changed, imported", "state = 'imported', asset = 'x'", nil, drop.Imported, drop.Queued, "", 1, true},
		{"changed, failed", "state = 'failed'", nil, drop.Superseded, drop.Queued, "", 1, true},
		{"changed, held", "state = 'held', reason = 'cut-off'", nil, drop.Superseded, drop.Queued, "", 1, true},
		{"changed, held, held again for another reason", "state = 'held', reason = 'cut-off'", in{held("open")}, drop.Superseded, drop.Held, "open", 0, false},
		{"changed, held, held again for the same", "state = 'held', reason = 'changing'", in{held("changing")}, drop.Held, "", "changing", 0, false},
		{"changed, ignored", "state = 'ignored', reason = 'rule'", nil, drop.Superseded, drop.Queued, "", 1, true},
		{"changed, ignored, ignored again", "state = 'ignored', reason = 'rule'", in{ignored("rule")}, drop.Ignored, "", "rule", 0, false},
		{"changed, gone", "state = 'gone'", nil, drop.Gone, drop.Queued, "", 1, true},
		{"changed, imported, now cut off", "state = 'imported', asset = 'x'", in{held("cut-off")}, drop.Imported, drop.Held, "cut-off", 0, false},

		{"changes ignored, imported", "state = 'imported', asset = 'x'", in{ignoreChanges}, drop.Imported, drop.Ignored, drop.ReasonChangeIgnored, 0, true},
		{"changes ignored, an asset though not linked", "state = 'linking', asset = 'x'", in{ignoreChanges}, drop.Linking, drop.Ignored, drop.ReasonChangeIgnored, 0, true},
		{"changes ignored, never imported", "state = 'failed'", in{ignoreChanges}, drop.Superseded, drop.Queued, "", 1, true},
		{"changes ignored, still queued", "state = 'queued'", in{ignoreChanges}, drop.Superseded, drop.Queued, "", 1, true},
		{"changes ignored, never imported, becomes whole", "state = 'held', reason = 'cut-off'", in{again, ignoreChanges}, drop.Queued, "", "", 1, true},
		{"changes ignored, and once more", "state = 'ignored', reason = 'change_ignored', asset = 'x'", in{ignoreChanges}, drop.Ignored, "", drop.ReasonChangeIgnored, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, clock := newLedger(t)
			old := admitted(t, l, observation("a.png", 1))
			force(t, l, old.ID, c.old)
			clock.advance(hour)
			s := observation("a.png", 2)
			for _, change := range c.again {
				change(&s)
			}
			s.Root = inRoot("now under another rule")
			if n := admit(t, l, s); n != c.queued {
				t.Errorf("%d queued, want %d", n, c.queued)
			}
			if it := item(t, l, old.ID); it.State != c.from {
				t.Errorf("the old item is %s (%s), want %s", it.State, it.Reason, c.from)
			}
			newest := found(t, l, s.Path)
			switch {
			case c.to == "" && newest.ID != old.ID:
				t.Errorf("a new item: %+v", newest)
			case c.to != "" && (newest.ID == old.ID || newest.State != c.to):
				t.Errorf("the newest item is %+v, want a new one that is %s", newest, c.to)
			}
			if newest.Reason != c.reason {
				t.Errorf("reason %q, want %q", newest.Reason, c.reason)
			}
			if newest.State == drop.Queued && c.queued == 1 && newest.Root != s.Root {
				t.Errorf("it is work under %s, whose rule is gone; want %s", newest.Root, s.Root)
			}
			known, ok := knownIn(t, l, root)["a.png"]
			if ok != c.known || ok && !known.SameVersion(s.Fingerprint) {
				t.Errorf("known: %v %v, want %v", known, ok, c.known)
			}
			before := dump(t, l.read)
			if n := admit(t, l, s); n != 0 || dump(t, l.read) != before {
				t.Errorf("once more, it counts %d, or changes the local database:\n%s\n%s", n, before, dump(t, l.read))
			}
		})
	}
}

// What was held back while it changed (someone had it open), and is whole as it was
// last seen, is still a change of an imported file.
func TestChangesIgnoredAfterHeld(t *testing.T) {
	l, _ := newLedger(t)
	first := admitted(t, l, observation("a.png", 1))
	force(t, l, first.ID, "state = 'imported', asset = 'x'")
	s := observation("a.png", 2)
	s.State, s.Reason, s.IgnoreChanges = drop.Held, "still-open", true
	admit(t, l, s)
	s.State, s.Reason = drop.Queued, ""
	if n := admit(t, l, s); n != 0 {
		t.Errorf("%d queued, want none", n)
	}
	if it := found(t, l, s.Path); it.State != drop.Ignored || it.Reason != drop.ReasonChangeIgnored || it.Detail == "" {
		t.Errorf("%+v, want it ignored", it)
	}
}

// A file that changes for hours while it is held back must not fill the ledger.
func TestHeldDoesNotPileUp(t *testing.T) {
	l, _ := newLedger(t)
	for n := range int64(50) {
		s := observation("capture.mov", n)
		s.State, s.Reason, s.Detail = drop.Held, "keeps-changing", "It is being written."
		admit(t, l, s)
	}
	it := found(t, l, inRoot("capture.mov"))
	if it.Fingerprint != fp(49) {
		t.Errorf("fingerprint %+v, want the last", it.Fingerprint)
	}
	counts, err := l.Counts(t.Context())
	must(t, err)
	events, err := l.Events(t.Context(), it.ID)
	must(t, err)
	if counts[drop.Held] != 1 || len(counts) != 1 || len(events) != 1 {
		t.Errorf("counts %v, %d events; want one item and one event", counts, len(events))
	}
}

// What an item held is let go when a newer version takes its place.
func TestReplacedLetsGo(t *testing.T) {
	l, _ := newLedger(t)
	admit(t, l, observation("a.png", 1), observation("b.png", 2))
	items := claimAll(t, l, "w")
	a, b := items[0], items[1]
	who, err := l.ClaimContent(t.Context(), a, "w", contentOf(1))
	must(t, err)
	if !who.Mine() {
		t.Fatal("new content is not for the first who asks")
	}
	must(t, l.WaitFor(t.Context(), b, "w", a.ID, l.now().Add(hour)))
	force(t, l, a.ID, "owner = '', lease = 0")
	admit(t, l, observation("a.png", 3))
	if it := item(t, l, a.ID); it.State != drop.Superseded || it.Reason != drop.ReasonReplaced {
		t.Fatalf("the old version is %s", it.State)
	}
	if it := item(t, l, b.ID); !it.NotBefore.IsZero() {
		t.Errorf("who waited for it still waits until %v", it.NotBefore)
	}
	b = claimAll(t, l, "w")[0]
	if who, err := l.ClaimContent(t.Context(), b, "w", contentOf(1)); err != nil || !who.Mine() {
		t.Errorf("its content is not free: %+v, %v", who, err)
	}
}

// File names are bytes.
func TestOddNames(t *testing.T) {
	l, _ := newLedger(t)
	odd := []string{"new\nline.png", "latin1 \xe9\xff.png", "quote ' \" %.png", "ünï.png", "tab\t.png", "-.png", "日本.png"}
	dir := inRoot("dir \xfe\nx")
	for n, name := range odd {
		s := observation("", int64(n))
		s.Root, s.Path = dir, filepath.Join(dir, name)
		admit(t, l, s)
		if it := found(t, l, s.Path); it.Path != s.Path || it.Root != dir {
			t.Errorf("%q under %q came back as %q under %q", s.Path, dir, it.Path, it.Root)
		}
	}
	if known := slices.Sorted(maps.Keys(knownIn(t, l, dir))); !slices.Equal(known, slices.Sorted(slices.Values(odd))) {
		t.Errorf("known %q", known)
	}
	var paths []string
	for it, err := range l.Newest(t.Context()) {
		must(t, err)
		paths = append(paths, filepath.Base(it.Path))
	}
	slices.Sort(paths)
	if !slices.Equal(paths, slices.Sorted(slices.Values(odd))) {
		t.Errorf("newest %q", paths)
	}
	if len(knownIn(t, l, root)) != 0 {
		t.Error("files of a subfolder are known in its parent")
	}
}
