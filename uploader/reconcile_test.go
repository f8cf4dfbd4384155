package uploader

import (
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
)

// A file that was there before the ledger is compared with what Scenario holds before it is sent.
func TestReconcile(t *testing.T) {
	const assets, asset, download = fakescenario.Assets, fakescenario.Asset, fakescenario.Download
	status := fakescenario.Status
	same := func(r *rig, content []byte) []byte { return content }
	for _, c := range []struct {
		name  string
		held  func(r *rig, content []byte) []byte // what Scenario holds under the file's name; nil: nothing
		fail  []fakescenario.Failure
		size  int
		first bool // it may be the first ledger; else one is known to be lost

		state  drop.State
		reason drop.Reason
		asset  bool // it is the asset that was there
	}{
		{name: "nothing is there", state: drop.Imported},
		{name: "the same bytes", held: same, state: drop.Imported, asset: true},
		{name: "the same bytes of a medium file", size: medium, held: same, state: drop.Imported, asset: true},
		{name: "other bytes of that size", held: func(r *rig, c []byte) []byte { return r.png(len(c)) }, state: drop.Imported},
		{name: "another size", held: func(r *rig, c []byte) []byte { return r.png(len(c) + 1) }, state: drop.Imported},
		{name: "its bytes cannot be had", held: same, fail: fails(download, status(download, 400), always), state: drop.Held, reason: drop.ReasonPossibleDuplicate},
		{name: "its bytes cannot be had for a moment", held: same, fail: fails(download, status(download, 500), 1), state: drop.Imported, asset: true},
		{name: "no network for a while", held: same, fail: fails(assets, fakescenario.Lost(assets), 5), state: drop.Imported, asset: true},
		{name: "there is no list", fail: fails(assets, status(assets, 404), always), state: drop.Held, reason: drop.ReasonCannotReconcile},
		{name: "there is no list, and it may be the first ledger", first: true, fail: fails(assets, status(assets, 404), always), state: drop.Imported},
		{name: "the list may not be read", fail: fails(assets, status(assets, 403), always), state: drop.Held, reason: drop.ReasonCannotReconcile},
		{name: "the list cannot be read now", held: same, fail: fails(assets, status(assets, 500), always), state: drop.Queued, reason: drop.ReasonReconciling},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				if c.size == 0 {
					c.size = small
				}
				r.must(r.l.SetUnreconciled(r.Context(), ledger.Unreconciled{Before: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), Lost: !c.first}))
				content, there := r.png(c.size), ""
				if c.held != nil {
					there = r.AddAsset(scenario.Asset{Name: "a.png", Status: "success", CreatedAt: time.Now()}, c.held(r, content))
				}
				it := r.save("a.png", content)
				r.Fail(c.fail...)
				r.running(2 * time.Minute)
				it = r.stands(it, c.state, c.reason)
				if c.asset != (it.Asset != "" && it.Asset == there) || c.asset && r.Count(fakescenario.Create) > 0 {
					t.Errorf("its asset is %q, there was %q; the calls were %v", it.Asset, there, r.Calls())
				}
				if c.state == drop.Imported {
					return
				}
				// Nothing was sent; a person says that it is to be.
				if r.Count(fakescenario.Create) > 0 {
					t.Errorf("the calls were %v", r.Calls())
				}
				if c.state == drop.Held {
					must[int](r)(r.l.Retry(r.Context(), []string{it.Path}))
				}
				r.Heal()
				r.later(10 * time.Minute)
				r.stands(it, drop.Imported, "")
			})
		})
	}
}

// What a person says is the asset is taken, unless it is gone or known to be another file's.
func TestLinkExisting(t *testing.T) {
	const download = fakescenario.Download
	for _, c := range []struct {
		name   string
		before func(r *rig, asset string)
		state  drop.State
		reason drop.Reason
	}{
		{name: "taken", state: drop.Imported, reason: drop.ReasonLinkedExisting},
		{name: "it is gone", before: func(r *rig, asset string) { r.Delete(asset) }, state: drop.Held, reason: drop.ReasonCannotReconcile},
		{name: "it cannot be asked for", before: func(r *rig, _ string) {
			r.Fail(fails(fakescenario.Asset, fakescenario.Status(fakescenario.Asset, 500), always)...)
		}, state: drop.Queued, reason: drop.ReasonServerFault},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				r.must(r.l.SetUnreconciled(r.Context(), ledger.Unreconciled{Before: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), Lost: true}))
				content := r.png(small)
				there := r.AddAsset(scenario.Asset{Name: "a.png", Status: "success", CreatedAt: time.Now()}, content)
				it := r.save("a.png", content)
				r.Fail(fails(download, fakescenario.Status(download, 400), always)...)
				r.running(time.Minute)
				it = r.stands(it, drop.Held, drop.ReasonPossibleDuplicate)
				if len(it.Candidates) != 1 || it.Candidates[0] != there {
					t.Fatalf("the candidates are %v", it.Candidates)
				}
				if c.before != nil {
					c.before(r, there)
				}
				must[ledger.LinkedExisting](r)(r.l.LinkExisting(r.Context(), []string{it.Path}))
				r.work()
				it = r.stands(it, c.state, c.reason)
				if c.state == drop.Imported && it.Asset != there || r.Count(fakescenario.Create) > 0 {
					t.Errorf("its asset is %q; the calls were %v", it.Asset, r.Calls())
				}
			})
		})
	}
}

// Where other computers send the files of a share, too, what they made since is found before a file is sent twice.
func TestSharedFolder(t *testing.T) {
	run(t, setup{options: func(o *Options) { o.Shared = func(string) bool { return true } }}, func(r *rig) {
		content := r.png(small)
		there := r.AddAsset(scenario.Asset{Name: "a.png", Status: "success", CreatedAt: time.Now().AddDate(100, 0, 0)}, content)
		it := r.save("a.png", content)
		other := r.saved("b.png", small)
		r.running(time.Minute)
		if it = r.stands(it, drop.Imported, ""); it.Asset != there {
			t.Errorf("its asset is %q, not %q", it.Asset, there)
		}
		r.stands(other, drop.Imported, "")
		if n := r.Count(fakescenario.Create); n != 1 {
			t.Errorf("%d uploads were made", n)
		}
	})
}
