package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
)

// The first invariant, on the ledger alone: whatever uploaders do, in whatever order,
// dying anywhere, one content becomes at most one asset; and in the end every file is
// one. A stand-in for Scenario below counts the assets; workers go random ways.

const (
	chaosFiles    = 14
	chaosContents = 4
	chaosWorkers  = 6
)

// chaosWorker is an uploader of one item at a time. Each step makes at most one change
// of the ledger.
type chaosWorker struct {
	t      *testing.T
	l      *Ledger
	clock  *testClock
	remote *remote
	rng    *rand.Rand
	owner  string
	lease  time.Duration
	calm   bool // the end: nobody dies and nothing goes wrong any more

	it        Item // 0: nothing in hand
	hash      bool // its content is claimed …
	mustHash  bool // … and has to be before it is sent
	announced bool
	waitFor   int64
	duplicate string
	sent      int
}

func (w *chaosWorker) drop() {
	w.it, w.hash, w.mustHash, w.announced, w.waitFor, w.duplicate, w.sent = Item{}, false, false, false, 0, "", 0
}

// contentAt is the content of an item's version, and its key at Scenario.
func (w *chaosWorker) contentAt() (c Content, key string) {
	n := byte(w.it.Fingerprint.ModTime % chaosContents)
	c = contentOf(n)
	c.Size = w.it.Fingerprint.Size
	return c, fmt.Sprint(c.Scope, c.Kind, n)
}

// step does one thing; it reports false when there was nothing to do.
func (w *chaosWorker) step() bool {
	ctx := w.t.Context()
	if w.it.ID == 0 {
		if w.rng.IntN(4) == 0 && w.follow() {
			return true
		}
		items, err := w.l.Claim(ctx, Claim{Owner: w.owner, Until: w.clock.now().Add(w.lease), MaxSize: 1 << 62, NoBody: true, Limit: 1})
		must(w.t, err)
		if len(items) == 0 {
			return w.follow()
		}
		w.drop()
		w.it = items[0]
		return true
	}
	err := w.act()
	if errors.Is(err, ErrNotMoved) {
		w.drop() // its lease ran out, and another has it
	} else if err != nil {
		w.t.Error(err)
		w.drop()
	}
	return true
}

func (w *chaosWorker) act() error {
	ctx, l, it := w.t.Context(), w.l, &w.it
	if !w.calm {
		switch p := w.rng.IntN(100); {
		case p < 4: // it dies
			w.drop()
			return nil
		case p < 8:
			released := w.it
			w.drop()
			return l.Release(ctx, released, w.owner, w.clock.now().Add(5*time.Second), true, drop.Why{Reason: "fault", Detail: "A fault."})
		case p < 14 && (it.State == drop.Preparing || it.State == drop.Uploading):
			return w.endBadly()
		}
	}
	content, key := w.contentAt()
	switch {
	case w.waitFor != 0:
		err := l.WaitFor(ctx, *it, w.owner, w.waitFor, w.clock.now().Add(1e6*time.Hour))
		w.drop()
		return err
	case w.duplicate != "":
		err := l.Duplicate(ctx, *it, w.owner, w.duplicate)
		it.State, it.Asset, w.duplicate = drop.Linking, w.duplicate, ""
		return err
	}
	switch it.State {
	case drop.Preparing:
		switch {
		case w.hash || w.announced && !w.mustHash:
			u, err := l.UploadCreated(ctx, *it, w.owner, Upload{Remote: w.remote.create(key), PartSize: 600, Parts: 2})
			it.State, it.Upload = drop.Uploading, u
			return err
		case w.announced || w.rng.IntN(2) == 0:
			return w.claimContent(content)
		}
		known, duplicate, err := l.Announce(ctx, *it, w.owner, content)
		w.announced, w.mustHash, w.waitFor = true, known, duplicate
		return err
	case drop.Uploading:
		switch {
		case w.sent < 2:
			w.sent++
			return l.PartSent(ctx, *it, w.owner, Part{Number: w.sent, Size: 500})
		case !w.hash:
			return w.claimContent(content)
		}
		return w.complete()
	case drop.Completing:
		return w.settle()
	case drop.Linking:
		if !w.remote.has(it.Asset) {
			gone := *it
			w.drop()
			return l.AssetGone(ctx, gone, w.owner)
		}
		if w.rng.IntN(2) == 0 {
			err := l.CleaningUp(ctx, *it, w.owner)
			it.State = drop.CleaningUp
			return err
		}
		fallthrough
	case drop.CleaningUp:
		done := *it
		w.drop()
		return l.Done(ctx, done, w.owner, drop.Why{})
	}
	return fmt.Errorf("claimed an item in %s", it.State)
}

