package itemstest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
)

// legal are the moves that there are, as docs/architecture.md draws them.
var legal = map[drop.State][]drop.State{
	drop.Held:       {drop.Queued, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Queued:     {drop.Preparing, drop.Held, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Preparing:  {drop.Queued, drop.Uploading, drop.Completing, drop.Linking, drop.Held, drop.Failed, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Uploading:  {drop.Queued, drop.Completing, drop.Linking, drop.Held, drop.Failed, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Completing: {drop.Uploading, drop.Importing, drop.Linking, drop.Imported, drop.Queued, drop.Held, drop.Failed},
	drop.Importing:  {drop.Linking, drop.Imported, drop.Queued, drop.Failed},
	drop.Linking:    {drop.CleaningUp, drop.Imported, drop.Queued},
	drop.CleaningUp: {drop.Imported},
	drop.Failed:     {drop.Queued, drop.Held, drop.Ignored, drop.Superseded, drop.Gone},
	drop.Ignored:    {drop.Queued, drop.Held, drop.Superseded, drop.Gone},
}

// operation is one move that the uploader makes.
type operation struct {
	name string
	to   drop.State
	do   func(ctx context.Context, s *suite, it ledger.Item, owner string) error
	from []drop.State // where it may succeed; nil: wherever the diagram has the move
}

func operations() []operation {
	ops := []operation{
		{"UploadCreated", drop.Uploading, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			_, err := s.UploadCreated(ctx, it, owner, upload(9))
			return err
		}, []drop.State{drop.Preparing}},
		{"CompletingOnePart", drop.Completing, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			_, who, err := s.CompletingOnePart(ctx, it, owner, upload(9), s.content(it))
			if err == nil && !who.Mine() { // as an item with its asset is told
				err = ledger.ErrNotMoved
			}
			return err
		}, []drop.State{drop.Preparing}},
		// Without receipts or a content of its own nothing is completed: see oneAsset.
		{"Completing", drop.Completing, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.Completing(ctx, it, owner)
		}, []drop.State{}},
		{"PartsMissing", drop.Uploading, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.PartsMissing(ctx, it, owner)
		}, []drop.State{drop.Completing}},
		{"Importing", drop.Importing, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.Importing(ctx, it, owner, s.now())
		}, []drop.State{drop.Completing}},
		{"AssetMade", drop.Linking, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.AssetMade(ctx, it, owner, assetOf(it))
		}, []drop.State{drop.Completing, drop.Importing}},
		{"Finished", drop.Imported, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.Finished(ctx, it, owner, assetOf(it), nil)
		}, []drop.State{drop.Completing, drop.Importing}},
		{"Duplicate", drop.Linking, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.Duplicate(ctx, it, owner, "asset_of_another")
		}, nil},
		{"WaitFor", drop.Queued, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.WaitFor(ctx, it, owner, 1, s.in(lease))
		}, nil},
		{"CleaningUp", drop.CleaningUp, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.CleaningUp(ctx, it, owner)
		}, []drop.State{drop.Linking}},
		{"CleanedUp", drop.Imported, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.CleanedUp(ctx, it, owner, file.Moved{}, because(drop.ReasonTrashed))
		}, nil},
		{"Done", drop.Imported, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.Done(ctx, it, owner, drop.Why{})
		}, nil},
		{"AssetGone", drop.Queued, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.AssetGone(ctx, it, owner)
		}, nil},
		{"NeedsDecision", drop.Held, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.NeedsDecision(ctx, it, owner, []string{"asset_1"}, because(drop.ReasonPossibleDuplicate).Detail)
		}, nil},
		{"NotAllowed", drop.Held, func(ctx context.Context, s *suite, it ledger.Item, owner string) error {
			return s.NotAllowed(ctx, it, owner, because(drop.ReasonNotAllowed))
		}, nil},
	}
	for _, to := range []drop.State{drop.Held, drop.Failed, drop.Ignored, drop.Superseded, drop.Gone, drop.Queued} {
		ops = append(ops, operation{"End as " + string(to), to, func(_ context.Context, s *suite, it ledger.Item, owner string) error {
			return s.end(it, owner, to)
		}, nil})
	}
	return ops
}

