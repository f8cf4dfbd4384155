package itemstest

import (
	"errors"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
)

// claimContent claims an item's own content for it and returns the item as it stands then.
func claimContent(s *suite, it ledger.Item, owner string) ledger.Item {
	s.Helper()
	who := must[ledger.Claimant](s)(s.ClaimContent(s.Context(), it, owner, s.content(it)))
	if !who.Mine() {
		s.Fatalf("the content of item %d is that of %+v", it.ID, who)
	}
	return s.item(it.ID)
}

func (s *suite) receive(it ledger.Item, owner string) {
	s.Helper()
	for n := 1; n <= it.Upload.Parts; n++ {
		s.must(s.PartSent(s.Context(), it, owner, ledger.Part{Number: n, Size: 500}))
	}
}

// Of the items with one content one is entitled to make an asset; the others wait for it, and share
// it, or take its place when it is given up.
func oneAsset(s *suite) {
	ctx, c := s.Context(), contentOf(1)
	a, b, third := s.uploading(me), s.uploading(me), s.claimed(me)
	s.receive(a, me)
	s.receive(b, me)
	s.notMoved("completing without the content", s.Completing(ctx, a, me))
	s.equal("free", must[bool](s)(s.ContentFree(ctx, c)), true)
	s.equal("the first", must[ledger.Claimant](s)(s.ClaimContent(ctx, a, me, c)), ledger.Claimant{})
	s.equal("the first again", must[ledger.Claimant](s)(s.ClaimContent(ctx, a, me, c)), ledger.Claimant{})
	s.equal("free once claimed", must[bool](s)(s.ContentFree(ctx, c)), false)
	s.equal("the second", must[ledger.Claimant](s)(s.ClaimContent(ctx, b, me, c)), ledger.Claimant{Other: a.ID})
	_, who, err := s.CompletingOnePart(ctx, third, me, upload(3), c)
	s.must(err)
	s.equal("the third", who, ledger.Claimant{Other: a.ID})
	s.same("the third", third)
	s.notMoved("completing what another makes", s.Completing(ctx, b, me))

	s.must(s.WaitFor(ctx, s.item(b.ID), me, a.ID, s.in(time.Hour)))
	s.equal("while the first is at it", ids(s.claim(other)), []int64(nil))
	s.must(s.end(s.item(a.ID), me, drop.Failed))
	s.equal("once it is given up", ids(s.claim(other)), []int64{b.ID})
	s.equal("the content of one given up", must[ledger.Claimant](s)(s.ClaimContent(ctx, s.item(b.ID), other, c)), ledger.Claimant{})

	u, who, err := s.CompletingOnePart(ctx, third, me, upload(3), contentOf(2)) // another content is another matter
	s.must(err)
	s.equal("another content", []any{who, u.ID != 0, s.item(third.ID).State}, []any{ledger.Claimant{}, true, drop.Completing})
	s.equal("its upload", s.item(third.ID).Upload, u)

	late := s.claimed(me)
	s.equal("one that comes while it is sent", must[ledger.Claimant](s)(s.ClaimContent(ctx, late, me, contentOf(2))), ledger.Claimant{Other: third.ID})
	s.must(s.WaitFor(ctx, late, me, third.ID, s.in(time.Hour)))
	s.must(s.AssetMade(ctx, s.item(third.ID), me, "asset_2"))
	s.equal("one that waited, once there is an asset", ids(s.claim(me)), []int64{late.ID})
	late = s.item(late.ID)
	s.equal("whose asset it shares", must[ledger.Claimant](s)(s.ClaimContent(ctx, late, me, contentOf(2))), ledger.Claimant{Asset: "asset_2"})
	behind := claimContent(s, s.claimed(me), me)
	s.must(s.WaitFor(ctx, behind, me, late.ID, s.in(time.Hour)))
	s.equal("while another is not known to be a duplicate", ids(s.claim(me)), []int64(nil))
	s.must(s.Duplicate(ctx, late, me, "asset_2"))
	s.equal("once it is", ids(s.claim(me)), []int64{behind.ID})
	late = s.item(late.ID)
	s.equal("the duplicate", []any{late.State, late.Asset, late.Upload}, []any{drop.Linking, "asset_2", ledger.Upload{}})
	s.equal("known", must[bool](s)(s.KnowsAsset(ctx, scope, "asset_2")), true)
	s.equal("known elsewhere", must[bool](s)(s.KnowsAsset(ctx, "elsewhere", "asset_2")), false)
	elsewhere := contentOf(2)
	elsewhere.Kind = "audio"
	s.equal("of another kind", must[bool](s)(s.ContentFree(ctx, elsewhere)), true)

	// What is waited for came a moment ago: there is nothing to wait for.
	last := s.claimed(me)
	must[ledger.Claimant](s)(s.ClaimContent(ctx, last, me, contentOf(2)))
	s.must(s.WaitFor(ctx, last, me, third.ID, s.in(time.Hour)))
	s.equal("one that waits too late", ids(s.claim(me)), []int64{last.ID})
}

