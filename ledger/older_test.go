package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// A ledger of any version before goes on from where it stands: what was queued is sent, what is
// held stays so until a person has it sent as it is, and what was imported is known.
func TestLedgersOfVersionsBefore(t *testing.T) {
	for v := 1; v < newest(); v++ {
		t.Run(fmt.Sprint(v), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			must(t, create(path))
			db, err := open(path, "rw", nil)
			must(t, err)
			for _, name := range migrationFiles()[:v] {
				text, err := migrations.ReadFile(name)
				must(t, err)
				_, err = db.Exec(string(text))
				must(t, err)
			}
			insertItems(t, db)
			_, err = db.Exec(fmt.Sprint("PRAGMA user_version = ", v))
			must(t, err)
			must(t, db.Close())

			l := openAt(t, path, newClock())
			if known := knownIn(t, l, root); len(known) != 2 || known["imported.png"].Size != 3 || known["queued.png"].Size != 1 {
				t.Errorf("known are %v", known)
			}
			held := found(t, l, inRoot("held.png"))
			if held.State != drop.Held || held.Reason != "looks_cut_off" || held.Forced {
				t.Errorf("held is %+v", held)
			}
			if due := claimAll(t, l, "w"); len(due) != 1 || due[0].Path != inRoot("queued.png") {
				t.Errorf("due are %v", due)
			}
			must(t, l.Force(t.Context(), held, held.Fingerprint))
			if due := claimAll(t, l, "w"); len(due) != 1 || !due[0].Forced {
				t.Errorf("due are then %v", due)
			}

			// Another version of the imported one waits for its interval; what is there is noted as
			// from before.
			next := Observation{Root: root, Path: inRoot("imported.png"), Fingerprint: fp(9), State: drop.Queued, Interval: 100 * 365 * 24 * time.Hour}
			admit(t, l, next)
			if it := found(t, l, next.Path); !it.WaitsForInterval(l.now()) {
				t.Errorf("the next version is %+v", it)
			}
			must(t, l.TakeUpExisting(t.Context(), []ExistingFolder{{Root: root, Rules: "a"}}, func(string) (string, bool) { return root, true }))
			judge := ExistingJudge{Ledger: l, Root: root, Now: l.now(), Vacant: func(string) bool { return false }}
			is, err := judge.Note(t.Context(), []Found{{inRoot("ignored.png"), fingerprintOf(4)}, {inRoot("imported.png"), fp(10)}})
			if err != nil || !is[0] || is[1] {
				t.Errorf("%v are from before, %v", is, err)
			}
			if tags, err := l.WantTags(t.Context(), "s", "asset-3", []string{"x"}); err != nil || len(tags) != 1 {
				t.Errorf("tags %v, %v", tags, err)
			}
		})
	}
}

func fingerprintOf(n int64) file.Fingerprint {
	return file.Fingerprint{Size: n, ModTime: 2, ChangeTime: 3}
}

// insertItems writes an item of several states into a ledger of an older version.
func insertItems(t *testing.T, db *sql.DB) {
	t.Helper()
	for i, it := range []struct{ name, state, reason, asset string }{
		{"queued.png", "queued", "", ""},
		{"held.png", "held", "looks_cut_off", ""},
		{"imported.png", "imported", "", "asset-3"},
		{"ignored.png", "ignored", "too-large", ""},
	} {
		_, err := db.Exec(`INSERT INTO items (id, root, dir, name, size, mtime, ctime, dev, ino, state, reason, scope, asset, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, 2, 3, 0, 0, ?, ?, 's', ?, 1, 1)`, i+1, []byte(root), []byte(root), []byte(it.name), i+1, it.state, it.reason, it.asset)
		must(t, err)
	}
	_, err := db.Exec("INSERT INTO files SELECT dir, name, size, mtime, ctime, id FROM items")
	must(t, err)
}
