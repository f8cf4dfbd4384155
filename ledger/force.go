package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"scenario-drop/file"
)

// forceable are the reasons for which a file is held by our own judgement alone, which may be
// wrong. The others are facts: there is nothing to read, or nothing that Scenario takes; or
// settings; or they keep somebody else's file from being sent.
var forceable = map[string]bool{
	"looks_cut_off":       true,
	"still_open":          true,
	"transfer_unfinished": true,
	ReasonOtherKind:       true,
}

// Forceable reports whether a file that is held for a reason is sent as it is once a person
// asks for that.
func Forceable(reason string) bool { return forceable[reason] }

// Force queues a held item, since a person asked that it is sent as it is: in the version fp,
// which the file has now. Another version of the file is judged again. It is ErrNotMoved if the
// item is not held any more for the reason that it has here, and an error for a reason that is
// not Forceable.
func (l *Ledger) Force(ctx context.Context, it Item, fp file.Fingerprint) error {
	if !Forceable(it.Reason) {
		return fmt.Errorf("send %q as it is: what is held for %q cannot be sent", it.Path, it.Reason)
	}
	err := l.write.do(ctx, func(tx *sql.Tx) error {
		m := move{item: it.ID, from: Held, to: Queued, reason: "asked", detail: "It is uploaded as it is, because you asked.",
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
