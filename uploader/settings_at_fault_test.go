package uploader

import (
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// A setting of a folder that Scenario does not take is the folder's trouble, told once, until it is
// mended there or in the config; its files wait, or are sent without.
func TestSettingsAtFault(t *testing.T) {
	const create, collection, asset, made = fakescenario.Create, fakescenario.Collection, fakescenario.Asset, fakescenario.CollectionCreate
	status := fakescenario.Status
	for _, c := range []struct {
		name string
		rule func(*Rule)
		file string // ""; a.png
		fail []fakescenario.Failure

		setting string // at fault
		waits   bool   // all of the folder's files do
		state   drop.State
		reason  drop.Reason

		mend func(*rig) // nil: it is mended at Scenario
		then drop.Reason
	}{
		{name: "a collection that is not there", rule: func(r *Rule) { r.CollectionIDs = []string{"c0"} }, setting: settingCollectionIDs, waits: true, state: drop.Queued, reason: drop.ReasonFolderSetting,
			mend: func(r *rig) { r.edit(func(rule *Rule) { rule.CollectionIDs = nil }) }},
		{name: "a collection that is there again", fail: append(fails(create, status(create, 400), 1), fails(collection, status(collection, 404), 1)...),
			setting: settingCollectionIDs, waits: true, state: drop.Queued, reason: drop.ReasonFolderSetting},
		{name: "a collection that cannot be asked for", fail: append(fails(create, status(create, 400), 1), fails(collection, status(collection, 500), always)...),
			state: drop.Queued, reason: drop.ReasonServerFault},
		{name: "a collection that may not be asked for", fail: append(fails(create, status(create, 400), 1), fails(collection, status(collection, 403), 1)...),
			state: drop.Failed, reason: drop.ReasonRefused, mend: func(r *rig) { must[int](r)(r.l.AskRetry(r.Context())); r.must(r.l.DoAsked(r.Context(), nil)) }},
		{name: "a name that no collection may have", rule: func(r *Rule) { r.Collections = []string{"Orcs"} }, fail: fails(made, status(made, 400), 2),
			setting: settingCollections, waits: true, state: drop.Queued, reason: drop.ReasonFolderSetting},
		{name: "a collection of a subfolder may not be made", rule: func(r *Rule) { r.SubfolderCollections, r.MaxNewCollections = true, 9 }, file: "Orcs/a.png", fail: fails(made, status(made, 403), 2),
			setting: settingSubfolders, state: drop.Queued, reason: drop.ReasonFolderSetting},
		{name: "more subfolders than collections are made for", rule: func(r *Rule) { r.SubfolderCollections = true }, file: "Orcs/a.png",
			setting: settingMaxNew, state: drop.Queued, reason: drop.ReasonFolderSetting, mend: func(r *rig) { r.edit(func(rule *Rule) { rule.MaxNewCollections = 1 }) }},
		{name: "the collection is made by a person", rule: func(r *Rule) { r.SubfolderCollections = true }, file: "Orcs/a.png",
			setting: settingMaxNew, state: drop.Queued, reason: drop.ReasonFolderSetting, mend: func(r *rig) { r.collection("Orcs") }},
		{name: "a parent that is not there", rule: func(r *Rule) { r.ParentID = "a0" }, setting: settingParent, state: drop.Imported, reason: drop.ReasonWithoutParent,
			mend: func(r *rig) { r.edit(func(rule *Rule) { rule.ParentID = "" }) }, then: drop.ReasonWithoutParent},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{options: func(o *Options) { o.SettingsEvery = time.Second }}, func(r *rig) {
				if c.rule == nil {
					id := r.collection("Given")
					c.rule = func(rule *Rule) { rule.CollectionIDs = []string{id} }
				}
				r.edit(c.rule)
				if c.file == "" {
					c.file = "a.png"
				}
				content := r.png(small)
				it := r.save(c.file, content)
				r.Fail(c.fail...)
				r.work()
				it = r.stands(it, c.state, c.reason)
				troubles := r.u.folders.troubles.list()
				if c.setting == "" && len(troubles) > 0 || c.setting != "" && (len(troubles) != 1 || troubles[0].Setting != c.setting || troubles[0].Waits != c.waits) {
					t.Fatalf("the troubles are %+v", troubles)
				}
				if waiting := r.u.WaitingFolders(); (len(waiting) > 0) != c.waits {
					t.Errorf("waiting are %v", waiting)
				}
				if c.reason == drop.ReasonFolderSetting && it.Attempts != 0 {
					t.Errorf("%d attempts are counted against the file", it.Attempts)
				}
				// The next file of the folder asks for nothing more, and whoever starts next knows.
				before := len(r.Calls())
				if c.waits {
					next := r.saved("next.png", small)
					claim := must[[]ledger.Item](r)(r.l.Claim(r.Context(), ledger.Claim{Owner: "x", Until: r.u.now().Add(time.Second), MaxSize: 1 << 62, Limit: 9, Unavailable: r.u.idler.unavailable()}))
					if len(claim) > 0 || len(r.Calls()) != before {
						t.Errorf("files of a folder that waits are taken up: %v", claim)
					}
					r.stands(next, drop.Queued, "")
				}
				r.start(nil)
				r.must(r.u.Begin(r.Context()))
				if got := r.u.folders.troubles.list(); len(got) != len(troubles) || len(got) > 0 && got[0].Setting != c.setting {
					t.Errorf("after a restart the troubles are %+v", got)
				}
				if c.mend != nil {
					c.mend(r)
				}
				r.Heal()
				r.later(time.Minute)
				r.stands(it, drop.Imported, c.then)
				r.asset(it, content)
				if len(r.u.FolderTroubles()) > 0 || !r.u.SettingsChecked() {
					t.Errorf("there is trouble: %+v", r.u.folders.troubles.list())
				}
			})
		})
	}
}