// However many items claim a content at the same time, one gets it.
func contentAtOnce(s *suite) {
	var items []ledger.Item
	for range 8 {
		items = append(items, s.claimed(me))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var mine []int64
	for i, it := range items {
		wg.Go(func() {
			var who ledger.Claimant
			var err error
			if i%2 == 0 {
				who, err = s.ClaimContent(s.Context(), it, me, contentOf(1))
			} else {
				_, who, err = s.CompletingOnePart(s.Context(), it, me, upload(it.ID), contentOf(1))
			}
			if err != nil {
				s.Error(err)
			}
			if who.Mine() {
				mu.Lock()
				mine = append(mine, it.ID)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(mine) != 1 {
		s.Errorf("items %v were all entitled to make an asset of one content", mine)
	}
}

// Two items of one size and sample that are announced at once: exactly one sees the other.
func announced(s *suite) {
	c := contentOf(1)
	c.SHA256 = nil
	for _, name := range []string{"a.png", "b.png"} {
		v := s.seen(name)
		v.Fingerprint.Size = c.Size
		s.admit(v)
	}
	both := s.claim(me)
	a, b := both[0], both[1]
	var wg sync.WaitGroup
	seen := make([]int64, 2)
	for i, it := range both {
		wg.Go(func() {
			known, duplicate, err := s.Announce(s.Context(), it, me, c)
			if err != nil || known {
				s.Errorf("known: %v, %v", known, err)
			}
			seen[i] = duplicate
		})
	}
	wg.Wait()
	if !(seen[0] == b.ID && seen[1] == 0 || seen[0] == 0 && seen[1] == a.ID) {
		s.Errorf("items %d and %d saw %v", a.ID, b.ID, seen)
	}
	// Of one that has a hash no more is to come; its content is known once it is claimed by another.
	must[ledger.Claimant](s)(s.ClaimContent(s.Context(), a, me, contentOf(1)))
	known, _, err := s.Announce(s.Context(), b, me, c)
	if err != nil || !known {
		s.Errorf("a content that is being made: known %v, %v", known, err)
	}
	c.Sample = []byte{2}
	known, duplicate, err := s.Announce(s.Context(), b, me, c)
	if err != nil || known || duplicate != 0 {
		s.Errorf("another sample: known %v, duplicate %d, %v", known, duplicate, err)
	}
}

// A receipt counts for the upload that the item has now, and completing needs them all.
func receipts(s *suite) {
	ctx := s.Context()
	it := s.uploading(me)
	s.equal("what the upload is for", []string{it.Scope, it.Kind}, []string{scope, "image"})
	it = claimContent(s, it, me)
	s.must(s.PartSent(ctx, it, me, ledger.Part{Number: 2, Size: 400, CRC32C: 7, ETag: "b"}))
	s.must(s.PartSent(ctx, it, me, ledger.Part{Number: 2, Size: 400, CRC32C: 8, ETag: "c"}))
	s.notMoved("a receipt by another", s.PartSent(ctx, it, other, ledger.Part{Number: 1}))
	s.equal("receipts", must[map[int]ledger.Part](s)(s.PartsSent(ctx, it.Upload.ID)), map[int]ledger.Part{2: {Number: 2, Size: 400, CRC32C: 8, ETag: "c"}})
	s.notMoved("completing with a part missing", s.Completing(ctx, it, me))
	s.must(s.PartSent(ctx, it, me, ledger.Part{Number: 1, Size: 600}))
	s.must(s.Completing(ctx, it, me))
	s.must(s.PartsMissing(ctx, s.item(it.ID), me))
	s.equal("after all is void", must[map[int]ledger.Part](s)(s.PartsSent(ctx, it.Upload.ID)), map[int]ledger.Part{})
	s.notMoved("completing then", s.Completing(ctx, s.item(it.ID), me))

	// It starts over with another upload: what comes in for the old one is late.
	s.must(s.PartSent(ctx, it, me, ledger.Part{Number: 1, Size: 600}))
	s.must(s.end(s.item(it.ID), me, drop.Queued))
	s.notMoved("a receipt of one that starts over", s.PartSent(ctx, it, me, ledger.Part{Number: 2}))
	s.claim(me)
	second := must[ledger.Upload](s)(s.UploadCreated(ctx, s.item(it.ID), me, upload(77)))
	s.notMoved("a receipt of the upload before", s.PartSent(ctx, it, me, ledger.Part{Number: 2}))
	s.equal("receipts of the new one", must[map[int]ledger.Part](s)(s.PartsSent(ctx, second.ID)), map[int]ledger.Part{})
	s.equal("receipts of the old one", must[map[int]ledger.Part](s)(s.PartsSent(ctx, it.Upload.ID)), map[int]ledger.Part{})
	got := s.item(it.ID).Upload
	want := upload(77)
	want.ID = second.ID
	s.equal("the upload", got, want)
}

// What Scenario holds already becomes the content of one item; an asset that is known to be another
// content is not taken.
func existing(s *suite) {
	ctx := s.Context()
	it := claimContent(s, s.claimed(me), me)
	s.must(s.AssetMatched(ctx, it, me, "asset_1"))
	it = s.item(it.ID)
	s.equal("matched", []any{it.State, it.Asset, must[bool](s)(s.IsLinkedExisting(ctx, it))}, []any{drop.Linking, "asset_1", false})
	second := claimContent(s, s.claimed(me), me)
	for what, take := range map[string]func() error{
		"matched": func() error { return s.AssetMatched(ctx, second, me, "asset_1") },
		"linked":  func() error { return s.AssetLinkedExisting(ctx, second, me, "asset_1") },
	} {
		if err := take(); !errors.Is(err, ledger.ErrAssetTaken) {
			s.Errorf("an asset that is another content, %s: %v", what, err)
		}
		s.same(what, second)
	}
	s.must(s.AssetLinkedExisting(ctx, second, me, "asset_2"))
	s.equal("by a person's word", must[bool](s)(s.IsLinkedExisting(ctx, s.item(second.ID))), true)

	// Until it is known what Scenario holds items wait, and are found in their order.
	var waiting []int64
	for range 3 {
		it := s.claimed(me)
		s.must(s.release(it, me, ledger.UntilReconciled(), false))
		waiting = append(waiting, it.ID)
	}
	s.advance(24 * time.Hour)
	s.equal("claimed meanwhile", ids(s.claim(other)), ids([]ledger.Item{it, second}))
	s.equal("waiting", ids(must[[]ledger.Item](s)(s.Reconciling(ctx, 0, 2))), waiting[:2])
	s.equal("waiting after these", ids(must[[]ledger.Item](s)(s.Reconciling(ctx, waiting[1], 2))), waiting[2:])
	s.must(s.Reconciled(ctx, waiting[1:]))
	s.equal("let on", ids(s.claim(me)), waiting[1:])

	// A person is asked, and what may be meant is kept.
	asks := s.claimed(me)
	asks.Scope, asks.Kind = scope, "image"
	s.must(s.NeedsDecision(ctx, asks, me, []string{"asset_8", "asset_9"}, because(drop.ReasonPossibleDuplicate).Detail))
	asks = s.item(asks.ID)
	s.equal("asked", []any{asks.State, asks.Asks(), asks.Candidates, asks.Scope, asks.Kind}, []any{drop.Held, true, []string{"asset_8", "asset_9"}, scope, "image"})
}

// An asset that was deleted at Scenario is no duplicate's any more, and is made again.
func assetGone(s *suite) {
	ctx := s.Context()
	first := s.linking(me)
	c := s.content(first)
	must[[]string](s)(s.WantMembership(ctx, scope, first.Asset, []string{"c1"}))
	s.must(s.Joined(ctx, scope, first.Asset, "c1"))
	must[[]string](s)(s.WantTags(ctx, scope, first.Asset, []string{"t1"}))
	s.must(s.Tagged(ctx, scope, first.Asset, []string{"t1"}))
	s.must(s.AssetGone(ctx, first, me))
	it := s.item(first.ID)
	s.equal("it starts over", []any{it.State, it.Asset, it.SHA256, it.Upload.ID}, []any{drop.Queued, "", []byte(nil), int64(0)})
	s.equal("its content is new", must[bool](s)(s.ContentFree(ctx, c)), true)
	s.equal("the asset is unknown", must[bool](s)(s.KnowsAsset(ctx, scope, first.Asset)), false)
	s.equal("it is in no collection", must[[]string](s)(s.WantMembership(ctx, scope, first.Asset, []string{"c1"})), []string{"c1"})
	s.equal("it has no tags", must[[]string](s)(s.WantTags(ctx, scope, first.Asset, []string{"t1"})), []string{"t1"})
	s.equal("it is claimed", ids(s.claim(other)), []int64{first.ID})
}
