package ledger

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
)

func TestClaimMakesPreparing(t *testing.T) {
	l, clock := newLedger(t)
	it := admitted(t, l, observation("a.png", 1))
	got := claimAll(t, l, "w")
	if len(got) != 1 || got[0].ID != it.ID || got[0].State != drop.Preparing || got[0].Fingerprint != it.Fingerprint {
		t.Fatalf("claimed %+v", got)
	}
	if it := item(t, l, it.ID); it.State != drop.Preparing {
		t.Errorf("it stands in %s", it.State)
	}
	clock.advance(10 * time.Minute)
	if got := claimAll(t, l, "other"); len(got) != 0 {
		t.Errorf("claimed twice: %s", names(got))
	}
}

func TestClaimOrderAndLimit(t *testing.T) {
	l, clock := newLedger(t)
	for n := range int64(5) {
		admit(t, l, observation(fmt.Sprint(n), n))
		clock.advance(time.Second)
	}
	c := everything("w", clock.now().Add(hour))
	c.Limit = 0
	if got, err := l.Claim(t.Context(), c); err != nil || len(got) != 0 {
		t.Errorf("with no room: %s, %v", names(got), err)
	}
	c.Limit = 2
	for _, want := range []string{"0 1", "2 3", "4", ""} {
		got, err := l.Claim(t.Context(), c)
		must(t, err)
		if names(got) != want {
			t.Errorf("claimed %q, want %q", names(got), want)
		}
	}
}

func TestClaimSizeClasses(t *testing.T) {
	l, clock := newLedger(t)
	states := []drop.State{drop.Queued, drop.Preparing, drop.Uploading, drop.Completing, drop.Importing, drop.Linking, drop.CleaningUp, drop.Held, drop.Imported, drop.Failed, drop.Ignored, drop.Superseded, drop.Gone}
	for n, s := range states {
		for _, size := range []int64{1, 10, 11} {
			sg := observation(fmt.Sprintf("%s-%d", s, size), int64(n))
			sg.Fingerprint.Size = size
			force(t, l, admitted(t, l, sg).ID, "state = ?", s)
		}
	}
	for _, c := range []struct {
		min, max int64
		noBody   bool
		want     string
	}{
		{0, 10, false, "queued-1 queued-10 preparing-1 preparing-10 uploading-1 uploading-10"},
		{11, 1 << 62, false, "queued-11 preparing-11 uploading-11"},
		{5, 10, false, "queued-10 preparing-10 uploading-10"},
		{0, 0, false, ""},
		{12, 1 << 62, true, "completing-1 completing-10 completing-11 linking-1 linking-10 linking-11 cleaning_up-1 cleaning_up-10 cleaning_up-11"},
	} {
		got, err := l.Claim(t.Context(), Claim{Owner: "w", Until: clock.now().Add(time.Minute), MinSize: c.min, MaxSize: c.max, NoBody: c.noBody, Limit: 100})
		must(t, err)
		if names(got) != c.want {
			t.Errorf("%+v: claimed %q", c, names(got))
		}
		must(t, l.ReleaseAll(t.Context()))
		for _, it := range got {
			if it.State == drop.Preparing { // as it was before, for the next case
				must(t, l.exec(t.Context(), "reset", "UPDATE items SET state = substr(CAST(name AS TEXT), 1, instr(CAST(name AS TEXT), '-') - 1) WHERE id = ?", it.ID))
			}
		}
	}
}

