package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// forceable are the reasons for which a file is held, or is ignored as no asset, by our own
// judgement alone, which may be wrong. The others are facts: there is nothing to read, or nothing
// that Scenario takes; or settings; or they keep somebody else's file from being sent.
var forceable = map[string]bool{
	"looks_cut_off":       true,
	"still_open":          true,
	"transfer_unfinished": true,
	"pointer":             true,
	ReasonOtherKind:       true,
	ReasonNoAsset:         true,
}

// Forceable reports whether a file that is not sent for a reason is sent as it is once a person
// asks for that.
func Forceable(reason string) bool { return forceable[reason] }

// Forceable reports whether Force queues the item.
func (it Item) Forceable() bool {
	return it.State == drop.Held && Forceable(it.Reason) || it.State == drop.Ignored && it.Reason == ReasonNoAsset
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
		m := move{item: it.ID, from: it.State, to: drop.Queued, reason: "asked", detail: "It is uploaded as it is, because you asked.",
			set:   []string{"forced = 1", "attempts = 0", "not_before = 0", "size = ?", "mtime = ?", "ctime = ?", "dev = ?", "ino = ?"},
			args:  []any{fp.Size, fp.ModTime, fp.ChangeTime, int64(fp.ID.Dev), int64(fp.ID.Ino)},
			where: []string{"reason = '" + it.Reason + "'"}}
		if err := m.apply(tx, l.stamp()); err != nil {
			return err
		}
		return remember(tx, it.ID, Sighting{Path: it.Path, Fingerprint: fp})
	})
	if err != nil {
		return fmt.Errorf("send %q as it is: %w", it.Path, err)
	}
	return nil
}