func (w *chaosWorker) claimContent(c Content) error {
	who, err := w.l.ClaimContent(w.t.Context(), w.it, w.owner, c)
	w.hash, w.waitFor, w.duplicate = who.Mine(), who.Other, who.Asset
	return err
}

// complete writes down the intent, and then may die before or after the call.
func (w *chaosWorker) complete() error {
	if err := w.l.Completing(w.t.Context(), w.it, w.owner); err != nil {
		return err
	}
	w.it.State = drop.Completing
	checkCompleting(w.t, w.l)
	switch p := w.rng.IntN(10); {
	case p == 0 && !w.calm: // dies before
		w.drop()
		return nil
	case p == 1 && !w.calm: // dies after
		w.remote.complete(w.it.Upload.Remote, w.rng)
		w.drop()
		return nil
	}
	w.remote.complete(w.it.Upload.Remote, w.rng)
	return nil
}

// settle finds out what became of the complete call, as after a restart.
func (w *chaosWorker) settle() error {
	ctx, it := w.t.Context(), w.it
	u := w.remote.get(it.Upload.Remote)
	switch {
	case !u.completed:
		err := w.l.PartsMissing(ctx, it, w.owner)
		w.it.State, w.sent, w.hash = drop.Uploading, 0, false
		return err
	case u.failed:
		w.drop()
		return w.l.End(ctx, it, w.owner, drop.Failed, drop.Why{Reason: "refused", Detail: "Scenario could not use it."})
	case w.rng.IntN(2) == 0:
		err := w.l.AssetMade(ctx, it, w.owner, u.asset)
		w.it.State, w.it.Asset = drop.Linking, u.asset
		return err
	}
	w.drop()
	return w.l.Importing(ctx, it, w.owner, w.clock.now())
}

// endBadly takes the item off its way; a file that went or changed is seen again, with
// any content.
func (w *chaosWorker) endBadly() error {
	it := w.it
	w.drop()
	to := []drop.State{drop.Queued, drop.Held, drop.Failed, drop.Superseded, drop.Gone}[w.rng.IntN(5)]
	if err := w.l.End(w.t.Context(), it, w.owner, to, drop.Why{Reason: "unreadable", Detail: "Something happened."}); err != nil {
		return err
	}
	if to == drop.Superseded || to == drop.Gone {
		s := Observation{Root: root, Path: it.Path, Fingerprint: it.Fingerprint, State: drop.Queued}
		s.Fingerprint.ModTime += w.rng.Int64N(chaosContents)
		admit(w.t, w.l, s)
	}
	return nil
}

// follow checks one import; it reports false when none is due.
func (w *chaosWorker) follow() bool {
	ctx := w.t.Context()
	due, err := w.l.Due(ctx, chaosFiles)
	must(w.t, err)
	if len(due) == 0 {
		return false
	}
	it := due[w.rng.IntN(len(due))]
	u := w.remote.get(it.Upload.Remote)
	if u.failed {
		err = w.l.End(ctx, it, "", drop.Failed, drop.Why{Reason: "refused", Detail: "Scenario could not use it."})
	} else {
		err = w.l.AssetMade(ctx, it, "", u.asset)
	}
	if err != nil && !errors.Is(err, ErrNotMoved) { // another checked the same time
		w.t.Error(err)
	}
	return true
}

// checkCompleting reports contents that two items are completing, or that one is though
// an asset is there.
func checkCompleting(t *testing.T, l *Ledger) {
	t.Helper()
	if bad := rowsOf(t, l.read, `SELECT scope, kind, sha256, count(*) AS items FROM items WHERE state IN ('completing', 'importing')
		GROUP BY scope, kind, sha256 HAVING count(*) > 1`); bad != "" {
		t.Errorf("completed twice:\n%s", bad)
	}
	if bad := rowsOf(t, l.read, `SELECT i.id AS item, c.asset FROM items i JOIN contents c ON c.id = i.content
		WHERE i.state IN ('completing', 'importing') AND (c.asset <> '' OR c.item IS NOT i.id)`); bad != "" {
		t.Errorf("completed without being entitled:\n%s", bad)
	}
}

