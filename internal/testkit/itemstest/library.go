package itemstest

import (
	"path/filepath"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
)

// What is wanted is remembered before it is asked for, and what was done after it.
func memberships(s *suite) {
	ctx := s.Context()
	for range 2 {
		s.equal("missing", must[[]string](s)(s.WantMembership(ctx, scope, "a1", []string{"c1", "c2"})), []string{"c1", "c2"})
	}
	s.must(s.Joined(ctx, scope, "a1", "c1"))
	s.equal("missing still", must[[]string](s)(s.WantMembership(ctx, scope, "a1", []string{"c1", "c2"})), []string{"c2"})
	s.equal("another asset", must[[]string](s)(s.WantMembership(ctx, scope, "a2", []string{"c1"})), []string{"c1"})
	s.equal("no tags are wanted", must[[]string](s)(s.WantTags(ctx, scope, "a1", nil)), []string(nil))
	s.equal("tags", must[[]string](s)(s.WantTags(ctx, scope, "a1", []string{"t1", "t2"})), []string{"t1", "t2"})
	s.must(s.Tagged(ctx, scope, "a1", []string{"t2"}))
	s.equal("tags still", must[[]string](s)(s.WantTags(ctx, scope, "a1", []string{"t1", "t2"})), []string{"t1"})

	// Finished says at once which collections the asset joined.
	it := s.completing(me)
	s.must(s.Finished(ctx, it, me, "a3", []string{"c1"}))
	s.equal("finished", s.item(it.ID).State, drop.Imported)
	s.equal("joined as it came about", must[[]string](s)(s.WantMembership(ctx, scope, "a3", []string{"c1", "c2"})), []string{"c2"})

	_, ok, err := s.CollectionID(ctx, scope, "Orcs")
	s.equal("a name that is not known", []any{ok, err}, []any{false, nil})
	s.must(s.RememberCollections(ctx, scope, map[string]string{"Orcs": "c1", "Elves": "c2"}))
	s.must(s.RememberCollections(ctx, scope, map[string]string{"Elves": "c3"}))
	s.must(s.CollectionMade(ctx, scope, root, "Trolls", "c4"))
	s.must(s.CollectionMade(ctx, scope, root, "Giants", "c5"))
	s.must(s.CollectionMade(ctx, scope, "", "Named by the config", "c6"))
	for name, want := range map[string]string{"Orcs": "c1", "Elves": "c3", "Trolls": "c4", "Named by the config": "c6"} {
		id, ok, err := s.CollectionID(ctx, scope, name)
		s.equal(name, []any{id, ok, err}, []any{want, true, nil})
	}
	s.equal("made for subfolders", must[int](s)(s.CollectionsMade(ctx, scope, root)), 2)
	s.equal("made elsewhere", must[int](s)(s.CollectionsMade(ctx, "elsewhere", root)), 0)
	s.must(s.ForgetCollection(ctx, scope, "c1"))
	_, ok, err = s.CollectionID(ctx, scope, "Orcs")
	s.equal("forgotten", []any{ok, err}, []any{false, nil})
	s.equal("with who was in it", must[[]string](s)(s.WantMembership(ctx, scope, "a1", []string{"c1"})), []string{"c1"})
}

