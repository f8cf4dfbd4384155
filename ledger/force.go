package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// Forceable reports whether Force queues the item: it is held, or ignored as no asset, by our own
// judgement alone, which may be wrong. Other reasons are facts: there is nothing to read, or nothing
// that Scenario takes; or settings; or they keep somebody else's file from being sent.
func (it Item) Forceable() bool {
	return (it.State == drop.Held || it.State == drop.Ignored) && it.Reason.Has(drop.ActionUploadAnyway)
}

// Force queues an item that is Forceable, since a person asked that it is sent as it is: in the version fp,
// which the file has now. Another version of the file is judged again. It is ErrNotMoved if the
// item does not rest any more for the reason that it has here, and an error for one that is not
// Forceable.
func (l *Ledger) Force(ctx context.Context, it Item, fp file.Fingerprint) error {
	if !it.Forceable() {
		return fmt.Errorf("send %q as it is: what is %s for %q cannot be sent", it.Path, it.State, it.Reason)
	}
	err := l.write.do(ctx, func(tx *sql.Tx) error {
		m := move{item: it.ID, from: it.State, to: drop.Queued, why: drop.ReasonAsked.With(drop.TextUploadedAsIs.With()),
			set:   []string{"forced = 1", "attempts = 0", "not_before = 0", "size = ?", "mtime = ?", "ctime = ?", "dev = ?", "ino = ?"},
			args:  []any{fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino)},
			where: []string{"reason = ?"}, whereArgs: []any{it.Reason}}
		if err := m.apply(tx, l.stamp()); err != nil {
			return err
		}
		return remember(tx, it.ID, Observation{Path: it.Path, Fingerprint: fp})
	})
	if err != nil {
		return fmt.Errorf("send %q as it is: %w", it.Path, err)
	}
	return nil
}