func newChaos(t *testing.T, seed uint64, deletions int, lease time.Duration) (*Ledger, *testClock, []*chaosWorker) {
	l, clock := newLedger(t)
	rng := rand.New(rand.NewPCG(seed, 0))
	for n := range chaosFiles {
		s := observation(fmt.Sprint(n), 0)
		s.Fingerprint.ModTime = rng.Int64N(1000) * chaosContents / 3
		admit(t, l, s)
	}
	r := newRemote(t, deletions)
	var workers []*chaosWorker
	for n := range chaosWorkers {
		workers = append(workers, &chaosWorker{t: t, l: l, clock: clock, remote: r, owner: fmt.Sprint("w", n), lease: lease,
			rng: rand.New(rand.NewPCG(seed, uint64(n)+1))})
	}
	return l, clock, workers
}

// finish lets the workers come to the end of everything as after a restart, and checks
// that nothing was lost on the way. No time passes that could wake who is not woken.
func finish(t *testing.T, l *Ledger, clock *testClock, workers []*chaosWorker) {
	t.Helper()
	clock.advance(time.Minute) // past every wait but those for another item
	must(t, l.ReleaseAll(t.Context()))
	for _, w := range workers {
		w.drop()
		w.calm = true
	}
	for round := 0; ; round++ {
		idle := true
		for _, w := range workers {
			idle = !w.step() && idle
		}
		if !idle {
			if round > 1000 {
				t.Fatal("no end")
			}
			continue
		}
		counts, err := l.Counts(t.Context())
		must(t, err)
		for _, s := range drop.States() {
			if s.Active() && counts[s] > 0 {
				t.Fatalf("nothing is left to do, and items are still in %s:\n%s", s,
					rowsOf(t, l.read, "SELECT id, state, reason, waits_for, not_before, owner FROM items WHERE "+active("state")))
			}
		}
		// Only what was asked for is let on by Retry here: nothing else is active.
		if n, err := l.Retry(t.Context(), nil); err != nil || n == 0 {
			must(t, err)
			break
		}
	}
	checkCompleting(t, l)
	r := workers[0].remote
	for it, err := range l.Newest(t.Context()) {
		must(t, err)
		w := chaosWorker{it: it}
		_, key := w.contentAt()
		if it.State != drop.Imported || it.Asset == "" {
			t.Errorf("%s ended as %s %q", filepath.Base(it.Path), it.State, it.Asset)
		} else if r.has(it.Asset) && r.content[it.Asset] != key {
			t.Errorf("%s has the asset of another content", filepath.Base(it.Path))
		}
	}
}

func seeds(n uint64) uint64 {
	if underRace {
		return 2
	}
	return n
}

// In this form every interleaving of changes is that of the seed.
func TestOneAssetPerContentStepByStep(t *testing.T) {
	for seed := range seeds(12) {
		deletions := 0
		if seed%2 == 1 {
			deletions = 3
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			l, clock, workers := newChaos(t, seed, deletions, 20*time.Second)
			rng := rand.New(rand.NewPCG(seed, 99))
			for range 600 {
				clock.advance(time.Second)
				workers[rng.IntN(len(workers))].step()
				if rng.IntN(60) == 0 {
					workers[0].remote.delete(rng)
				}
			}
			finish(t, l, clock, workers)
			if deletions == 0 {
				for content, n := range workers[0].remote.ever {
					if n != 1 {
						t.Errorf("%d assets were made of %s, want one", n, content)
					}
				}
			}
		})
	}
}

// In this form the changes run at once. Leases do not run out: that a call to Scenario
// and its intent belong together is the lease's matter, and shown step by step above.
func TestOneAssetPerContentAtOnce(t *testing.T) {
	for seed := range seeds(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			l, clock, workers := newChaos(t, seed, 0, 1e5*time.Hour)
			var working sync.WaitGroup
			for _, w := range workers {
				working.Go(func() {
					for range 80 {
						clock.advance(time.Second)
						w.step()
					}
				})
			}
			working.Wait()
			finish(t, l, clock, workers)
			for content, n := range workers[0].remote.ever {
				if n != 1 {
					t.Errorf("%d assets were made of %s, want one", n, content)
				}
			}
		})
	}
}
