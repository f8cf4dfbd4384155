package ledger

import (
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// apart is the interval between versions in these tests.
const apart = 30 * time.Second

// saved is a version of a.png in a folder with that interval.
func saved(n int64) Observation {
	s := observation("a.png", n)
	s.Interval = apart
	return s
}

// sentOn takes the item that is due to an asset, as a worker does, and returns its fingerprint.
func sentOn(t *testing.T, l *Ledger, asset string) file.Fingerprint {
	t.Helper()
	items := claimAll(t, l, "w")
	if len(items) != 1 {
		t.Fatalf("%d items are due, want one: %v", len(items), items)
	}
	must(t, l.Done(t.Context(), becameAssetOf(t, l, items[0], asset), "w", drop.Why{}))
	return items[0].Fingerprint
}

func becameAssetOf(t *testing.T, l *Ledger, it Item, asset string) Item {
	t.Helper()
	c := contentOf(byte(it.Fingerprint.Size))
	who, err := l.ClaimContent(t.Context(), it, "w", c)
	must(t, err)
	if !who.Mine() {
		t.Fatalf("the content of %q is not its own: %+v", it.Path, who)
	}
	must(t, l.AssetMade(t.Context(), withUpload(t, l, it), "w", asset))
	return item(t, l, it.ID)
}

// withUpload moves a claimed item to where the asset can be made.
func withUpload(t *testing.T, l *Ledger, it Item) Item {
	t.Helper()
	force(t, l, it.ID, "state = 'completing'")
	return item(t, l, it.ID)
}

// Three saves in eight seconds are two versions: the first, and the last state, once the interval
// is over. What lay between leaves no item.
func TestVersionsAreApart(t *testing.T) {
	l, clock := newLedger(t)
	admit(t, l, saved(1))
	if got := sentOn(t, l, "asset-1"); got != fp(1) {
		t.Fatalf("the first version is not sent at once: %v", got)
	}
	clock.advance(4 * time.Second)
	admit(t, l, saved(2))
	clock.advance(4 * time.Second)
	admit(t, l, saved(3), saved(3)) // and the same again
	if due := claimAll(t, l, "w"); len(due) > 0 {
		t.Fatalf("8 s after the first version is due: %v", due)
	}
	it := found(t, l, inRoot("a.png"))
	if it.State != drop.Queued || it.Reason != drop.ReasonVersionInterval || it.Detail != drop.TextVersionInterval.With("interval", "30s") || !it.WaitsForInterval(clock.now()) ||
		it.Fingerprint != fp(3) || it.NotBefore.Sub(clock.now()) != 22*time.Second {
		t.Errorf("the version that waits is %+v", it)
	}
	if n, err := l.VersionsWaiting(t.Context()); n != 1 || err != nil {
		t.Errorf("%d versions wait (%v), want 1", n, err)
	}
	if items := rowsOf(t, l.read, "SELECT id FROM items"); strings.Count(items, "id=") != 2 {
		t.Errorf("items after three saves:\n%s", items)
	}
	if n, err := l.Retry(t.Context(), nil); n != 0 || err != nil || len(claimAll(t, l, "w")) > 0 {
		t.Errorf("a retry of all lets %d versions on (%v)", n, err)
	}
	clock.advance(22 * time.Second)
	if n, err := l.VersionsWaiting(t.Context()); n != 0 || err != nil {
		t.Errorf("%d versions wait when it is due (%v)", n, err)
	}
	if got := sentOn(t, l, "asset-2"); got != fp(3) {
		t.Errorf("sent is %v, want the last state", got)
	}

	// The next is apart from the one that waited, not from the one before.
	clock.advance(time.Second)
	admit(t, l, saved(4))
	if left := found(t, l, inRoot("a.png")).NotBefore.Sub(clock.now()); left != 29*time.Second {
		t.Errorf("the next version waits for %v, want 29 s", left)
	}
	clock.advance(29 * time.Second)
	sentOn(t, l, "asset-3")
	clock.advance(apart)
	admit(t, l, saved(5))
	if got := sentOn(t, l, "asset-4"); got != fp(5) {
		t.Errorf("a save after the interval does not go at once: %v", got)
	}
}

// What keeps a version from waiting: no asset before it, another path, no interval, the user's
// word, or a shorter setting.
func TestVersionsThatDoNotWait(t *testing.T) {
	for name, c := range map[string]struct {
		between func(t *testing.T, l *Ledger, clock *testClock)
		next    func(*Observation)
		after   func(t *testing.T, l *Ledger)
	}{
		"the one before became nothing": {between: func(t *testing.T, l *Ledger, _ *testClock) {
			it := claimAll(t, l, "w")[0]
			must(t, l.End(t.Context(), it, "w", drop.Superseded, drop.Why{Reason: "changed", Detail: "It changed."}))
		}},
		"the one before failed": {between: func(t *testing.T, l *Ledger, _ *testClock) {
			it := claimAll(t, l, "w")[0]
			must(t, l.End(t.Context(), it, "w", drop.Failed, drop.Why{Reason: "refused", Detail: "No."}))
		}},
		"the one before was not begun": {},
		"another path":                 {between: asset1, next: func(s *Observation) { s.Path = inRoot("b.png") }},
		"no interval":                  {between: asset1, next: func(s *Observation) { s.Interval = 0 }},
		"asked for": {between: asset1, after: func(t *testing.T, l *Ledger) {
			if n, err := l.Retry(t.Context(), []string{inRoot("a.png")}); n != 1 || err != nil {
				t.Errorf("a retry of the file lets %d on, %v", n, err)
			}
		}},
		"the setting became shorter": {between: asset1, after: func(t *testing.T, l *Ledger) {
			for want, interval := range []time.Duration{time.Minute, 0} {
				n, err := l.LimitVersionWait(t.Context(), func(of string) time.Duration {
					if of != root {
						t.Errorf("asked for the interval of %q", of)
					}
					return interval
				})
				if n != want || err != nil {
					t.Errorf("LimitVersionWait(%v) = %d, %v", interval, n, err)
				}
			}
		}},
		"the clock was put back": {between: asset1, after: func(t *testing.T, l *Ledger) {
			before := l.now
			l.now = func() time.Time { return before().Add(-time.Hour) }
			defer func() { l.now = before }()
			if n, err := l.MakeDue(t.Context(), l.now().Add(10*time.Minute)); n != 1 || err != nil {
				t.Errorf("Hurry = %d, %v", n, err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l, clock := newLedger(t)
			admit(t, l, saved(1))
			if c.between != nil {
				c.between(t, l, clock)
			}
			clock.advance(time.Second)
			s := saved(2)
			if c.next != nil {
				c.next(&s)
			}
			admit(t, l, s)
			if c.after != nil {
				if len(claimAll(t, l, "other")) > 0 {
					t.Error("the version did not wait to begin with")
				}
				c.after(t, l)
			}
			if due := claimAll(t, l, "w"); len(due) != 1 || due[0].Fingerprint != fp(2) {
				t.Errorf("due at once is %v, want the new version", due)
			}
		})
	}
}

func asset1(t *testing.T, l *Ledger, _ *testClock) { sentOn(t, l, "asset-1") }

// A version that comes while the one before is being sent waits for its interval too; if the one
// before is given up, no asset came of it, and there is nothing to be apart from.
func TestVersionAfterOneUnderWay(t *testing.T) {
	for _, givenUp := range []bool{true, false} {
		l, clock := newLedger(t)
		admit(t, l, saved(1))
		first := claimAll(t, l, "w")[0]
		clock.advance(time.Second)
		admit(t, l, saved(2))
		if givenUp {
			must(t, l.End(t.Context(), first, "w", drop.Superseded, drop.Why{Reason: "changed", Detail: "It changed."}))
		} else {
			must(t, l.Done(t.Context(), becameAssetOf(t, l, first, "asset-1"), "w", drop.Why{}))
		}
		if due := claimAll(t, l, "w"); givenUp != (len(due) == 1) {
			t.Errorf("given up %v: due at once is %v", givenUp, due)
		}
		clock.advance(29 * time.Second)
		if due := claimAll(t, l, "v"); givenUp != (len(due) == 0) {
			t.Errorf("given up %v: due after the interval is %v", givenUp, due)
		}
	}
}

// A version that waits does so after a restart, and while its clock is right no routine hurries
// it, however long the interval.
func TestVersionWaitOutlastsARestart(t *testing.T) {
	l, clock := newLedger(t)
	admit(t, l, saved(1))
	sentOn(t, l, "asset-1")
	s := saved(2)
	s.Interval = 24 * time.Hour
	admit(t, l, s)
	must(t, l.ReleaseAll(t.Context()))
	if n, err := l.MakeDue(t.Context(), clock.now().Add(10*time.Minute)); n != 0 || err != nil {
		t.Errorf("Hurry = %d, %v", n, err)
	}
	if due := claimAll(t, l, "w"); len(due) > 0 {
		t.Errorf("due after a restart: %v", due)
	}
	if it := found(t, l, inRoot("a.png")); it.Detail != drop.TextVersionInterval.With("interval", "24h") {
		t.Errorf("it says %q", it.Detail)
	}
	if at, ok, err := l.NextDue(t.Context()); !ok || err != nil || !at.Equal(clock.now().Add(24*time.Hour)) {
		t.Errorf("NextDue = %v, %v, %v", at, ok, err)
	}
}
