package ledger

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
)

// Files that an earlier version booked as failed because of their folder's settings are
// queued; those that failed for themselves, or have a newer version, are not.
func TestFailedForTheConfigIsQueued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	must(t, create(path))
	db, err := open(path, "rw", nil)
	must(t, err)
	files := migrationFiles()
	n := slices.IndexFunc(files, func(name string) bool { return strings.HasSuffix(name, "_settings_at_fault.sql") })
	for _, name := range files[:n] {
		text, err := migrations.ReadFile(name)
		must(t, err)
		_, err = db.Exec(string(text))
		must(t, err)
	}
	for id, detail := range []string{
		1: "Scenario refused it: the collection collection_nope, which the config names, does not exist: looking up the collection: it does not exist (any more) (404 Not Found).",
		2: `Scenario refused it: parent asset "asset_gone" not found (request r1).`,
		3: "Scenario refused it: fileSize is too large.",
		4: "Scenario refused it: the collection collection_nope, which the config names, does not exist: and there is a newer version.",
	} {
		if id == 0 {
			continue
		}
		_, err := db.Exec(`INSERT INTO items (id, root, dir, name, size, mtime, ctime, dev, ino, state, reason, detail, attempts, created_at, updated_at)
			VALUES (?, X'72', X'2f61', ?, 1, 2, 3, 0, 0, 'failed', 'refused', ?, 3, 1, 1)`, id, []byte{byte(id)}, detail)
		must(t, err)
		if id < 4 {
			_, err = db.Exec("INSERT INTO files SELECT dir, name, size, mtime, ctime, id FROM items WHERE id = ?", id)
			must(t, err)
		}
	}
	_, err = db.Exec("PRAGMA user_version = " + string(rune('0'+n)))
	must(t, err)
	must(t, db.Close())
	l := openAt(t, path, newClock())
	for id, want := range []drop.State{1: drop.Queued, 2: drop.Queued, 3: drop.Failed, 4: drop.Failed} {
		if id == 0 {
			continue
		}
		if it, err := l.Item(t.Context(), int64(id)); err != nil || it.State != want || want == drop.Queued && it.Attempts != 0 {
			t.Errorf("item %d: %+v, %v", id, it, err)
		}
	}
}

func TestFolderTroublesAreRemembered(t *testing.T) {
	l, clock := newLedger(t)
	want := []FolderTrouble{{Root: []byte("/a\xff"), Setting: "collection_ids", Value: "collection_1", Detail: "It is gone.", Since: clock.now().UTC(), Waits: true}}
	must(t, l.SetFolderTroubles(t.Context(), want))
	got, err := l.FolderTroubles(t.Context())
	if err != nil || len(got) != 1 || string(got[0].Root) != "/a\xff" || got[0].Value != "collection_1" || !got[0].Waits || !got[0].Since.Equal(want[0].Since) {
		t.Errorf("%+v, %v", got, err)
	}
	for want := range 3 {
		if n, err := l.CollectionsMade(t.Context(), "s", "/a\xff"); err != nil || n != want {
			t.Errorf("%d collections were made, want %d (%v)", n, want, err)
		}
		must(t, l.CollectionMade(t.Context(), "s", "/a\xff", string(rune('a'+want)), "collection_x"))
	}
}

// What waits for its folder's settings is counted apart, and let on at once when they are
// in order.
func TestOutstandingOfAFolder(t *testing.T) {
	l, clock := newLedger(t)
	admit(t, l, observation("a.png", 1), observation("b.png", 2))
	count := func(waiting []string, moving, stuck, folder int) {
		t.Helper()
		m, s, f, err := l.Outstanding(t.Context(), 4, waiting)
		if err != nil || m != moving || s != stuck || f != folder {
			t.Errorf("%d move, %d are stuck, %d wait for their folder, want %d, %d, %d (%v)", m, s, f, moving, stuck, folder, err)
		}
	}
	count(nil, 2, 0, 0)
	count([]string{root}, 0, 0, 2)
	count([]string{"/elsewhere"}, 2, 0, 0)
	claimAll(t, l, "me")
	must(t, l.ReleaseAll(t.Context()))
	it := claimAll(t, l, "me")[0]
	must(t, l.Release(t.Context(), it, "me", clock.now().Add(time.Hour), false, drop.Why{Reason: drop.ReasonFolderSetting, Detail: "Its folder is in trouble."}))
	count(nil, 1, 0, 1)
	must(t, l.FolderMended(t.Context(), root))
	count(nil, 2, 0, 0)
}
