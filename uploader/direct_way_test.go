package uploader

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/standin"
)

// Small images go in one request each; all else goes in parts.
func TestSmallImagesGoDirect(t *testing.T) {
	t.Parallel()
	d := newDrop(t, dropOptions{rule: func(r *Rule) { r.Collections = []string{"Orcs"} }})
	d.run()
	before, first := d.proven()
	a := d.save("a.png", png(1000, 1))
	b := d.save("sub/b.png", png(readSize+1000, 2)) // hashed on the way
	for _, name := range []string{"a.png", "sub/b.png"} {
		d.rests(name, drop.Imported)
	}
	if posts, creates := d.asked(standin.OpAssetUpload, before), d.asked(standin.OpCreate, before); posts != 2 || creates != 0 {
		t.Errorf("%d images in one request and %d in parts, want 2 and 0", posts, creates)
	}
	version := d.save("a.png", png(1500, 3))
	d.rests("a.png", drop.Imported)
	large := d.save("large.png", png(scenario.MaxImage, 4))
	other := d.save("other.tga", noise(1000, 5))
	for _, name := range []string{"large.png", "other.tga"} {
		d.rests(name, drop.Imported)
	}
	if posts, creates := d.asked(standin.OpAssetUpload, before), d.asked(standin.OpCreate, before); posts != 3 || creates != 2 {
		t.Errorf("%d images in one request and %d in parts, want 3 and 2", posts, creates)
	}
	d.save("copy.png", png(1000, 1))
	copied := d.rests("copy.png", drop.Imported)
	d.holds(first, a, b, version, large, other)
	account := d.server.Account()
	orcs, _ := account.Collection("Orcs")
	for _, e := range account.Assets {
		if !slices.Contains(orcs.Assets, e.ID) {
			t.Errorf("%s is not in its collection", e.Name)
		}
		switch {
		case e.SHA256 == version && e.ParentID != copied.Asset:
			t.Errorf("the version has the parent %q, want %q", e.ParentID, copied.Asset)
		case e.SHA256 == b && (e.Name != "b.png" || e.MIME != "image/png"):
			t.Errorf("b.png is %+v", e)
		}
	}
	if n := d.asked(standin.OpLink, nil); n != 0 {
		t.Errorf("%d requests to join a collection that came with the image", n)
	}
}

func TestHiddenImagesGoInParts(t *testing.T) {
	t.Parallel()
	d := newDrop(t, dropOptions{rule: func(r *Rule) { r.Hide = true }})
	d.run()
	sum := d.save("a.png", png(1000, 1))
	d.rests("a.png", drop.Imported)
	d.holds(sum)
	if n := d.asked(standin.OpAssetUpload, nil); n != 0 {
		t.Errorf("%d images in one request", n)
	}
}

