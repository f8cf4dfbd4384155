package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"scenario-drop/internal/testkit/powertest"
	"scenario-drop/standin"
)

// workday is a run of the program with its data directory on a disk whose power fails:
// a file of one part and one of two, copies of both, a newer version, and a model that
// is moved away once it is imported.
type workday struct {
	*studio
	disk  *powertest.Disk
	one   []byte
	many  []byte
	sums  []string // of the contents saved so far
	later bool     // all is saved
}

func newWorkday(t testing.TB) *workday {
	w := &workday{studio: newStudio(t, standin.Options{}), one: noise(1000, 1), many: noise(partSize+1000, 2)}
	w.mount(powertest.Empty())
	w.sums = []string{
		w.save(w.one, "Characters", "one.png"),
		w.save(w.many, "Characters", "many.png"),
		w.save(noise(2000, 3), "Done", "moved.bin"),
	}
	w.save(w.one, "Props", "copy-of-one.png")
	return w
}

// mount puts the data directory on a disk with this image. On an empty one, the
// program has to make it.
func (w *workday) mount(image *powertest.Image) {
	w.disk = powertest.Mount(w.t, image)
	w.data = filepath.Join(w.disk.Dir(), "data")
	w.configure("part_size = '5MiB'", map[string]string{
		"Characters": "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Characters']",
		"Props":      "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Props']",
		"Done":       "kind = 'model'\nsettle = '0s'\ncollections = ['Models']\nafter_upload = 'move'\nmove_to = 'Uploaded'",
	})
}

func (w *workday) saveLater() {
	if !w.later {
		w.later = true
		w.sums = append(w.sums, w.save(noise(3000, 4), "Characters", "one.png"))
		w.save(w.many, "Props", "copy-of-many.png")
	}
}

// run lets the daemon work until the power fails at the nth sync or, if that never
// comes, until all is done; it reports which.
func (w *workday) run(n int, when powertest.Moment) (failed bool) {
	w.t.Helper()
	d := w.start()
	w.disk.FailAt(n, when, func() { d.cmd.Process.Kill() })
	until(w.t, "the first files are imported", func() bool { return d.dead() || w.atRest() }, d.output)
	if !d.dead() {
		w.saveLater()
		until(w.t, "all is done", func() bool { return d.dead() || w.atRest() }, d.output)
	}
	died := d.dead()
	d.kill()
	if died && !w.disk.Failed() {
		w.t.Fatalf("the daemon died by itself:\n%s", d.output())
	}
	return w.disk.Failed()
}

// atRest reports whether Scenario holds every content saved so far and the ledger has
// nothing more to do.
func (w *workday) atRest() bool {
	held := w.server.Account().BySHA256()
	for _, sum := range w.sums {
		if len(held[sum]) == 0 {
			return false
		}
	}
	files := len(w.sums) + 1 // and the copy of one
	if w.later {
		files++ // and that of many
	}
	copied := w.copied()
	db := copied.ledger()
	defer db.Close()
	var n, active int
	err := db.QueryRow("SELECT count(*), count(CASE WHEN state <> 'imported' THEN 1 END) FROM items").Scan(&n, &active)
	return err == nil && n == files && active == 0
}

// copied returns a studio whose data directory is a copy of what is on the disk now.
func (w *workday) copied() *studio {
	w.t.Helper()
	to := w.t.TempDir()
	if err := w.disk.Image(powertest.LoseNothing, 0).Save(to); err != nil {
		w.t.Fatal(err)
	}
	c := *w.studio
	c.data = filepath.Join(to, "data")
	return &c
}

// finish starts the program on what the disk has after the power failed, lets it come
// to its end, and checks that nothing was lost and nothing is there twice.
func (w *workday) finish(loss powertest.Loss, seed uint64) {
	w.t.Helper()
	w.mount(w.disk.Image(loss, seed))
	for range 2 {
		if out, code := w.command("once"); code != 0 {
			w.t.Errorf("once ended with %d:\n%s", code, out)
		}
		w.saveLater()
	}
	if out, code := w.command("once"); code != 0 {
		w.t.Errorf("the last once ended with %d:\n%s", code, out)
	}
	w.exactlyOnce(w.sums...)
	for name, assets := range map[string]int{"Characters": 3, "Props": 2} {
		c, _ := w.server.Account().Collection(name)
		if len(c.Assets) != assets {
			w.t.Errorf("the collection %s has %d assets, want %d", name, len(c.Assets), assets)
		}
	}
	if c, _ := w.server.Account().Collection("Models"); len(c.Models) != 1 {
		w.t.Errorf("the collection of models has %d, want 1", len(c.Models))
	}
	if n := len(w.server.Account().Collections); n != 3 {
		w.t.Errorf("there are %d collections, want 3", n)
	}
	if _, err := os.Lstat(w.path("Done", "moved.bin")); err == nil {
		w.t.Error("the model was not moved away")
	}
	if moved, err := os.ReadDir(w.path("Done", "Uploaded")); err != nil || len(moved) != 1 {
		w.t.Errorf("moved away: %v, %v", moved, err)
	}
	w.copied().intact()
}

// powerCut is one way for the power to fail, or for the process alone to be killed.
type powerCut struct {
	sync int
	when powertest.Moment
	loss powertest.Loss
	seed uint64
}

func (c powerCut) String() string {
	return fmt.Sprintf("%s sync %d, lost is %s, seed %d", c.when, c.sync, c.loss, c.seed)
}

// cut lets the power fail so, and the program go on; it reports whether it came to that.
func (c powerCut) cut(t *testing.T) (failed bool) {
	w := newWorkday(t)
	failed = w.run(c.sync, c.when)
	if failed {
		w.finish(c.loss, c.seed)
	}
	if t.Failed() {
		t.Logf("synced were: %v", w.disk.Syncs())
	}
	return failed
}

// The power fails at a sync, or the process alone is killed there (then nothing is lost):
// the program goes on from what the disk still has, and every content is one asset.
func TestPowerFails(t *testing.T) {
	const seed, cuts, first = 1, 18, 8
	total := syncsOfWorkday(t)
	rng := rand.New(rand.NewPCG(seed, 0))
	losses := []powertest.Loss{powertest.LoseNothing, powertest.LoseUnsynced, powertest.LoseSome}
	var all []powerCut
	for i := range cuts {
		n := i + 1 // each of the first, which make the ledger; then some spread over the run
		if i >= first {
			n += ((i-first)*(total-first)+rng.IntN(total-first))/(cuts-first) - (i - first)
		}
		all = append(all, powerCut{n, []powertest.Moment{powertest.Before, powertest.After}[rng.IntN(2)], losses[i%3], rng.Uint64N(1000)})
	}
	var came atomic.Int64
	together(t, 5, all, func(t *testing.T, c powerCut) {
		if c.cut(t) {
			came.Add(1)
		}
	})
	if n := came.Load(); n < cuts-3 { // a run may have some syncs less than the one counted
		t.Errorf("the power failed in %d of %d runs", n, cuts)
	}
}

// syncsOfWorkday counts the syncs of a run in which the power does not fail.
func syncsOfWorkday(t *testing.T) int {
	w := newWorkday(t)
	if w.run(0, powertest.Before) {
		t.Fatal("the power failed unasked")
	}
	synced := w.disk.Syncs()
	if len(synced) < 20 {
		t.Fatalf("only %d syncs: %v", len(synced), synced)
	}
	return len(synced)
}
