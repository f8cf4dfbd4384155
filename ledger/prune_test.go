package ledger

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
)

const day = 24 * time.Hour

func prune(t *testing.T, l *Ledger, clock *testClock) Pruned {
	t.Helper()
	gone, err := l.Prune(t.Context(), clock.now().Add(-90*day), 0, 0)
	must(t, err)
	checkIntegrity(t, l)
	return gone
}

// importedAs takes a file all the way and returns its item.
func importedAs(t *testing.T, l *Ledger, clock *testClock, name string, version int64, c Content, asset string) Item {
	t.Helper()
	ctx := t.Context()
	admit(t, l, observation(name, version))
	items := claimAll(t, l, "w")
	if len(items) != 1 {
		t.Fatalf("claimed %s", names(items))
	}
	it := items[0]
	if _, _, err := l.Announce(ctx, it, "w", c); err != nil {
		t.Fatal(err)
	}
	for n := range 2 { // the first upload is lost
		u, err := l.UploadCreated(ctx, it, "w", Upload{Remote: fmt.Sprint("u", n, it.ID), PartSize: 2000, Parts: 1})
		must(t, err)
		it.State, it.Upload = drop.Uploading, u
		sendParts(t, l, it, "w", 1)
		if n == 0 {
			must(t, l.End(ctx, it, "w", drop.Queued, drop.Why{Reason: "started_over", Detail: "Again."}))
			it = claimAll(t, l, "w")[0]
		}
	}
	claimContent(t, l, it, "w", c)
	must(t, l.Completing(ctx, it, "w"))
	it.State = drop.Completing
	must(t, l.Importing(ctx, it, "w", clock.now()))
	it.State = drop.Importing
	must(t, l.AssetMade(ctx, it, "", asset))
	it = claimAll(t, l, "w")[0]
	_, err := l.WantMembership(ctx, c.Scope, asset, []string{"c"})
	must(t, err)
	must(t, l.Joined(ctx, c.Scope, asset, "c"))
	must(t, l.Done(ctx, it, "w", drop.Why{}))
	return item(t, l, it.ID)
}