// However a request ends, the image is one asset; sent a second time it is only after it
// is known that the first time made none.
func TestDirectRequestThatFails(t *testing.T) {
	t.Parallel()
	const times = 1
	for name, c := range map[string]struct {
		fault          standin.Fault
		play           standin.Play
		posts, creates int // sendings in one request, and in parts
		// All of it may have left before the answer came: what became of it is found out then.
		maybeLost bool
	}{
		"answer lost":                  {fault: standin.Fault{When: standin.After, Do: standin.DoDrop}, posts: 1},
		"answer lost, reset":           {fault: standin.Fault{When: standin.After, Do: standin.DoDrop, Reset: true}, posts: 1},
		"answer lost, listed late":     {fault: standin.Fault{When: standin.After, Do: standin.DoDrop}, play: standin.Play{ListedAfter: lostAfter / 3}, posts: 1},
		"request lost":                 {fault: standin.Fault{When: standin.Before, Do: standin.DoDrop}, posts: 1, creates: 1},
		"request broken off":           {fault: standin.Fault{When: standin.Middle, Do: standin.DoDrop}, posts: 2, maybeLost: true},
		"gateway tired of waiting":     {fault: standin.Fault{When: standin.After, Do: standin.DoStatus, Status: 504}, posts: 1},
		"server fault":                 {fault: standin.Fault{When: standin.Before, Do: standin.DoStatus, Status: 500}, posts: 1, creates: 1},
		"server fault in the middle":   {fault: standin.Fault{When: standin.Middle, Do: standin.DoStatus, Status: 500}, posts: 2, maybeLost: true},
		"half an answer":               {fault: standin.Fault{When: standin.After, Do: standin.DoGarbage}, posts: 1},
		"a login page":                 {fault: standin.Fault{When: standin.After, Do: standin.DoHTML}, posts: 1},
		"a login page in place":        {fault: standin.Fault{When: standin.Before, Do: standin.DoHTML}, posts: 1, creates: 1},
		"too fast":                     {fault: standin.Fault{When: standin.Before, Do: standin.DoStatus, Status: 429, RetryAfter: "1"}, posts: 2},
		"too fast, said in the middle": {fault: standin.Fault{When: standin.Middle, Do: standin.DoStatus, Status: 429}, posts: 2},
		"too large":                    {fault: standin.Fault{When: standin.Before, Do: standin.DoStatus, Status: 413}, posts: 1, creates: 1},
		"too large, said early":        {fault: standin.Fault{When: standin.Middle, Do: standin.DoStatus, Status: 413}, posts: 1, creates: 1},
		"refused":                      {fault: standin.Fault{When: standin.Before, Do: standin.DoStatus, Status: 400}, posts: 1, creates: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDrop(t, dropOptions{Options: standin.Options{Play: c.play}})
			d.run()
			before, first := d.proven()
			c.fault.Op, c.fault.Times = standin.OpAssetUpload, times
			d.server.Inject(c.fault)
			sum := d.save("a.png", png(100_000, 1))
			it := d.rests("a.png", drop.Imported)
			d.holds(first, sum)
			if posts, creates := d.asked(standin.OpAssetUpload, before), d.asked(standin.OpCreate, before); (posts != c.posts || creates != c.creates) && !(c.maybeLost && posts == 1 && creates == 1) {
				t.Errorf("%d sendings in one request and %d in parts, want %d and %d", posts, creates, c.posts, c.creates)
			}
			if fired := d.server.Account().Fired; fired != times {
				t.Errorf("%d faults", fired)
			}
			if e := d.server.Account().BySHA256()[sum]; len(e) != 1 || e[0].ID != it.Asset {
				t.Errorf("the local database has the asset %s", it.Asset)
			}
		})
	}
}

// An image that is cut off by the end of the process, at any moment of its request, is one
// asset after the next start.
func TestDirectRequestAndARestart(t *testing.T) {
	t.Parallel()
	for when, parts := range map[string][]int{standin.Before: {1}, standin.Middle: {0, 1}, standin.After: {0}} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			d := newDrop(t, dropOptions{})
			d.run()
			before, first := d.proven()
			d.server.Inject(standin.Fault{Op: standin.OpAssetUpload, When: when, Do: standin.DoStall})
			sum := d.save("a.png", png(100_000, 1))
			d.until(func() bool { return d.server.Account().Fired == 1 }, func() string { return "it is being sent" })
			d.until(func() bool {
				s := d.item("a.png").State
				return s == drop.Completing || s == drop.Preparing && when == standin.Middle
			},
				func() string { return "the intent is written down" })
			d.until(func() bool { return when != standin.After || len(d.server.Account().Assets) == 2 }, func() string { return "the asset is made" })
			d.stop()
			d.server.ClearFaults()
			d.run()
			d.rests("a.png", drop.Imported)
			d.holds(first, sum)
			if n := d.asked(standin.OpCreate, before); !slices.Contains(parts, n) {
				t.Errorf("sent in parts %d times, want %d", n, parts)
			}
		})
	}
}

// Of several images with one name and one size whose answers are lost together, each
// becomes its own asset, and one that was not made is not taken for another's.
func TestLostAnswersOfOneName(t *testing.T) {
	t.Parallel()
	d := newDrop(t, dropOptions{lostAfter: 4 * time.Second}) // enough for all three to be looked at meanwhile
	d.run()
	_, first := d.proven()
	d.server.Inject(standin.Fault{Op: standin.OpAssetUpload, When: standin.Before, Do: standin.DoDrop})
	d.server.Inject(standin.Fault{Op: standin.OpAssetUpload, When: standin.After, Do: standin.DoDrop, Times: 2})
	sums := []string{first}
	for i, dir := range []string{"a", "b", "c"} {
		sums = append(sums, d.save(dir+"/icon.png", png(5000, uint64(i))))
	}
	account := func() map[string][]standin.Entity { return d.server.Account().BySHA256() }
	for i, dir := range []string{"a", "b", "c"} {
		it := d.rests(dir+"/icon.png", drop.Imported)
		if e := account()[sums[i+1]]; len(e) != 1 || e[0].ID != it.Asset {
			t.Errorf("%s/icon.png is %s", dir, it.Asset)
		}
	}
	d.holds(sums...)
}