// What is about to become of a file is written down before, by who holds it; and where files were
// ever moved, and which, is told.
func cleanup(s *suite) {
	ctx := s.Context()
	into := filepath.Join(root, "Uploaded")
	linking := s.linking(me)
	begins := ledger.Cleanup{Target: into, Begun: file.Begun{To: filepath.Join(into, "x.png"), Temporary: ".tmp"}}
	s.notMoved("before its time", s.CleanupBegins(ctx, linking, me, begins))
	s.must(s.CleaningUp(ctx, linking, me))
	it := s.item(linking.ID)
	s.notMoved("by another", s.CleanupBegins(ctx, it, other, begins))
	_, ok, err := s.CleanupOf(ctx, it)
	s.equal("nothing was begun", []any{ok, err}, []any{false, nil})
	s.must(s.CleanupBegins(ctx, it, me, begins))
	s.reopen()
	got, ok, err := s.CleanupOf(ctx, it)
	s.equal("begun", []any{got, ok, err}, []any{begins, true, nil})
	s.equal("where to", must[[]string](s)(s.MoveTargets(ctx)), []string{into})

	moved := file.Moved{Path: begins.Begun.To, Fingerprint: it.Fingerprint}
	moved.Fingerprint.ID.Ino = 77
	s.must(s.CleanedUp(ctx, it, me, moved, because(drop.ReasonMoved)))
	if got, ok, err = s.CleanupOf(ctx, it); err != nil || !ok || !got.Done {
		s.Errorf("done: %+v, %v, %v", got, ok, err)
	}
	it = s.item(it.ID)
	s.equal("it is imported", []any{it.State, it.Reason}, []any{drop.Imported, drop.ReasonMoved})

	// A file with the same bytes, size and time may be that very one, brought back.
	back := s.seen("back.png")
	back.Fingerprint = it.Fingerprint
	again := s.admit(back)
	s.claim(me)
	c := s.content(it)
	must[ledger.Claimant](s)(s.ClaimContent(ctx, s.item(again.ID), me, c))
	s.equal("moved before", must[[]ledger.Earlier](s)(s.MovedBefore(ctx, s.item(again.ID))), []ledger.Earlier{{Path: moved.Path, Ino: 77}})
	s.equal("another was not", must[[]ledger.Earlier](s)(s.MovedBefore(ctx, s.claimed(me))), []ledger.Earlier(nil))
}

// What is not allowed is held by kind, and let on some at a time, who waited longest first.
func notAllowed(s *suite) {
	ctx := s.Context()
	var held []int64
	for range 3 {
		it := s.claimed(me)
		it.Kind, it.Scope = "video", scope
		s.must(s.NotAllowed(ctx, it, me, because(drop.ReasonPlanLimit)))
		held = append(held, it.ID)
		s.advance(time.Second)
	}
	kinds := must[[]ledger.KindNotAllowed](s)(s.KindsNotAllowed(ctx))
	if len(kinds) != 1 || kinds[0].Kind != "video" || kinds[0].Why != because(drop.ReasonPlanLimit) {
		s.Errorf("the kinds are %+v", kinds)
	}
	s.equal("nothing is claimed", ids(s.claim(me)), []int64(nil))
	s.equal("of another kind", ids(must[[]ledger.Item](s)(s.TakeNotAllowed(ctx, "image", 9))), []int64(nil))
	s.equal("one", ids(must[[]ledger.Item](s)(s.TakeNotAllowed(ctx, "video", 1))), held[:1])
	s.equal("the others", ids(must[[]ledger.Item](s)(s.TakeNotAllowed(ctx, "video", 9))), held[1:])
	s.equal("claimed", ids(s.claim(me)), held)
	s.equal("none is left", len(must[[]ledger.KindNotAllowed](s)(s.KindsNotAllowed(ctx))), 0)
}

// The files of a folder whose setting was mended go on, and those of no other.
func folderTroubles(s *suite) {
	ctx := s.Context()
	there := s.seen("elsewhere.png")
	there.Root = filepath.FromSlash("/other")
	wait := func(it ledger.Item) {
		s.Helper()
		s.must(s.Release(ctx, it, me, s.in(time.Hour), false, because(drop.ReasonFolderSetting)))
	}
	here := s.claimed(me)
	wait(here)
	elsewhere := s.admit(there)
	s.claim(me)
	wait(s.item(elsewhere.ID))
	other := s.claimed(me)
	s.must(s.release(other, me, s.in(time.Hour), false)) // waits for something else
	s.must(s.FolderMended(ctx, root))
	s.equal("going on", ids(s.claim(me)), []int64{here.ID})

	// Held for its kind, it is judged again with the folder's rules.
	judged := s.claimed(me)
	s.must(s.End(ctx, judged, me, drop.Held, because(drop.ReasonOtherKind)))
	s.must(s.end(s.claimed(me), me, drop.Held))
	s.equal("judged elsewhere", must[int](s)(s.RecheckKinds(ctx, there.Root)), 0)
	s.equal("judged", must[int](s)(s.RecheckKinds(ctx, root)), 1)
	s.equal("queued again", ids(s.claim(me)), []int64{judged.ID})
}
