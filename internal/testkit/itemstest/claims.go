package itemstest

import (
	"slices"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// An item is in one worker's hands until it is given back or the lease ends; the oldest comes first.
func claims(s *suite) {
	var made []int64
	for range 3 {
		made = append(made, s.queued().ID)
	}
	c := all(me, s.in(lease))
	c.Limit = 2
	first := must[[]ledger.Item](s)(s.Claim(s.Context(), c))
	s.equal("claimed first", ids(first), made[:2])
	for _, it := range first {
		if it.State != drop.Preparing {
			s.Errorf("a claimed item is %s", it.State)
		}
	}
	s.equal("claimed by another", ids(s.claim(other)), made[2:])
	s.equal("nothing is left", ids(s.claim("worker 3")), []int64(nil))

	s.advance(lease / 2)
	s.must(s.Renew(s.Context(), me, s.in(lease)))
	s.advance(lease * 3 / 4) // past the other's lease
	s.equal("lapsed", ids(s.claim(me)), made[2:])
	s.equal("an owner never gets its own again", ids(s.claim(me)), []int64(nil))
	s.notMoved("the owner before releases", s.release(s.item(made[2]), other, time.Time{}, false))
	s.notMoved("the owner before ends", s.end(s.item(made[2]), other, drop.Failed))

	s.must(s.release(s.item(made[0]), me, time.Time{}, false))
	got := s.claim(other)
	s.equal("given back", ids(got), made[:1])
	s.must(s.ReleaseAll(s.Context()))
	s.equal("after a restart", ids(s.claim("worker 3")), made)
}

// A claim is for a range of sizes, for what needs no body, and leaves folders out.
func claimsByKind(s *suite) {
	small, large := s.seen("small.png"), s.seen("large.png")
	large.Fingerprint.Size = ledger.SmallFile + 1
	away := s.seen("away.png")
	away.Root = root + "2"
	ofSmall, ofLarge, ofAway := s.admit(small).ID, s.admit(large).ID, s.admit(away).ID
	completing, linking := s.inState(drop.Completing, me).ID, s.inState(drop.Linking, me).ID
	cleaning := s.inState(drop.CleaningUp, me).ID
	s.must(s.ReleaseAll(s.Context()))
	for _, c := range []struct {
		what  string
		claim ledger.Claim
		want  []int64
	}{
		{"nothing", ledger.Claim{MaxSize: 1 << 62}, nil},
		{"large files", ledger.Claim{MinSize: ledger.SmallFile + 1, MaxSize: 1 << 62, Limit: 9}, []int64{ofLarge}},
		{"small files where a folder is away", ledger.Claim{MaxSize: ledger.SmallFile, Limit: 9, Unavailable: []string{away.Root}}, []int64{ofSmall}},
		{"small files", ledger.Claim{MaxSize: ledger.SmallFile, Limit: 9}, []int64{ofAway}},
		// A claim takes what needs only requests even where the folder is away; a cleanup needs the file.
		{"no bodies, the folder is away", ledger.Claim{NoBody: true, Limit: 9, Unavailable: []string{root}}, []int64{completing, linking}},
		{"no bodies", ledger.Claim{NoBody: true, Limit: 9}, []int64{cleaning}},
	} {
		c.claim.Owner, c.claim.Until = other, s.in(lease)
		s.equal(c.what, ids(must[[]ledger.Item](s)(s.Claim(s.Context(), c.claim))), c.want)
	}
	// Everything goes on from where it stood.
	s.equal("completing", s.item(completing).State, drop.Completing)
	s.equal("linking", s.item(linking).State, drop.Linking)
	s.equal("cleaning up", s.item(cleaning).State, drop.CleaningUp)
}

// Workers that claim at once get every item, each one of them.
func claimsAtOnce(s *suite) {
	const items, workers = 40, 8
	for range items {
		s.queued()
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := map[int64]int{}
	for w := range workers {
		wg.Go(func() {
			for {
				c := all(string(rune('a'+w)), s.in(lease))
				c.Limit = 3
				got, err := s.Claim(s.Context(), c)
				if err != nil {
					s.Error(err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, it := range got {
					taken[it.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(taken) != items {
		s.Errorf("%d of %d items were claimed", len(taken), items)
	}
	for id, n := range taken {
		if n != 1 {
			s.Errorf("item %d was claimed %d times", id, n)
		}
	}
}

// What was put off is due at its time, and an attempt counts where the item was at fault.
func retries(s *suite) {
	it := s.claimed(me)
	s.must(s.release(it, me, s.in(10*time.Second), true))
	got := s.item(it.ID)
	s.equal("state, reason, attempts and time", []any{got.State, got.Reason, got.Attempts, got.NotBefore.UnixMilli()},
		[]any{drop.Queued, drop.ReasonServerFault, 1, s.in(10 * time.Second).UnixMilli()})
	if at, ok, err := s.NextDue(s.Context()); err != nil || !ok || !at.Equal(s.in(10*time.Second)) {
		s.Errorf("the next is due at %v, %v, %v", at, ok, err)
	}
	s.advance(9 * time.Second)
	s.equal("before its time", ids(s.claim(me)), []int64(nil))
	s.advance(time.Second)
	s.equal("at its time", ids(s.claim(me)), []int64{it.ID})
	it = s.item(it.ID)
	s.must(s.release(it, me, s.in(time.Hour), false))
	s.equal("attempts that were not the item's fault", s.item(it.ID).Attempts, 1)

	// A clock that was wrong puts nothing off for longer than any wait.
	if n, err := s.MakeDue(s.Context(), s.in(time.Minute)); err != nil || n != 1 {
		s.Errorf("%d were hurried, %v", n, err)
	}
	s.advance(time.Minute)
	s.equal("hurried", ids(s.claim(me)), []int64{it.ID})
	// What waits to be reconciled has no time.
	s.must(s.release(s.item(it.ID), me, ledger.UntilReconciled(), false))
	if n, err := s.MakeDue(s.Context(), s.in(time.Minute)); err != nil || n != 0 {
		s.Errorf("%d were hurried that wait to be reconciled, %v", n, err)
	}
	if !s.item(it.ID).WaitsToReconcile() {
		s.Error("it does not wait to be reconciled")
	}

	// An import is checked when it is due, the longest due first.
	second, first := s.completing(me), s.completing(me)
	s.must(s.Importing(s.Context(), second, me, s.in(20*time.Second)))
	s.must(s.Importing(s.Context(), first, me, s.in(10*time.Second)))
	s.advance(15 * time.Second)
	due := must[[]ledger.Item](s)(s.Due(s.Context(), 9))
	s.equal("due imports", ids(due), []int64{first.ID})
	s.must(s.CheckAgain(s.Context(), due[0], s.in(time.Minute), drop.Why{}))
	s.advance(5 * time.Second)
	due = must[[]ledger.Item](s)(s.Due(s.Context(), 9))
	s.equal("due imports later", ids(due), []int64{second.ID})
	s.equal("checks", []int{s.item(first.ID).Attempts, s.item(second.ID).Attempts}, []int{1, 0})
	s.equal("imports are nobody's", slices.Contains(ids(s.claim(me)), first.ID), false)

	// What comes after the import and was put off is due at once where asked.
	link := s.linking(me)
	s.must(s.release(link, me, s.in(time.Hour), true))
	s.must(s.MakeUnfinishedDue(s.Context()))
	s.equal("unfinished", ids(s.claim(me)), []int64{link.ID})
}

// A version waits for an older one that may become an asset, and takes the place of one that is
// not begun.
func versions(s *suite) {
	old := s.admit(s.seen("a.png"))
	newer := s.admit(s.seen("a.png"))
	s.equal("the one that was not begun", s.item(old.ID).State, drop.Superseded)
	s.equal("claimed", ids(s.claim(me)), []int64{newer.ID})
	third := s.admit(s.seen("a.png"))
	s.equal("while the one before is worked on", ids(s.claim(other)), []int64(nil))
	_, _, err := s.CompletingOnePart(s.Context(), s.item(newer.ID), me, upload(1), contentOf(1))
	s.must(err)
	s.equal("while it is completed", ids(s.claim(other)), []int64(nil))
	s.must(s.AssetMade(s.Context(), s.item(newer.ID), me, "asset_1"))
	s.equal("once there is an asset", ids(s.claim(other)), []int64{third.ID})
	s.equal("which is its parent", must[string](s)(s.PreviousAsset(s.Context(), third, scope)), "asset_1")
	s.equal("in another project there is none", must[string](s)(s.PreviousAsset(s.Context(), third, "elsewhere")), "")
	// The same version again is no news.
	again := s.seen("b.png")
	it := s.admit(again)
	s.equal("seen again", s.admit(again).ID, it.ID)
	s.same("seen again", it)
}