// What is old and of no use goes; what keeps a file from being sent twice, and what a new
// version refers to, stays for good.
func TestPrune(t *testing.T) {
	l, clock := newLedger(t)
	ctx := t.Context()
	importedAs(t, l, clock, "a.png", 1, contentOf(1), "asset-1")
	importedAs(t, l, clock, "a.png", 2, contentOf(2), "asset-2")
	admit(t, l, observation("b.png", 1))
	admit(t, l, observation("b.png", 2)) // supersedes the first
	held := observation("vanished.png", 1)
	held.State, held.Reason, held.Detail = drop.Held, "cut-off", "It looks cut off."
	waits := held
	waits.Path = inRoot("held.png")
	vanished := admitted(t, l, held)
	admit(t, l, waits)
	must(t, l.End(ctx, vanished, "", drop.Gone, drop.Why{Reason: "gone", Detail: "It is gone."}))
	admit(t, l, observation("refused.png", 1))
	for _, it := range claimAll(t, l, "w") {
		if it.Path == inRoot("refused.png") {
			must(t, l.End(ctx, it, "w", drop.Failed, drop.Why{Reason: "refused", Detail: "No."}))
		}
	}
	must(t, l.ReleaseAll(ctx))

	if gone := prune(t, l, clock); gone != (Pruned{}) {
		t.Errorf("of what is young went %+v", gone)
	}
	clock.advance(89 * day)
	if gone := prune(t, l, clock); gone != (Pruned{}) {
		t.Errorf("after 89 days went %+v", gone)
	}
	clock.advance(2 * day)
	before := rowsOf(t, l.read, "SELECT id, state, asset FROM items WHERE state NOT IN ('superseded', 'gone') ORDER BY id")
	gone := prune(t, l, clock)
	if gone.Items != 2 || gone.Uploads != 2 || gone.Entries < 6 {
		t.Errorf("went %+v", gone)
	}
	if left := rowsOf(t, l.read, "SELECT id FROM history"); strings.Count(left, "\n") != 1 {
		t.Errorf("of the history are left%s", left) // the newest, whose number must not be given again
	}
	if after := rowsOf(t, l.read, "SELECT id, state, asset FROM items ORDER BY id"); after != before {
		t.Errorf("left are\n%s\nwant\n%s", after, before)
	}
	if gone := prune(t, l, clock); gone != (Pruned{}) {
		t.Errorf("once more went %+v", gone)
	}

	// Unchanged files are known, the queued one is still to be done, and nothing is new.
	known := knownIn(t, l, root)
	for name, want := range map[string]bool{"a.png": true, "b.png": true, "refused.png": true, "vanished.png": false} {
		if _, ok := known[name]; ok != want {
			t.Errorf("%s is known: %v", name, ok)
		}
	}
	if n := admit(t, l, observation("a.png", 2), observation("b.png", 2)); n != 0 {
		t.Errorf("%d known files became work again", n)
	}
	// A copy is recognised, and a new version knows the one before.
	admit(t, l, observation("copy.png", 7), observation("a.png", 3), observation("vanished.png", 1))
	for _, it := range claimAll(t, l, "w") {
		switch it.Path {
		case inRoot("copy.png"):
			if known, _, err := l.Announce(ctx, it, "w", contentOf(1)); err != nil || !known {
				t.Errorf("the content of old is not known: %v, %v", known, err)
			}
			if who := claimContent(t, l, it, "w", contentOf(1)); who.Asset != "asset-1" {
				t.Errorf("the content of old belongs to %+v", who)
			}
		case inRoot("a.png"):
			if asset, err := l.PreviousAsset(ctx, it, contentOf(1).Scope); asset != "asset-2" || err != nil {
				t.Errorf("the version before is %q, %v", asset, err)
			}
		}
	}
	if it := found(t, l, inRoot("vanished.png")); it.State != drop.Preparing {
		t.Errorf("what came back is %s", it.State)
	}
	if in, err := l.Memberships(ctx, contentOf(1).Scope, "asset-1"); err != nil || len(in) != 1 {
		t.Errorf("the old asset is in %v, %v", in, err)
	}
}

// An item that came to life after it was read as old stays.
func TestPruneLeavesWhatIsAlive(t *testing.T) {
	l, clock := newLedger(t)
	s := observation("a.png", 1)
	s.State, s.Reason = drop.Held, "cut-off"
	it := admitted(t, l, s)
	must(t, l.End(t.Context(), it, "", drop.Gone, drop.Why{Reason: "gone"}))
	clock.advance(100 * day)
	for _, set := range []string{"owner = 'w'", "owner = '', asset = 'x'", "asset = '', state = 'queued'"} {
		force(t, l, it.ID, set)
		if gone := prune(t, l, clock); gone.Items != 0 {
			t.Errorf("with %s it went", set)
		}
	}
}

