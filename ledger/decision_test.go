package ledger

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

func TestUnreconciledCovers(t *testing.T) {
	before := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(d time.Duration) int64 { return before.Add(d).UnixNano() }
	for _, c := range []struct {
		what         string
		unreconciled Unreconciled
		fp           file.Fingerprint
		want         bool
	}{
		{"no doubt", Unreconciled{}, file.Fingerprint{ModTime: 1, ChangeTime: 1}, false},
		{"changed before", Unreconciled{Before: before}, file.Fingerprint{ModTime: at(-hour), ChangeTime: at(-1)}, true},
		{"changed just then", Unreconciled{Before: before}, file.Fingerprint{ModTime: at(0), ChangeTime: at(0)}, true},
		{"changed after", Unreconciled{Before: before}, file.Fingerprint{ModTime: at(1), ChangeTime: at(1)}, false},
		{"an old file that was copied or moved in after", Unreconciled{Before: before}, file.Fingerprint{ModTime: at(-hour), ChangeTime: at(1)}, false},
		{"written before, no change time", Unreconciled{Before: before}, file.Fingerprint{ModTime: at(-1)}, true},
		{"written after, no change time", Unreconciled{Before: before}, file.Fingerprint{ModTime: at(1)}, false},
	} {
		if got := c.unreconciled.Covers(c.fp); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// A ledger that was just made may not be the first; one of an older version was.
func TestUnreconciledBegins(t *testing.T) {
	l, clock := newLedger(t)
	begun := clock.now()
	want := func(l *Ledger, want Unreconciled) {
		t.Helper()
		if d, err := l.Unreconciled(t.Context()); err != nil || !d.Before.Equal(want.Before) || d.Lost != want.Lost {
			t.Errorf("doubt %+v, %v; want %+v", d, err, want)
		}
	}
	want(l, Unreconciled{Before: begun})
	clock.advance(hour)
	must(t, l.SetUnreconciled(t.Context(), Unreconciled{Before: clock.now(), Lost: true}))
	r, err := OpenReadOnly(t.Context(), l.Path())
	must(t, err)
	want(r, Unreconciled{Before: clock.now(), Lost: true})
	must(t, r.Close())
	again := openAt(t, l.Path(), clock)
	want(again, Unreconciled{Before: clock.now(), Lost: true})

	old := oldLedger(t)
	if _, err := OpenReadOnly(t.Context(), old); !errors.Is(err, ErrOlder) {
		t.Errorf("an older ledger, to look at: %v, want ErrOlder", err)
	}
	l = openAt(t, old, clock)
	want(l, Unreconciled{})
	if it := found(t, l, inRoot("a")); it.State != drop.Imported || it.Answer != NoAnswer || len(it.Candidates) != 0 {
		t.Errorf("after the update: %+v", it)
	}
	r, err = OpenReadOnly(t.Context(), old)
	must(t, err)
	must(t, r.Close())
}

// oldLedger makes a ledger of the first version, with one imported file.
func oldLedger(t *testing.T) (path string) {
	path = filepath.Join(t.TempDir(), "ledger.db")
	text, err := migrations.ReadFile("migrations/0001_ledger.sql")
	must(t, err)
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(string(text) + "\nPRAGMA user_version = 1")
	must(t, err)
	dir, name := split(inRoot("a"))
	_, err = db.Exec("INSERT INTO items (id, root, dir, name, size, mtime, ctime, dev, ino, state, created_at, updated_at) VALUES (1, ?, ?, ?, 1, 2, 3, 4, 5, 'imported', 6, 7)",
		[]byte(root), dir, name)
	must(t, err)
	_, err = db.Exec("INSERT INTO files (dir, name, size, mtime, ctime, item) VALUES (?, ?, 1, 2, 3, 1)", dir, name)
	must(t, err)
	return path
}

// doubtful admits a file and holds it as one that may have been sent before.
func maybeUnreconciled(t *testing.T, l *Ledger, name string, n int64, candidates ...string) Item {
	t.Helper()
	admit(t, l, observation(name, n))
	for _, it := range claimAll(t, l, "w") {
		if it.Path == inRoot(name) {
			it.Scope, it.Kind = "host/project", "image"
			must(t, l.NeedsDecision(t.Context(), it, "w", candidates, "It may be there."))
		}
	}
	return found(t, l, inRoot(name))
}

func asking1(t *testing.T, l *Ledger, want int) {
	t.Helper()
	if n, err := l.CountDecisions(t.Context()); err != nil || n != want {
		t.Errorf("%d wait for an answer, %v; want %d", n, err, want)
	}
}

// Files that wait for an answer are not checked again, whatever a scan says of the same
// version; a new version takes their place as any other.
func TestDecisionsStay(t *testing.T) {
	l, _ := newLedger(t)
	it := maybeUnreconciled(t, l, "a", 1, "asset_2", "asset_1")
	if it.State != drop.Held || it.Reason != drop.ReasonPossibleDuplicate || !it.Asks() || !slices.Equal(it.Candidates, []string{"asset_2", "asset_1"}) || it.Scope != "host/project" {
		t.Fatalf("%+v", it)
	}
	if it := maybeUnreconciled(t, l, "b", 2); it.Reason != drop.ReasonCannotReconcile || !it.Asks() {
		t.Fatalf("%+v", it)
	}
	asking1(t, l, 2)
	if known := knownIn(t, l, root); len(known) != 2 {
		t.Errorf("a scan is told of %v", known)
	}
	held := observation("a", 1)
	held.State, held.Reason, held.Detail = drop.Held, "cut-off", "It looks cut off."
	if n := admit(t, l, observation("a", 1), observation("b", 2), held); n != 0 {
		t.Errorf("%d became work", n)
	}
	asking1(t, l, 2)
	ignored := observation("b", 2)
	ignored.State, ignored.Reason = drop.Ignored, "too_large"
	admit(t, l, ignored)
	asking1(t, l, 1)
	if n := admit(t, l, observation("a", 7)); n != 1 {
		t.Error("the new version is no work")
	}
	asking1(t, l, 0)
	if it := found(t, l, inRoot("a")); it.State != drop.Queued || it.Answer != NoAnswer || len(it.Candidates) != 0 {
		t.Errorf("the new version: %+v", it)
	}
}

// The user's word is durable, and nobody else's is taken for it.
func TestAnswers(t *testing.T) {
	l, clock := newLedger(t)
	for i, name := range []string{"a", "b", "c"} {
		maybeUnreconciled(t, l, name, int64(i), "asset_"+name)
	}
	maybeUnreconciled(t, l, "d", 4)

	// Trying everything again is no answer; but what could not be found out is looked into.
	if n, err := l.Retry(t.Context(), nil); err != nil || n != 1 {
		t.Errorf("retry of all: %d, %v; want only d", n, err)
	}
	if it := found(t, l, inRoot("d")); it.State != drop.Queued || it.Answer != NoAnswer {
		t.Errorf("d: %+v", it)
	}
	maybeUnreconciled(t, l, "d", 4)
	asking1(t, l, 4)

	if n, err := l.Retry(t.Context(), []string{inRoot("a"), inRoot("d"), inRoot("nothing")}); err != nil || n != 2 {
		t.Errorf("retry of two: %d, %v", n, err)
	}
	if a, err := l.LinkExisting(t.Context(), []string{inRoot("b"), inRoot("a"), inRoot("nothing")}); err != nil || a != (LinkedExisting{Queued: 1}) {
		t.Errorf("adopt b: %+v, %v", a, err)
	}
	must(t, l.Close())
	again := openAt(t, l.Path(), clock)
	for name, want := range map[string]Answer{"a": Send, "b": LinkExisting, "c": NoAnswer, "d": Send} {
		it := found(t, again, inRoot(name))
		if it.Answer != want || (it.State == drop.Queued) != (want != NoAnswer) {
			t.Errorf("%s: %+v, want %q", name, it, want)
		}
		if want == LinkExisting && !slices.Equal(it.Candidates, []string{"asset_b"}) {
			t.Errorf("b: candidates %v", it.Candidates)
		}
	}
	// A put-off keeps the answer.
	for _, it := range claimAll(t, again, "w") {
		must(t, again.Release(t.Context(), it, "w", time.Time{}, true, drop.Why{Reason: "error", Detail: "x"}))
		if now := found(t, again, it.Path); now.Answer != it.Answer || now.Answer == NoAnswer {
			t.Errorf("%s: %+v", it.Path, now)
		}
	}
}

func TestLinkAllExistingInBatches(t *testing.T) {
	l, _ := newLedger(t)
	const files = 2*rowsAtOnce + 100
	var all []Observation
	for i := range files {
		all = append(all, observation(num(int64(i)), int64(i)))
	}
	admit(t, l, all...)
	must(t, l.exec(t.Context(), "hold", "UPDATE items SET state = 'held', reason = CASE id % 3 WHEN 0 THEN 'cannot_reconcile' ELSE 'possible_duplicate' END, hold = CASE id % 3 WHEN 0 THEN 'reconcile' ELSE 'decision' END, candidates = CASE id % 3 WHEN 0 THEN '' ELSE 'x' END"))
	a, err := l.LinkExisting(t.Context(), nil)
	if err != nil || a.Queued+a.Unknown != files || a.Unknown != files/3 {
		t.Errorf("%+v, %v", a, err)
	}
	asking1(t, l, files/3)
	if a, err := l.LinkExisting(t.Context(), nil); err != nil || a != (LinkedExisting{Unknown: files / 3}) {
		t.Errorf("once more: %+v, %v", a, err)
	}
}

// An asset is linked as one content at most, by whoever is entitled to that content.
func TestAssetLinkedExisting(t *testing.T) {
	l, _ := newLedger(t)
	claim := func(name string, n int64, c Content) Item {
		t.Helper()
		maybeUnreconciled(t, l, name, n, "asset_1")
		if _, err := l.LinkExisting(t.Context(), []string{inRoot(name)}); err != nil {
			t.Fatal(err)
		}
		items := claimAll(t, l, "w")
		if len(items) != 1 {
			t.Fatalf("claimed %s", names(items))
		}
		if who, err := l.ClaimContent(t.Context(), items[0], "w", c); err != nil || !who.Mine() {
			t.Fatalf("%+v, %v", who, err)
		}
		return item(t, l, items[0].ID)
	}
	first := claim("a", 1, contentOf(1))
	must(t, l.AssetLinkedExisting(t.Context(), first, "w", "asset_1"))
	first = item(t, l, first.ID)
	if first.State != drop.Linking || first.Asset != "asset_1" {
		t.Fatalf("%+v", first)
	}
	if linked, err := l.IsLinkedExisting(t.Context(), first); err != nil || !linked {
		t.Errorf("linked: %v, %v", linked, err)
	}
	if known, err := l.KnowsAsset(t.Context(), first.Scope, "asset_1"); err != nil || !known {
		t.Errorf("known: %v, %v", known, err)
	}
	if known, err := l.KnowsAsset(t.Context(), "other/project", "asset_1"); err != nil || known {
		t.Errorf("known elsewhere: %v, %v", known, err)
	}

	second := claim("b", 2, contentOf(2))
	if err := l.AssetLinkedExisting(t.Context(), second, "w", "asset_1"); !errors.Is(err, ErrAssetTaken) {
		t.Errorf("an asset as two contents: %v", err)
	}
	if now := item(t, l, second.ID); now.State != drop.Preparing || now.Asset != "" {
		t.Errorf("%+v", now)
	}
	must(t, l.AssetLinkedExisting(t.Context(), second, "w", "asset_2"))
	if err := l.AssetLinkedExisting(t.Context(), item(t, l, second.ID), "x", "asset_3"); !errors.Is(err, ErrNotMoved) {
		t.Errorf("without the claim: %v", err)
	}

	// Once it is gone at Scenario the bytes are sent, and are then what Scenario holds.
	must(t, l.AssetGone(t.Context(), first, "w"))
	if now := item(t, l, first.ID); now.State != drop.Queued || now.Answer != Send {
		t.Errorf("%+v", now)
	}
	if rows := rowsOf(t, l.read, "SELECT asset, linked_existing FROM contents ORDER BY id"); !strings.HasPrefix(rows, " asset= linked_existing=0\n") || !strings.Contains(rows, "asset=asset_2 linked_existing=1") {
		t.Errorf("contents:\n%s", rows)
	}
}
