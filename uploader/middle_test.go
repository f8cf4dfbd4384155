package uploader

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/testkit/fakescenario"
	"scenario-drop/ledger"
)

// interrupted asks the daemon to end just before something is written down.
type interrupted struct {
	Items
	at  string
	end func()
}

func (i *interrupted) before(what string) {
	if what == i.at {
		i.end()
	}
}

func (i *interrupted) UploadCreated(ctx context.Context, it ledger.Item, owner string, u ledger.Upload) (ledger.Upload, error) {
	i.before("UploadCreated")
	return i.Items.UploadCreated(ctx, it, owner, u)
}

func (i *interrupted) PartSent(ctx context.Context, it ledger.Item, owner string, p ledger.Part) error {
	i.before("PartSent")
	return i.Items.PartSent(ctx, it, owner, p)
}

func (i *interrupted) Importing(ctx context.Context, it ledger.Item, owner string, next time.Time) error {
	i.before("Importing")
	return i.Items.Importing(ctx, it, owner, next)
}

func (i *interrupted) AssetMade(ctx context.Context, it ledger.Item, owner, asset string) error {
	i.before("AssetMade")
	return i.Items.AssetMade(ctx, it, owner, asset)
}

func (i *interrupted) Finished(ctx context.Context, it ledger.Item, owner, asset string, joined []string) error {
	i.before("Finished")
	return i.Items.Finished(ctx, it, owner, asset, joined)
}

func (i *interrupted) CollectionMade(ctx context.Context, scope, root, name, id string) error {
	i.before("CollectionMade")
	return i.Items.CollectionMade(ctx, scope, root, name, id)
}

func (i *interrupted) Joined(ctx context.Context, scope, asset, collection string) error {
	i.before("Joined")
	return i.Items.Joined(ctx, scope, asset, collection)
}

func (i *interrupted) CleanedUp(ctx context.Context, it ledger.Item, owner string, moved file.Moved, why drop.Why) error {
	i.before("CleanedUp")
	return i.Items.CleanedUp(ctx, it, owner, moved, why)
}

// The daemon is asked to end at the moment when a call was answered, or when what was answered is about
// to be written down. What Scenario acknowledged, and what became of the file, is in the ledger all the same; and
// the daemon that starts next makes one asset of the file.
func TestEndedInTheMiddle(t *testing.T) {
	move := func(r *Rule) { r.After, r.MoveTo = Move, filepath.Join(r.Root, "Uploaded") }
	named := func(r *Rule) { r.Collections = []string{"Orcs"} }
	for _, c := range []struct {
		name string
		size int
		fake fakescenario.Options
		rule func(*Rule)
		call string // the call after whose answer it ends; "": none
		at   string // what is about to be written down
		twin bool   // of a file whose asset is there

		state drop.State // in the ledger, when it has ended
		has   func(*rig, ledger.Item) bool
	}{
		{name: "an upload of two parts was made", size: large, call: fakescenario.Create, state: drop.Uploading,
			has: func(_ *rig, it ledger.Item) bool { return it.Upload.Remote != "" }},
		{name: "an upload of two parts is noted", size: large, at: "UploadCreated", state: drop.Uploading,
			has: func(_ *rig, it ledger.Item) bool { return it.Upload.Remote != "" }},
		{name: "storage has a part", size: large, call: fakescenario.Part, state: drop.Uploading, has: receipt},
		{name: "a receipt is noted", size: large, at: "PartSent", state: drop.Uploading, has: receipt},
		{name: "completed, and Scenario is at work", size: small, fake: fakescenario.Options{Working: 1}, call: fakescenario.Complete, state: drop.Importing},
		{name: "importing is noted", size: small, fake: fakescenario.Options{Working: 1}, at: "Importing", state: drop.Importing},
		{name: "completed and imported", size: small, call: fakescenario.Complete, state: drop.Imported},
		{name: "imported is noted", size: small, at: "Finished", state: drop.Imported},
		{name: "the asset is noted", size: small, rule: move, at: "AssetMade", state: drop.Linking,
			has: func(_ *rig, it ledger.Item) bool { return it.Asset != "" }},
		{name: "a collection was made", size: small, rule: named, call: fakescenario.CollectionCreate, state: drop.Preparing, has: orcs},
		{name: "a collection is noted", size: small, rule: named, at: "CollectionMade", state: drop.Preparing, has: orcs},
		{name: "the asset joined a collection", size: small, twin: true, rule: named, call: fakescenario.Link, state: drop.Linking, has: joined},
		{name: "joining is noted", size: small, twin: true, rule: named, at: "Joined", state: drop.Linking, has: joined},
		{name: "the file was moved", size: small, rule: move, at: "CleanedUp", state: drop.Imported, has: func(r *rig, it ledger.Item) bool {
			_, err := os.Stat(filepath.Join(r.dir, "Uploaded", filepath.Base(it.Path)))
			c, ok, lerr := r.l.CleanupOf(r.Context(), it)
			return err == nil && lerr == nil && ok && c.Done
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, end := context.WithCancel(context.Background())
			defer end()
			run(t, setup{fake: c.fake}, func(r *rig) {
				content := r.png(c.size)
				if c.twin {
					r.save("first.png", content)
					r.work()
				}
				r.edit(func(rule *Rule) {
					if c.rule != nil {
						c.rule(rule)
					}
				})
				it := r.save("a.png", content)
				r.start(func(o *Options) { o.Ledger = &interrupted{r.l, c.at, end} })
				if c.call != "" {
					r.Fail(fakescenario.Failure{Op: c.call, Call: end})
				}
				r.workOn(ctx)
				if ctx.Err() == nil {
					t.Fatal("it was not asked to end")
				}
				if it = r.item(it.ID); it.State != c.state || c.has != nil && !c.has(r, it) {
					t.Errorf("what was acknowledged is not written down: the item is %s\n%+v\n%s", it.State, it, r.log)
				}
				// The next one goes on from there.
				parts := r.Count(fakescenario.Part)
				r.must(r.l.ReleaseAll(r.Context()))
				r.start(nil)
				r.running(5 * time.Second)
				it = r.item(it.ID)
				if it.State != drop.Imported {
					t.Errorf("in the end it is %s for %s\n%s", it.State, it.Reason, r.log)
				}
				r.asset(it, content)
				if c.has != nil && c.size == large && r.Count(fakescenario.Create) != 1 {
					t.Errorf("%d uploads were made", r.Count(fakescenario.Create))
				}
				if sent := r.Count(fakescenario.Part); c.size == large && parts+2-min(parts, 1) < sent {
					t.Errorf("%d parts were sent before, and then %d", parts, sent-parts)
				}
				names := 0
				for col, err := range r.Collections(r.Context()) {
					r.must(err)
					if col.Name == "Orcs" {
						names++
					}
				}
				if names > 1 {
					t.Errorf("%d collections of one name were made", names)
				}
			})
		})
	}
}

func receipt(r *rig, it ledger.Item) bool {
	sent, err := r.l.PartsSent(r.Context(), it.Upload.ID)
	return err == nil && len(sent) >= 1
}

func orcs(r *rig, _ ledger.Item) bool {
	_, ok, err := r.l.CollectionID(r.Context(), scope, "Orcs")
	return err == nil && ok
}

func joined(r *rig, it ledger.Item) bool {
	id, _, err := r.l.CollectionID(r.Context(), scope, "Orcs")
	missing, merr := r.l.WantMembership(r.Context(), scope, it.Asset, []string{id})
	return err == nil && merr == nil && !slices.Contains(missing, id)
}