// old fills a ledger with versions that were replaced and entries of the history, all of
// them old, n of each.
func old(t *testing.T, l *Ledger, n int) {
	t.Helper()
	must(t, l.write.do(t.Context(), func(tx *sql.Tx) error {
		for _, q := range []string{
			`WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ?1)
				INSERT INTO items (root, dir, name, size, mtime, ctime, dev, ino, state, detail, created_at, updated_at)
				SELECT x'2f72', CAST('/r/' || (x / 500) AS BLOB), CAST(x || '.png' AS BLOB), x, x, x, 1, x, 'superseded', 'A newer version of the file took its place.', 1, 1 FROM c`,
			`INSERT INTO uploads (item, remote, part_size, parts, created_at) SELECT id, 'upload-' || id, 1, 1, 1 FROM items WHERE state = 'superseded' AND ?1 > 0`,
			`UPDATE items SET upload = (SELECT u.id FROM uploads u WHERE u.item = items.id) WHERE state = 'superseded' AND ?1 > 0`,
			`INSERT INTO history (at, item, state, reason, detail) SELECT 1, id, 'superseded', 'replaced', detail FROM items WHERE state = 'superseded' AND ?1 > 0`,
		} {
			if _, err := tx.Exec(q, n); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Much that is old goes in small steps, beside which others write, and the room is used
// again.
func TestPruneMuch(t *testing.T) { pruneMuch(t, 1500, 3) }

func pruneMuch(t *testing.T, n, cycles int) {
	l, clock := newLedger(t)
	importedAs(t, l, clock, "a.png", 1, contentOf(1), "asset-1")
	var first int64
	for cycle := range cycles {
		old(t, l, n)
		stop, slowest := make(chan struct{}), make(chan time.Duration)
		go func() {
			var most time.Duration
			for n := 0; ; n++ {
				start := time.Now()
				if err := l.Set(t.Context(), "beside", num(int64(n))); err != nil {
					t.Error(err)
				}
				most = max(most, time.Since(start))
				select {
				case <-stop:
					slowest <- most
					return
				case <-time.After(time.Millisecond):
				}
			}
		}()
		start := time.Now()
		gone, err := l.Prune(t.Context(), clock.now().Add(-90*day), 0, time.Millisecond)
		took := time.Since(start)
		close(stop)
		t.Logf("%+v in %v; the slowest change beside it took %v", gone, took, <-slowest)
		if err != nil || gone.Items != n || gone.Entries < n-1 {
			t.Fatalf("%+v, %v", gone, err)
		}
		checkpoint(t, l)
		size := sizeOf(t, l.Path())
		if cycle == 0 {
			first = size
		} else if size > first+first/10 {
			t.Errorf("in cycle %d the local database has %d bytes, %d after the first", cycle, size, first)
		}
	}
	checkIntegrity(t, l)
	if it := found(t, l, inRoot("a.png")); it.Asset != "asset-1" {
		t.Errorf("%+v", it)
	}
}

// checkpoint moves the journal into the database, so that its size tells.
func checkpoint(t *testing.T, l *Ledger) {
	t.Helper()
	var busy, pages, moved int64
	must(t, l.write.db.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved))
	if busy != 0 {
		t.Fatal("somebody reads")
	}
}

// A bounded prune stops early, and goes on the next time.
func TestPruneInParts(t *testing.T) {
	l, clock := newLedger(t)
	old(t, l, 1000)
	total := 0
	for range 20 {
		gone, err := l.Prune(t.Context(), clock.now().Add(-90*day), 300, 0)
		must(t, err)
		n := gone.Entries + gone.Items + gone.Uploads
		if total += n; n < 300 || n >= 300+pruneBatch {
			break
		}
	}
	if total != 999+1000 {
		t.Errorf("%d rows went", total)
	}
}

// The numbers of the history are not given twice, whatever goes.
func TestPruneKeepsTheNumbers(t *testing.T) {
	l, clock := newLedger(t)
	old(t, l, 10)
	last, err := l.LastEntry(t.Context())
	must(t, err)
	prune(t, l, clock)
	s := observation("a.png", 1)
	s.State = drop.Held
	admit(t, l, s)
	items, next, err := l.Ended(t.Context(), last, 10)
	if err != nil || len(items) != 1 || next <= last {
		t.Errorf("after %d: %s, %d, %v", last, names(items), next, err)
	}
}

// Nothing that goes is looked for in a table as a whole, row by row, and no page is
// sorted.
func TestPrunePlans(t *testing.T) {
	l, _ := newLedger(t)
	for _, q := range append(dropItemQueries[:], mayGoQuery) {
		for _, step := range planOf(t, l.read, q, strings.Count(q, "?")) {
			if strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" {
				t.Errorf("%s: %s", q, step)
			}
		}
	}
	for _, q := range []string{oldEntriesQuery, oldItemsQuery, oldUploadsQuery} {
		for _, step := range planOf(t, l.read, q, strings.Count(q, "?")) {
			if strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %s", q, step)
			}
		}
	}
}
