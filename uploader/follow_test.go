package uploader

import (
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// What each answer to the check of an import means for the item.
func TestFollow(t *testing.T) {
	const get, asset = fakescenario.Get, fakescenario.Asset
	change := func(f func(*scenario.Upload)) func(*rig, ledger.Item) {
		return func(r *rig, it ledger.Item) { r.Change(it.Upload.Remote, f) }
	}
	changeAsset := func(f func(*scenario.Asset)) func(*rig, ledger.Item) {
		return func(r *rig, _ ledger.Item) {
			assets, _, _ := r.Held()
			r.ChangeAsset(assets[0].ID, f)
		}
	}
	for _, c := range []struct {
		name   string
		fake   fakescenario.Options
		before func(*rig, ledger.Item)
		fail   []fakescenario.Failure
		rule   func(*Rule)

		err    bool // check's own: it is checked again
		state  drop.State
		reason drop.Reason
		due    time.Duration // of one that is checked again
	}{
		{name: "imported", state: drop.Imported},
		{name: "imported, and there is something left to do", rule: func(r *Rule) { r.After = Trash }, state: drop.Linking},
		{name: "at work", fake: fakescenario.Options{Working: 9}, state: drop.Importing, due: secondCheckWait},
		{name: "a status nobody knows", before: change(func(u *scenario.Upload) { u.Status = "celebrating" }), state: drop.Importing, due: secondCheckWait},
		{name: "complete for good, with an asset that is there", fake: fakescenario.Options{StaysComplete: true}, state: drop.Imported},
		{name: "complete, and its asset cannot be read", fake: fakescenario.Options{StaysComplete: true}, fail: fails(asset, fakescenario.Status(asset, 404), 1), state: drop.Importing, due: secondCheckWait},
		{name: "complete, and its asset may not be read", fake: fakescenario.Options{StaysComplete: true}, fail: fails(asset, fakescenario.Status(asset, 403), 1), state: drop.Imported},
		{name: "complete, and assets cannot be asked for now", fake: fakescenario.Options{StaysComplete: true}, fail: fails(asset, fakescenario.Status(asset, 500), always), err: true, state: drop.Importing},
		{name: "complete, and its asset is being made", fake: fakescenario.Options{StaysComplete: true}, before: changeAsset(func(a *scenario.Asset) { a.Status = "pending" }), state: drop.Importing, due: secondCheckWait},
		{name: "complete, and its asset has an error", fake: fakescenario.Options{StaysComplete: true}, before: changeAsset(func(a *scenario.Asset) { a.Status = "error" }), state: drop.Failed, reason: drop.ReasonRefused},
		{name: "complete, and its asset was deleted", fake: fakescenario.Options{StaysComplete: true}, before: changeAsset(func(a *scenario.Asset) { a.DeletedAt = time.Now() }), state: drop.Importing, due: secondCheckWait},
		{name: "failed", before: change(func(u *scenario.Upload) { u.Status, u.EntityID, u.ErrorMessage = "failed", "", "cannot be read" }), state: drop.Failed, reason: drop.ReasonRefused},
		{name: "unknown for a moment", fail: fails(get, fakescenario.Status(get, 404), 1), state: drop.Importing, reason: drop.ReasonUploadUnknown, due: secondCheckWait},
		{name: "may not be asked", fail: fails(get, fakescenario.Status(get, 403), 1), state: drop.Importing, reason: drop.ReasonNotAllowed, due: notAllowedRetry},
		{name: "a limit of the plan", fail: fails(get, fakescenario.PlanLimit(get), 1), state: drop.Importing, reason: drop.ReasonPlanLimit, due: notAllowedRetry},
		{name: "no network for a while", fail: fails(get, fakescenario.Lost(get), 9), state: drop.Imported},
		{name: "a fault that stays", fail: fails(get, fakescenario.Status(get, 500), always), err: true, state: drop.Importing},
		{name: "rejected", fail: fails(get, fakescenario.Status(get, 400), always), err: true, state: drop.Importing},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.fake.Working = max(c.fake.Working, 1)
			if c.state != drop.Importing && c.before == nil || c.fake.StaysComplete {
				c.fake.Working = 1
			}
			run(t, setup{fake: c.fake, rule: c.rule}, func(r *rig) {
				it := r.stands(r.worked("a.png", small), drop.Importing, "")
				if c.fake.Working == 1 { // the next check finds it done
					must[*scenario.Upload](r)(r.GetUpload(r.Context(), it.Upload.Remote))
				}
				if c.before != nil {
					c.before(r, it)
				}
				r.Fail(c.fail...)
				if err := r.follow(it); (err != nil) != c.err {
					t.Errorf("the check ended with %v", err)
				}
				r.stands(it, c.state, c.reason)
				if c.due > 0 {
					r.due(it, c.due)
				}
			})
		})
	}
}

// An import that takes very long says so, and one whose upload stays unknown starts over, but not lightly.
func TestFollowForLong(t *testing.T) {
	t.Run("slow", func(t *testing.T) {
		run(t, setup{fake: fakescenario.Options{Working: 60}}, func(r *rig) {
			it := r.worked("a.png", small)
			for range slowAfterChecks {
				r.must(r.follow(it))
			}
			r.stands(it, drop.Importing, "")
			r.must(r.follow(it))
			r.stands(it, drop.Importing, drop.ReasonSlowImport)
			r.must(r.follow(it))
			r.stands(it, drop.Importing, drop.ReasonSlowImport)
			r.due(it, maxCheckWait)
			r.running(time.Hour)
			r.stands(it, drop.Imported, "")
		})
	})
	t.Run("unknown", func(t *testing.T) {
		run(t, setup{fake: fakescenario.Options{Working: 1}}, func(r *rig) {
			it := r.worked("a.png", small)
			r.Fail(fails(fakescenario.Get, fakescenario.Status(fakescenario.Get, 404), always)...)
			for range maxUnknownChecks {
				r.must(r.follow(it))
				r.stands(it, drop.Importing, drop.ReasonUploadUnknown)
			}
			r.must(r.follow(it))
			r.stands(it, drop.Queued, drop.ReasonStartedOver)
		})
	})
	t.Run("unknown before it is completed", func(t *testing.T) {
		run(t, setup{}, func(r *rig) {
			const complete, get = fakescenario.Complete, fakescenario.Get
			r.Fail(append(fails(complete, fakescenario.Lost(complete), always), fails(get, fakescenario.Status(get, 404), always)...)...)
			it := r.worked("a.png", small)
			for range maxUnknownTries {
				r.stands(it, drop.Completing, drop.ReasonUploadUnknown)
				time.Sleep(maxServerWait)
				r.work()
			}
			r.stands(it, drop.Queued, drop.ReasonStartedOver)
		})
	})
}

// The whole uploader follows many imports through faults, each of which is checked again.
func TestFollowsThroughFaults(t *testing.T) {
	run(t, setup{fake: fakescenario.Options{Working: 2}}, func(r *rig) {
		var items []ledger.Item
		for _, name := range []string{"a.png", "b.png", "c.png"} {
			items = append(items, r.saved(name, small))
		}
		r.Fail(fakescenario.Failure{Op: fakescenario.Get, Err: fakescenario.Status(fakescenario.Get, 500), Times: 12},
			fakescenario.Failure{Op: fakescenario.Get, Err: fakescenario.Status(fakescenario.Get, 400), Times: 3})
		r.running(time.Hour)
		for _, it := range items {
			r.stands(it, drop.Imported, "")
		}
	})
}