func TestLeaseExpires(t *testing.T) {
	l, clock := newLedger(t)
	admit(t, l, observation("a.png", 1))
	c := everything("slow", clock.now().Add(time.Minute))
	slow, err := l.Claim(t.Context(), c)
	must(t, err)
	clock.advance(time.Minute)
	if got := claimAll(t, l, "next"); len(got) != 0 {
		t.Fatal("claimed at the very end of the lease")
	}
	must(t, l.Renew(t.Context(), "slow", clock.now().Add(time.Minute)))
	clock.advance(time.Minute)
	if got := claimAll(t, l, "next"); len(got) != 0 {
		t.Fatal("claimed in spite of the renewal")
	}
	clock.advance(time.Millisecond)
	c.Until = clock.now().Add(hour)
	if got, err := l.Claim(t.Context(), c); err != nil || len(got) != 0 {
		t.Fatalf("an owner that slept got what it holds a second time: %s, %v", names(got), err)
	}
	if got := claimAll(t, l, "next"); len(got) != 1 || got[0].State != drop.Preparing {
		t.Fatalf("after the lease: %+v", got)
	}
	for what, err := range map[string]error{
		"release": l.Release(t.Context(), slow[0], "slow", time.Time{}, false, drop.Why{}),
		"end":     l.End(t.Context(), slow[0], "slow", drop.Failed, drop.Why{Reason: "x", Detail: "y"}),
		"create":  errOf(l.UploadCreated(t.Context(), slow[0], "slow", Upload{Remote: "u", PartSize: 1, Parts: 1})),
		"claim":   errOf(l.ClaimContent(t.Context(), slow[0], "slow", contentOf(1))),
	} {
		if !errors.Is(err, ErrNotMoved) {
			t.Errorf("%s by who lost the lease: %v, want ErrNotMoved", what, err)
		}
	}
	if s := rowsOf(t, l.read, "SELECT count(*) AS n FROM uploads UNION ALL SELECT count(*) FROM contents"); s != " n=0\n n=0\n" {
		t.Errorf("what it tried has left rows:%s", s)
	}
	must(t, l.Renew(t.Context(), "slow", clock.now().Add(24*hour)))
	must(t, l.Renew(t.Context(), "", clock.now().Add(24*hour)))
	clock.advance(2 * hour)
	if got := claimAll(t, l, "third"); len(got) != 1 {
		t.Error("a renewal by others than the owner kept the lease")
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestOlderVersionFirst(t *testing.T) {
	l, _ := newLedger(t)
	for _, s := range drop.States() {
		old := admitted(t, l, observation("same "+string(s), 1))
		force(t, l, old.ID, "state = ?, owner = 'w', lease = ?", s, l.now().Add(hour).UnixMilli())
		admit(t, l, observation("same "+string(s), 2))
		force(t, l, old.ID, "owner = 'w', lease = ?", l.now().Add(hour).UnixMilli())
		// In Held, Failed … the version before is superseded by now, or rests.
		// With an asset of the version before, the next one need not wait.
		blocked := item(t, l, old.ID).State.Active() && !item(t, l, old.ID).AfterImport()
		at, due, err := l.NextDue(t.Context())
		must(t, err)
		due = due && !at.After(l.now())
		if due == blocked {
			t.Errorf("after %s: something is due: %v, blocked: %v", s, due, blocked)
		}
		got := claimAll(t, l, "x")
		if blocked != (s.Active() && s != drop.Linking && s != drop.CleaningUp) || (len(got) == 0) != blocked {
			t.Errorf("after %s: claimed %+v", s, got)
		}
		force(t, l, old.ID, "state = 'imported', owner = '', lease = 0")
		must(t, l.exec(t.Context(), "let on who waits for it", wakeQuery, old.ID)) // as every move that ends the wait does
		if got := claimAll(t, l, "x"); len(got) == 0 == blocked {
			t.Errorf("after %s came to rest: claimed %+v", s, got)
		}
	}
}

func TestReleaseKeepsWhatIsThere(t *testing.T) {
	for _, c := range []struct{ at, then drop.State }{{drop.Preparing, drop.Queued}, {drop.Uploading, drop.Uploading}, {drop.Completing, drop.Completing}, {drop.Linking, drop.Linking}, {drop.CleaningUp, drop.CleaningUp}} {
		t.Run(string(c.at), func(t *testing.T) {
			l, clock := newLedger(t)
			it := uploading(t, l, "a.png", 1, "w")
			force(t, l, it.ID, "state = ?", c.at)
			it.State = c.at
			later := clock.now().Add(time.Minute)
			must(t, l.Release(t.Context(), it, "w", later, true, drop.Why{Reason: "server_fault", Detail: "It has a fault."}))
			got := item(t, l, it.ID)
			if got.State != c.then || got.Attempts != 1 || got.Reason != drop.ReasonServerFault || got.Detail != "It has a fault." || !got.NotBefore.Equal(later) {
				t.Errorf("released to %+v", got)
			}
			if (got.Upload == it.Upload) != (c.then != drop.Queued) {
				t.Errorf("its upload is %+v, was %+v", got.Upload, it.Upload)
			}
			if at, ok, err := l.NextDue(t.Context()); err != nil || !ok || !at.Equal(later) {
				t.Errorf("next due %v %v %v, want %v", at, ok, err, later)
			}
			if got := claimAll(t, l, "x"); len(got) != 0 {
				t.Error("claimed before its time")
			}
			clock.advance(time.Minute)
			if got := claimAll(t, l, "x"); len(got) != 1 {
				t.Error("not claimed when its time had come")
			}
		})
	}
}

func TestReleaseAll(t *testing.T) {
	l, _ := newLedger(t)
	for n, s := range drop.States() {
		it := admitted(t, l, observation(string(s), int64(n)))
		owner, lease := "dead", l.now().Add(hour).UnixMilli()
		if !s.Active() || s == drop.Queued || s == drop.Importing {
			owner, lease = "", 0
		}
		force(t, l, it.ID, "state = ?, owner = ?, lease = ?", s, owner, lease)
	}
	must(t, l.ReleaseAll(t.Context()))
	for _, s := range drop.States() {
		want := s
		if s == drop.Preparing {
			want = drop.Queued
		}
		if it := found(t, l, inRoot(string(s))); it.State != want {
			t.Errorf("%s became %s", s, it.State)
		}
	}
	if got := names(claimAll(t, l, "next")); got != "queued preparing uploading completing linking cleaning_up" {
		t.Errorf("claimed %q", got)
	}
}

func TestNextDue(t *testing.T) {
	l, clock := newLedger(t)
	next := func() (time.Duration, bool) {
		at, ok, err := l.NextDue(t.Context())
		must(t, err)
		return at.Sub(clock.now()), ok
	}
	if _, ok := next(); ok {
		t.Error("something is due in an empty ledger")
	}
	at := func(name string, s drop.State, in time.Duration) int64 {
		it := admitted(t, l, observation(name, in.Milliseconds()))
		force(t, l, it.ID, "state = ?, not_before = ?", s, clock.now().Add(in).UnixMilli())
		return it.ID
	}
	for _, s := range drop.States() {
		if !s.Active() {
			at("rest "+string(s), s, time.Second)
		}
	}
	if _, ok := next(); ok {
		t.Error("items at rest are due")
	}
	for _, c := range []struct {
		s  drop.State
		in time.Duration
	}{{drop.Importing, 9 * time.Second}, {drop.Queued, 8 * time.Second}, {drop.Uploading, 10 * time.Second}, {drop.Importing, 7 * time.Second}, {drop.Linking, 6 * time.Second}, {drop.Importing, 8 * time.Second}} {
		at(fmt.Sprint("work ", c.s, c.in), c.s, c.in)
	}
	if in, ok := next(); !ok || in != 6*time.Second {
		t.Errorf("due in %v %v, want 6s", in, ok)
	}
	force(t, l, found(t, l, inRoot(fmt.Sprint("work ", drop.Linking, 6*time.Second))).ID, "owner = 'w'")
	if in, ok := next(); !ok || in != 7*time.Second {
		t.Errorf("due in %v %v, want 7s: the nearest is claimed", in, ok)
	}
	admit(t, l, observation("now", 99))
	if at, ok, err := l.NextDue(t.Context()); err != nil || !ok || !at.IsZero() {
		t.Errorf("due %v %v %v, want at once", at, ok, err)
	}
}

// However many claim at once, each item has one owner.
func TestClaimsAreExclusive(t *testing.T) {
	l, clock := newLedger(t)
	var sightings []Observation
	for n := range int64(300) {
		sightings = append(sightings, observation(fmt.Sprint(n), n))
	}
	admit(t, l, sightings...)
	var mu sync.Mutex
	owners := map[int64]string{}
	var working sync.WaitGroup
	for n := range 8 {
		owner := fmt.Sprint("w", n)
		working.Go(func() {
			for {
				items, err := l.Claim(t.Context(), Claim{Owner: owner, Until: clock.now().Add(hour), MaxSize: 1 << 62, Limit: n + 1})
				if err != nil {
					t.Error(err)
				}
				if err != nil || len(items) == 0 {
					return
				}
				mu.Lock()
				for _, it := range items {
					if other, taken := owners[it.ID]; taken {
						t.Errorf("item %d went to %s and to %s", it.ID, other, owner)
					}
					owners[it.ID] = owner
				}
				mu.Unlock()
			}
		})
	}
	working.Wait()
	if len(owners) != 300 {
		t.Errorf("%d items were claimed, want 300", len(owners))
	}
}