// Where Scenario hands out other bytes than it was sent, the user is asked; meanwhile no
// other file with the same content is sent.
func TestLostAnswerThatCannotBeProven(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (d *dropTest, first, sum string) {
		t.Parallel()
		d = newDrop(t, dropOptions{Options: standin.Options{Play: standin.Play{Converted: true}}})
		d.run()
		_, first = d.proven()
		d.server.Inject(standin.Fault{Op: standin.OpAssetUpload, When: standin.After, Do: standin.DoDrop})
		sum = d.save("a.png", png(5000, 1))
		it := d.rests("a.png", drop.Held)
		if it.Reason != ledger.ReasonMaybeSent || len(it.Candidates) != 1 || !strings.Contains(it.Detail, it.Candidates[0]) ||
			!strings.Contains(it.Detail, "adopt PATH") || !strings.Contains(it.Detail, "retry PATH") {
			t.Fatalf("held as %s: %s %v", it.Reason, it.Detail, it.Candidates)
		}
		return d, first, sum
	}
	waits := func(d *dropTest) {
		d.t.Helper()
		d.save("copy.png", png(5000, 1))
		d.until(func() bool { it := d.item("copy.png"); return it.State == drop.Queued && it.Reason == "same-content" },
			func() string { it := d.item("copy.png"); return string(it.State) + " " + it.Reason })
	}
	t.Run("adopt", func(t *testing.T) {
		d, first, sum := begin(t)
		waits(d)
		before := d.server.Account().Requests
		if sum, err := d.ledger.Adopt(t.Context(), []string{filepath.Join(d.dir, "a.png")}); err != nil || sum.Queued != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		d.run()
		if it := d.rests("a.png", drop.Imported); it.Reason != "adopted" {
			t.Errorf("imported: %s", it.Reason)
		}
		d.rests("copy.png", drop.Imported)
		d.holds(first, sum)
		if n := d.asked(standin.OpAssetUpload, before) + d.asked(standin.OpCreate, before); n != 0 {
			t.Errorf("%d were sent", n)
		}
	})
	t.Run("retry", func(t *testing.T) {
		d, _, sum := begin(t)
		before := d.server.Account().Requests
		if n, err := d.ledger.Retry(t.Context(), nil); err != nil || n != 0 {
			t.Errorf("retry without names: %d, %v", n, err)
		}
		if n, err := d.ledger.Retry(t.Context(), []string{filepath.Join(d.dir, "a.png")}); err != nil || n != 1 {
			t.Fatalf("%d, %v", n, err)
		}
		d.run()
		it := d.rests("a.png", drop.Imported)
		if n := d.asked(standin.OpCreate, before); n != 1 || len(d.server.Account().BySHA256()[sum]) != 2 {
			t.Errorf("sent in parts %d times; %v", n, it)
		}
	})
}

// Where Scenario cannot be asked any more, the user is; to look again is no answer, and
// sends nothing.
func TestLostAnswerThatCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	d := newDrop(t, dropOptions{})
	d.run()
	before, first := d.proven()
	d.server.Inject(standin.Fault{Op: standin.OpAssets, Do: standin.DoStatus, Status: 404, Times: -1})
	d.server.Inject(standin.Fault{Op: standin.OpAssetUpload, When: standin.After, Do: standin.DoDrop})
	sum := d.save("a.png", png(5000, 1))
	it := d.rests("a.png", drop.Held)
	if it.Reason != ledger.ReasonCannotTell || !strings.Contains(it.Detail, "cannot be found out") {
		t.Fatalf("held as %s: %s", it.Reason, it.Detail)
	}
	for range 2 {
		if n, err := d.ledger.Retry(t.Context(), nil); err != nil || n != 1 {
			t.Fatalf("retry without names: %d, %v", n, err)
		}
		d.run()
		d.rests("a.png", drop.Held)
	}
	d.server.ClearFaults()
	if _, err := d.ledger.Retry(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	d.run()
	d.rests("a.png", drop.Imported)
	d.holds(first, sum)
	if posts, creates := d.asked(standin.OpAssetUpload, before), d.asked(standin.OpCreate, before); posts != 1 || creates != 0 {
		t.Errorf("%d sendings in one request and %d in parts, want one", posts, creates)
	}
}

