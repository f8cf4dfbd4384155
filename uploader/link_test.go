package uploader

import (
	"errors"
	"slices"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// duplicate saves a file twice, the second time with a rule, and works on it: it is a duplicate of an
// asset that is there.
func (r *rig) duplicate(rule func(*Rule)) ledger.Item {
	r.Helper()
	content := r.png(small)
	r.save("first.png", content)
	r.work()
	r.edit(rule)
	return r.save("second.png", content)
}

// What each error of joining collections, and of tags, means for an item whose asset is there.
func TestErrorsAfterTheImport(t *testing.T) {
	const link, tags, asset, made, list = fakescenario.Link, fakescenario.Tags, fakescenario.Asset, fakescenario.CollectionCreate, fakescenario.Collections
	const first, server = 1500 * time.Millisecond, 750 * time.Millisecond
	status := fakescenario.Status
	named, tagged := func(r *Rule) { r.Collections = []string{"Orcs"} }, func(r *Rule) { r.Tags = []string{"orc"} }
	for _, c := range []struct {
		name string
		rule func(*Rule)
		fail []fakescenario.Failure

		state  drop.State
		reason drop.Reason
		due    time.Duration
	}{
		{name: "all is well", rule: named, state: drop.Imported},
		{name: "join: no network for a while", rule: named, fail: fails(link, fakescenario.Lost(link), 9), state: drop.Imported},
		{name: "join: done, the answer is lost", rule: named, fail: []fakescenario.Failure{{Op: link, Err: fakescenario.Lost(link), Done: true}}, state: drop.Imported},
		{name: "join: done, and refused", rule: named, fail: []fakescenario.Failure{{Op: link, Err: status(link, 400), Done: true}}, state: drop.Imported},
		{name: "join: refused", rule: named, fail: fails(link, status(link, 400), always), state: drop.Linking, reason: drop.ReasonNotLinked, due: first},
		{name: "join: refused, and the asset cannot be asked for", rule: named, fail: []fakescenario.Failure{{Op: link, Err: status(link, 400)}, {Op: asset, Err: status(asset, 500), Times: always, Skip: 1}},
			state: drop.Linking, reason: drop.ReasonServerFault, due: server},
		{name: "join: not allowed", rule: named, fail: fails(link, status(link, 403), always), state: drop.Linking, reason: drop.ReasonNotAllowed, due: notAllowedRetry},
		{name: "join: a limit of the plan", rule: named, fail: fails(link, fakescenario.PlanLimit(link), always), state: drop.Linking, reason: drop.ReasonPlanLimit, due: notAllowedRetry},
		{name: "join: a fault that stays", rule: named, fail: fails(link, status(link, 500), always), state: drop.Linking, reason: drop.ReasonServerFault, due: server},
		{name: "join: the collection that was found by its name is gone", rule: named, fail: fails(link, status(link, 404), 1), state: drop.Linking, reason: drop.ReasonError, due: server},
		{name: "what it is in: rejected", rule: named, fail: fails(asset, status(asset, 400), always), state: drop.Linking, reason: drop.ReasonNotLinked, due: first},
		{name: "what it is in: not allowed", rule: named, fail: fails(asset, status(asset, 403), always), state: drop.Linking, reason: drop.ReasonNotAllowed, due: notAllowedRetry},
		{name: "what it is in: the asset is gone", rule: named, fail: fails(asset, status(asset, 404), 1), state: drop.Queued, reason: drop.ReasonAssetGone},
		{name: "make a collection: a fault that stays", rule: named, fail: fails(made, status(made, 500), always), state: drop.Linking, reason: drop.ReasonServerFault, due: server},
		{name: "make a collection: no network for a while", rule: named, fail: fails(made, fakescenario.Lost(made), 9), state: drop.Imported},
		{name: "make a collection: made, the answer is lost", rule: named, fail: []fakescenario.Failure{{Op: made, Err: fakescenario.Lost(made), Done: true}}, state: drop.Imported},
		{name: "make a collection: rejected", rule: named, fail: fails(made, status(made, 400), always), state: drop.Linking, reason: drop.ReasonFolderSetting, due: notAllowedRetry},
		{name: "make a collection: not allowed", rule: named, fail: fails(made, status(made, 403), always), state: drop.Linking, reason: drop.ReasonFolderSetting, due: notAllowedRetry},
		{name: "list collections: a fault that stays", rule: named, fail: fails(list, status(list, 500), always), state: drop.Linking, reason: drop.ReasonServerFault, due: server},
		{name: "list collections: rejected", rule: named, fail: fails(list, status(list, 400), always), state: drop.Linking, reason: drop.ReasonFolderSetting, due: notAllowedRetry},

		{name: "tags", rule: tagged, state: drop.Imported},
		{name: "tags: no network for a while", rule: tagged, fail: fails(tags, fakescenario.Lost(tags), 9), state: drop.Imported},
		{name: "tags: rejected", rule: tagged, fail: fails(tags, status(tags, 400), always), state: drop.Linking, reason: drop.ReasonNotTagged, due: first},
		{name: "tags: no such call", rule: tagged, fail: fails(tags, status(tags, 404), always), state: drop.Linking, reason: drop.ReasonNotTagged, due: first},
		{name: "tags: the asset is gone", rule: tagged, fail: append(fails(tags, status(tags, 404), 1), fakescenario.Failure{Op: asset, Err: status(asset, 404), Skip: 1}), state: drop.Queued, reason: drop.ReasonAssetGone},
		{name: "tags: not allowed", rule: tagged, fail: fails(tags, status(tags, 403), always), state: drop.Linking, reason: drop.ReasonNotAllowed, due: notAllowedRetry},
		{name: "tags: a fault that stays", rule: tagged, fail: fails(tags, status(tags, 500), always), state: drop.Linking, reason: drop.ReasonNotTagged, due: first},
		{name: "tags: something of our own", rule: tagged, fail: fails(tags, errors.New("no idea"), always), state: drop.Linking, reason: drop.ReasonError, due: server},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				it := r.duplicate(c.rule)
				r.Fail(c.fail...)
				r.work()
				r.stands(it, c.state, c.reason)
				if c.due > 0 {
					r.due(it, c.due)
				}
				if c.state == drop.Linking && (c.reason == drop.ReasonServerFault || c.reason == drop.ReasonNotLinked) && r.item(it.ID).Attempts != 1 {
					t.Errorf("%d attempts are counted", r.item(it.ID).Attempts)
				}
				// In the end it is imported, in its collection, which is there once, with its tags.
				r.Heal()
				if c.reason == drop.ReasonAssetGone {
					assets, _, _ := r.Held()
					r.Delete(assets[0].ID) // as was said
				}
				r.u.AskAgain()
				r.later(notAllowedRetry)
				it = r.stands(it, drop.Imported, "")
				a := must[*scenario.Asset](r)(r.GetAsset(r.Context(), it.Asset))
				if len(a.CollectionIDs) != len(r.rule.Collections) || !slices.Equal(a.Tags, r.rule.Tags) {
					t.Errorf("the asset is in %v and has the tags %q", a.CollectionIDs, a.Tags)
				}
				if n := r.Count(made); c.reason == "" && c.fail == nil && n > 1 {
					t.Errorf("%d collections were made", n)
				}
				if len(r.u.FolderTroubles()) > 0 {
					t.Errorf("there is still trouble: %v", r.u.FolderTroubles())
				}
			})
		})
	}
}

// Models join their collections, and get their tags, after the import, for an upload takes none.
func TestModels(t *testing.T) {
	for name, noTags := range map[string]bool{"with tags": false, "without tags": true} {
		t.Run(name, func(t *testing.T) {
			run(t, setup{fake: fakescenario.Options{NoModelTags: noTags}}, func(r *rig) {
				orcs := r.collection("Orcs")
				r.edit(func(rule *Rule) {
					rule.Kind, rule.CollectionIDs, rule.Tags = "model", []string{orcs}, []string{"orc"}
					rule.Included = func(string) bool { return true }
				})
				it := r.save("a.safetensors", []byte("\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}        "))
				r.work()
				it = r.item(it.ID)
				_, _, models := r.Held()
				if it.State != drop.Imported || (it.Detail != "") != noTags || len(models) != 1 || !slices.Equal(models[0].CollectionIDs, []string{orcs}) {
					t.Errorf("the item is %s for %s %v, the models are %+v\n%s", it.State, it.Reason, it.Detail, models, r.log)
				}
			})
		})
	}
}