// may reports whether the operation may succeed in a state.
func (o operation) may(from drop.State) bool {
	if o.from != nil {
		return slices.Contains(o.from, from)
	}
	return from != o.to && slices.Contains(legal[from], o.to)
}

// owned is who holds an item of the suite in a state: importing and resting ones nobody does.
func owned(state drop.State) string {
	if state.Active() && state != drop.Queued && state != drop.Importing {
		return me
	}
	return ""
}

// Every move in every state: along the diagram it is made, else it is refused and nothing changes.
func diagram(s *suite) {
	for _, from := range drop.States() {
		for _, op := range operations() {
			if from == op.to {
				continue // it may change what is known of an item where it is
			}
			it := s.inState(from, me)
			err := op.do(s.Context(), s, it, owned(from))
			what := fmt.Sprintf("%s in %s", op.name, from)
			if !op.may(from) {
				if err == nil {
					s.Errorf("%s was made", what)
				}
				s.same(what, it)
				continue
			}
			if err != nil {
				s.Errorf("%s: %v", what, err)
				continue
			}
			if got := s.item(it.ID).State; got != op.to {
				s.Errorf("%s led to %s, not to %s", what, got, op.to)
			}
		}
	}
}

// Who does not hold the item, or believes it where it is not any more, moves nothing.
func refusedMoves(s *suite) {
	for _, from := range drop.States() {
		for _, op := range operations() {
			if !op.may(from) {
				continue
			}
			it := s.inState(from, me)
			what := fmt.Sprintf("%s in %s", op.name, from)
			s.notMoved(what+" by another", op.do(s.Context(), s, it, other))
			s.same(what+" by another", it)
		}
	}
	for _, op := range operations() {
		for _, believed := range drop.States() {
			if !op.may(believed) || believed == drop.Linking {
				continue
			}
			it := s.inState(drop.Linking, me)
			stale := it
			stale.State = believed
			what := fmt.Sprintf("%s of one believed %s that has its asset", op.name, believed)
			s.notMoved(what, op.do(s.Context(), s, stale, me))
			s.same(what, it)
		}
	}
}

// A context that ended before the move is the error, and nothing changes.
func endedContext(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	for _, from := range drop.States() {
		for _, op := range operations() {
			if !op.may(from) || len(op.name) > 6 && op.name[:6] == "End as" {
				continue
			}
			it := s.inState(from, me)
			if err := op.do(ctx, s, it, owned(from)); !errors.Is(err, context.Canceled) {
				s.Errorf("%s in %s: %v", op.name, from, err)
			}
			s.same(op.name, it)
		}
	}
	if items, err := s.Claim(ctx, all(other, s.in(lease))); !errors.Is(err, context.Canceled) || len(items) > 0 {
		s.Errorf("a claim: %v, %v", ids(items), err)
	}
}

// Every move is told of when it can be read, in its order, and one that is not made is not.
func events(s *suite) {
	it := s.queued()
	s.claim(me)
	must[ledger.Upload](s)(s.UploadCreated(s.Context(), s.item(it.ID), me, upload(1)))
	s.notMoved("a move that is refused", s.Importing(s.Context(), s.item(it.ID), me, s.now()))
	s.must(s.end(s.item(it.ID), me, drop.Failed))
	type moved struct {
		item     int64
		from, to drop.State
		reason   drop.Reason
		path     string
	}
	var got []moved
	for _, e := range s.published() {
		if m, ok := e.(drop.ItemMoved); ok {
			got = append(got, moved{m.Item, m.From, m.To, m.Reason, m.Path})
		}
	}
	want := []moved{{it.ID, "", drop.Queued, "", it.Path}, {it.ID, drop.Queued, drop.Preparing, "", it.Path},
		{it.ID, drop.Preparing, drop.Uploading, "", it.Path}, {it.ID, drop.Uploading, drop.Failed, drop.ReasonRefused, it.Path}}
	if !reflect.DeepEqual(got, want) {
		s.Errorf("told were\n%+v\nwant\n%+v", got, want)
	}
	// Of each of many moves that are made at once.
	for range 20 {
		s.queued()
	}
	n := len(s.claim(me))
	s.equal("moves told of", len(s.published()), 20+n)
}