// A file that is saved anew, or deleted, while its image is on the line becomes no asset as
// it was.
func TestEditWhileAnImageIsSent(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(t *testing.T, d *dropTest) (sums []string){
		"saved anew":       func(t *testing.T, d *dropTest) []string { return []string{d.save("a.png", png(90_000, 2))} },
		"saved, same size": func(t *testing.T, d *dropTest) []string { return []string{d.save("a.png", png(600_000, 3))} },
		"deleted":          func(t *testing.T, d *dropTest) []string { os.Remove(filepath.Join(d.dir, "a.png")); return nil },
		"replaced by a copy": func(t *testing.T, d *dropTest) []string {
			path := filepath.Join(d.dir, "a.png")
			if err := os.WriteFile(path+"~", png(600_000, 4), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+"~", path); err != nil {
				t.Fatal(err)
			}
			return []string{d.save("a.png", png(600_000, 4))}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDrop(t, dropOptions{bandwidth: 600_000})
			d.run()
			_, first := d.proven()
			d.save("a.png", png(600_000, 1))
			d.until(func() bool {
				all := d.now.Transfers()
				return len(all) == 1 && all[0].Sent > 100_000
			}, func() string { return "a part of it is sent" })
			old := d.item("a.png")
			sums := edit(t, d)
			if len(sums) > 0 {
				d.rests("a.png", drop.Imported)
			}
			d.until(func() bool {
				it, err := d.ledger.Item(t.Context(), old.ID)
				return err == nil && (it.State == drop.Superseded || it.State == drop.Gone)
			}, func() string { return "the old version is off its way" })
			d.holds(append(sums, first)...)
		})
	}
}

// Without a list that shows what the direct way makes, it is not gone: one image is sent by
// it, and the others in parts.
func TestDirectWayThatIsNotProven(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		play  standin.Play
		fault *standin.Fault
	}{
		"no list":                   {play: standin.Play{NoAssetList: true}},
		"listed late":               {play: standin.Play{ListedAfter: time.Hour}},
		"no call for single images": {play: standin.Play{NoAssetUpload: true}},
		"no list with this key":     {fault: &standin.Fault{Op: standin.OpAssets, Do: standin.DoStatus, Status: 403, Times: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDrop(t, dropOptions{Options: standin.Options{Play: c.play}})
			if c.fault != nil {
				d.server.Inject(*c.fault)
			}
			d.run()
			var sums []string
			for i, file := range []string{"a.png", "b.png", "c.png"} {
				sums = append(sums, d.save(file, png(1000, uint64(i))))
				d.rests(file, drop.Imported)
			}
			d.holds(sums...)
			if n := d.asked(standin.OpAssetUpload, nil); n != 1 {
				t.Errorf("%d images in one request, want 1", n)
			}
			if yes, err := d.ledger.ListsAssets(t.Context(), "host#project"); yes || err != nil {
				t.Errorf("proven: %v, %v", yes, err)
			}
		})
	}
}

// Bytes that are not those that were hashed, be it only that the disk gave others the second
// time, never become an asset.
func TestImageThatIsNotWhatWasHashed(t *testing.T) {
	t.Parallel()
	d := newDrop(t, dropOptions{})
	data := png(5000, 1)
	d.save("a.png", data)
	u := d.uploader()
	items, err := d.ledger.Claim(t.Context(), ledger.Claim{Owner: u.owner, Until: time.Now().Add(time.Hour), MaxSize: 1 << 20, Light: true, Limit: 1})
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	w := &worker{Uploader: u, it: items[0], rule: d.rule, shown: u.progress.begin(items[0].ID, items[0].Path, 5000, time.Now()), setAside: func() {}}
	f, err := w.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plan, err := NewPlan(int64(len(data)), MinPartSize)
	if err != nil {
		t.Fatal(err)
	}
	hashed, err := digestFile(t.Context(), bytes.NewReader(data), plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(data)
	other[4000] ^= 1
	s := &sending{worker: w, f: f, from: bytes.NewReader(other), inMemory: true, plan: plan, is: filetype.Of("a.png", data)}
	c := ledger.Content{Scope: "host#project", Kind: "image", Size: plan.Size, SHA256: hashed.sha256}
	done, err := w.small(t.Context(), s, c, &hashed, scenario.NewUpload{FileName: "a.png", ContentType: "image/png"})
	if err != nil || !done {
		t.Errorf("%v, %v", done, err)
	}
	if it := d.item("a.png"); it.State != drop.Queued || it.Reason != "start-over" {
		t.Errorf("it is %s (%s)", it.State, it.Reason)
	}
	d.holds()
}