// A parent that Scenario takes again is asked for again.
func TestParentThatIsBack(t *testing.T) {
	run(t, setup{}, func(r *rig) {
		parent := r.AddAsset(scenario.Asset{Name: "parent.png", Status: "success"}, []byte("x"))
		r.edit(func(rule *Rule) { rule.ParentID = parent })
		const create, asset = fakescenario.Create, fakescenario.Asset
		r.Fail(append(fails(create, fakescenario.Status(create, 400), 1), fails(asset, fakescenario.Status(asset, 404), 1)...)...)
		r.stands(r.worked("a.png", small), drop.Imported, drop.ReasonWithoutParent)
		r.stands(r.worked("b.png", small), drop.Imported, drop.ReasonWithoutParent) // not asked again for each file
		if n := r.Count(create); n != 3 {
			t.Errorf("%d uploads were asked for", n)
		}
		r.later(time.Second)
		it := r.stands(r.worked("c.png", small), drop.Imported, "")
		if a := must[*scenario.Asset](r)(r.GetAsset(r.Context(), it.Asset)); a.ParentID != parent {
			t.Errorf("the parent is %q", a.ParentID)
		}
	})
}

// One file of a kind that is not allowed asks; the others are held without a request, until one of
// them is let, or a person asks.
func TestNotAllowedByKind(t *testing.T) {
	const create, complete = fakescenario.Create, fakescenario.Complete
	for name, op := range map[string]string{"refused when it is made": create, "refused when it is completed": complete} {
		t.Run(name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				r.Fail(fails(op, fakescenario.PlanLimit(op), always)...)
				first := r.worked("first.png", small)
				r.stands(first, drop.Held, drop.ReasonPlanLimit)
				n := r.Count(create)
				var others []ledger.Item
				for _, name := range []string{"a.png", "b.png", "c.png"} {
					others = append(others, r.worked(name, small))
				}
				for _, it := range others {
					r.stands(it, drop.Held, drop.ReasonPlanLimit)
				}
				if got := r.Count(create); got != n {
					t.Errorf("%d more requests were made", got-n)
				}
				// One is tried now and then: no, and no.
				for range 2 {
					r.must(r.u.TryNotAllowed(r.Context()))
					r.work()
				}
				if got := r.Count(op); got != 3 {
					t.Errorf("it was asked %d times in three turns", got)
				}
				// A new process does not know, but the ledger does.
				r.start(nil)
				r.must(r.u.Begin(r.Context()))
				r.work()
				if got := r.Count(op); got != 4 {
					t.Errorf("it was asked %d times after a restart", got)
				}
				r.Heal()
				r.running(notAllowedRetry + 5*time.Second) // the turn comes by itself
				for _, it := range append(others, first) {
					r.stands(it, drop.Imported, "")
				}
			})
		})
	}
}

// What a person asks for is asked of Scenario again, file by file.
func TestNotAllowedAsked(t *testing.T) {
	const create = fakescenario.Create
	run(t, setup{}, func(r *rig) {
		r.Fail(fails(create, fakescenario.Status(create, 403), 1)...)
		first := r.worked("first.png", small)
		second := r.worked("second.png", small)
		r.stands(first, drop.Held, drop.ReasonNotAllowed)
		r.stands(second, drop.Held, drop.ReasonNotAllowed)
		must[int](r)(r.l.Retry(r.Context(), []string{second.Path}))
		r.u.AskAgain()
		r.work()
		r.stands(second, drop.Imported, "")
		r.work() // it was let: so are the others
		r.stands(first, drop.Imported, "")
	})
}
