package ledger

import (
	"database/sql"
	"errors"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// cleaningUp makes an item whose file is about to be moved, claimed by an owner.
func cleaningUp(t *testing.T, l *Ledger, name string, n int64, owner string) Item {
	t.Helper()
	it := admitted(t, l, observation(name, n))
	force(t, l, it.ID, "state = 'cleaning_up', asset = 'asset', sha256 = x'0102', owner = ?, lease = ?", owner, l.now().Add(hour).UnixMilli())
	return item(t, l, it.ID)
}

// Only who holds the claim may begin to move a file.
func TestOnlyTheOwnerMoves(t *testing.T) {
	l, _ := newLedger(t)
	it := cleaningUp(t, l, "a.png", 1, "mine")
	c := Cleanup{Target: "/r/Uploaded", Begun: file.Begun{To: "/r/Uploaded/a.png", Temporary: ".scenario-drop-1.tmp"}}
	if err := l.CleanupBegins(t.Context(), it, "other", c); !errors.Is(err, ErrNotMoved) {
		t.Errorf("another: %v", err)
	}
	if _, ok, err := l.CleanupOf(t.Context(), it); ok || err != nil {
		t.Errorf("something was written down: %v, %v", ok, err)
	}
	must(t, l.CleanupBegins(t.Context(), it, "mine", c))
	if got, ok, err := l.CleanupOf(t.Context(), it); !ok || err != nil || got != c {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	fp := it.Fingerprint
	fp.ID.Ino = 77
	must(t, l.CleanedUp(t.Context(), it, "mine", file.Moved{Path: "/r/Uploaded/a (2).png", Fingerprint: fp}, drop.Why{Reason: "moved", Detail: "Moved."}))
	if got := item(t, l, it.ID); got.State != drop.Imported || got.Reason != drop.ReasonMoved {
		t.Errorf("%+v", got)
	}
	if err := l.CleanupBegins(t.Context(), it, "mine", c); !errors.Is(err, ErrNotMoved) {
		t.Errorf("once it is done: %v", err)
	}
	if dirs, err := l.MoveTargets(t.Context()); err != nil || len(dirs) != 1 || dirs[0] != "/r/Uploaded" {
		t.Errorf("%q, %v", dirs, err)
	}
	again := cleaningUp(t, l, "Archive/a.png", 1, "mine")
	again.Fingerprint = fp
	before, err := l.MovedBefore(t.Context(), again)
	if err != nil || len(before) != 1 || before[0] != (Earlier{"/r/Uploaded/a (2).png", 77}) {
		t.Errorf("%+v, %v", before, err)
	}
	force(t, l, again.ID, "sha256 = x'03'")
	if before, err := l.MovedBefore(t.Context(), again); err != nil || len(before) != 0 {
		t.Errorf("other bytes: %+v, %v", before, err)
	}
}

// A ledger that moved files before it kept where knows the directories afterwards.
func TestMoveTargetsOfAnOlderLedger(t *testing.T) {
	l, _ := newLedger(t)
	for n, c := range []struct{ root, dir, name, state, reason, detail string }{
		{"/r", "/r", "a.png", "imported", "moved", "Moved to /r/Uploaded/a.png."},
		{"/r", "/r/Orcs", "b.png", "imported", "moved", "Moved to /r/Uploaded/Orcs/b.png."},
		{"/s", "/s/Müller", "ü.png", "imported", "moved", "Moved to /mnt/größe/Müller/ü.png."},
		{"/t", "/t", "c.png", "imported", "moved", "Moved to /t/Elsewhere/c (2).png."}, // cannot be told
		{"/u", "/u", "d.png", "imported", "trashed", "Put into the trash."},
		{"/v", "/v", "e.png", "imported", "moved", "Moved to /e.png."},
	} {
		it := admitted(t, l, observation(c.name, int64(n)))
		force(t, l, it.ID, "root = ?, dir = ?, name = ?, state = ?, reason = ?, detail = ?", []byte(c.root), []byte(c.dir), []byte(c.name), c.state, c.reason, c.detail)
	}
	text, err := migrations.ReadFile("migrations/0007_moves.sql")
	must(t, err)
	must(t, l.write.do(t.Context(), func(tx *sql.Tx) error {
		for _, q := range []string{"DROP TABLE moves", "DROP TABLE move_targets", string(text)} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	}))
	dirs, err := l.MoveTargets(t.Context())
	if err != nil || len(dirs) != 2 || dirs[0] != "/mnt/größe" || dirs[1] != "/r/Uploaded" {
		t.Errorf("%q, %v", dirs, err)
	}
}