// Everything is there after the store was closed and opened, and work goes on from there.
func reopening(s *suite) {
	var before []ledger.Item
	for _, state := range drop.States() {
		before = append(before, s.inState(state, me))
	}
	sent := s.uploading(me)
	for n := 1; n <= 2; n++ {
		s.must(s.PartSent(s.Context(), sent, me, ledger.Part{Number: n, Size: 600, CRC32C: math.MaxUint32 - uint32(n), ETag: "etag"}))
	}
	put := s.claimed(me)
	s.must(s.release(put, me, s.in(time.Hour), true))
	before = append(before, sent, put)
	s.must(s.RememberCollections(s.Context(), scope, map[string]string{"Orcs": "c1"}))
	s.must(s.CollectionMade(s.Context(), scope, root, "Elves", "c2"))
	must[[]string](s)(s.WantMembership(s.Context(), scope, "a1", []string{"c1", "c2"}))
	s.must(s.Joined(s.Context(), scope, "a1", "c1"))
	must[[]string](s)(s.WantTags(s.Context(), scope, "a1", []string{"t1", "t2"}))
	s.must(s.Tagged(s.Context(), scope, "a1", []string{"t1"}))
	s.must(s.SetAssetHash(s.Context(), scope, "a1", 9, []byte{1, 2}))
	trouble := ledger.FolderTrouble{Root: []byte(root), Setting: "parent_id", Value: "a0", Detail: because(drop.ReasonFolderSetting).Detail, Since: s.now().UTC()}
	s.must(s.SetFolderTroubles(s.Context(), []ledger.FolderTrouble{trouble}))
	for i := range before { // they have moved on since
		before[i] = s.item(before[i].ID)
	}

	s.reopen()
	for _, it := range before {
		s.same("after opening again", it)
	}
	s.equal("receipts", must[map[int]ledger.Part](s)(s.PartsSent(s.Context(), s.item(sent.ID).Upload.ID)),
		map[int]ledger.Part{1: {Number: 1, Size: 600, CRC32C: math.MaxUint32 - 1, ETag: "etag"}, 2: {Number: 2, Size: 600, CRC32C: math.MaxUint32 - 2, ETag: "etag"}})
	id, ok, err := s.CollectionID(s.Context(), scope, "Orcs")
	s.equal("a collection", []any{id, ok, err}, []any{"c1", true, nil})
	s.equal("collections made", must[int](s)(s.CollectionsMade(s.Context(), scope, root)), 1)
	s.equal("missing collections", must[[]string](s)(s.WantMembership(s.Context(), scope, "a1", []string{"c1", "c2"})), []string{"c2"})
	s.equal("missing tags", must[[]string](s)(s.WantTags(s.Context(), scope, "a1", []string{"t1", "t2"})), []string{"t2"})
	s.equal("an asset's hash", must[[]byte](s)(s.AssetHash(s.Context(), scope, "a1")), []byte{1, 2})
	troubles := must[[]ledger.FolderTrouble](s)(s.FolderTroubles(s.Context()))
	if len(troubles) != 1 || !troubles[0].Since.Equal(trouble.Since) || troubles[0].Detail != trouble.Detail {
		s.Errorf("troubles are %+v", troubles)
	}
	// What a process that died had in its hands is claimed again, where it stood.
	s.must(s.ReleaseAll(s.Context()))
	got := map[drop.State]int{}
	for _, it := range s.claim(other) {
		got[it.State]++
	}
	s.equal("claimed after a restart", got, map[drop.State]int{drop.Preparing: 2, drop.Uploading: 2, drop.Completing: 1, drop.Linking: 1, drop.CleaningUp: 1})
	s.must(s.Completing(s.Context(), claimContent(s, s.item(sent.ID), other), other))
}
