package ledger

import (
	"database/sql"
	"fmt"
	"strings"

	"scenario-drop/drop"
)

// move is one step along the table of states.
type move struct {
	item      int64
	from, to  drop.State
	owner     string // who must hold the claim; "" for an item nobody has claimed
	why       drop.Why
	release   bool     // give up the claim
	set       []string // further columns, as "column = ?"
	args      []any
	where     []string // further conditions, as SQL over items
	whereArgs []any
}

// apply makes the move in one conditional UPDATE; ErrNotMoved when it did not hold.
// The moves that end somebody's interest in an item are written to the history. An
// item may also stay where it is, to change what is known of it, until it is at its end.
func (m move) apply(tx *sql.Tx, now int64) error {
	stays := m.from == m.to && len(moves[m.from]) > 0
	if !stays && !canMove(m.from, m.to) {
		return fmt.Errorf("item %d: no move from %s to %s", m.item, m.from, m.to)
	}
	set := append([]string{"state = ?", "reason = ?", "hold = ?", "detail = ?", "updated_at = ?"}, m.set...)
	args := append([]any{m.to, m.why.Reason, holds[m.why.Reason], m.why.Detail, now}, m.args...)
	if m.release {
		set = append(set, "owner = ''", "lease = 0")
	}
	if m.from != drop.Queued && m.to == drop.Queued {
		set = append(set, "upload = NULL") // whatever comes next starts over
	}
	// The plus keeps SQLite from weighing the state's value against the conditions of the
	// partial indexes, for which it would compile the statement anew each time.
	where := append([]string{"id = ?", "+state = ?", "owner = ?"}, m.where...)
	args = append(append(args, m.item, m.from, m.owner), m.whereArgs...)
	res, err := tx.Exec("UPDATE items SET "+strings.Join(set, ", ")+" WHERE "+strings.Join(where, " AND "), args...)
	if err != nil {
		return fmt.Errorf("move item %d from %s to %s: %w", m.item, m.from, m.to, err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("item %d from %s to %s: %w", m.item, m.from, m.to, ErrNotMoved)
	}
	switch m.to {
	case drop.Failed, drop.Ignored, drop.Superseded, drop.Gone, drop.Held:
		if m.from.Active() {
			if err := releaseNextVersion(tx, m.item); err != nil {
				return err
			}
		}
		fallthrough
	case drop.Queued:
		if err := dropClaims(tx, m.item); err != nil {
			return err
		}
	}
	if !m.to.Active() {
		return record(tx, now, m.item, m.to, m.why)
	}
	return nil
}

const (
	dropPartsQuery   = "DELETE FROM parts WHERE upload IN (SELECT id FROM uploads WHERE item = ?)"
	dropContentQuery = "UPDATE contents SET item = NULL WHERE item = ? AND asset = ''"
	wakeQuery        = "UPDATE items SET waits_for = NULL, not_before = 0 WHERE waits_for = ?"
)

// dropClaims lets go of what an item held that will not be completed as it stands: the
// receipts of its parts, and its right to make an asset of a content. Items that
// waited for it are let on.
func dropClaims(tx *sql.Tx, item int64) error {
	for _, q := range []string{dropPartsQuery, dropContentQuery, wakeQuery} {
		if _, err := tx.Exec(q, item); err != nil {
			return fmt.Errorf("drop what item %d holds: %w", item, err)
		}
	}
	return nil
}

func record(tx *sql.Tx, now int64, item int64, s drop.State, why drop.Why) error {
	_, err := tx.Exec("INSERT INTO history (at, item, state, reason, detail) VALUES (?, ?, ?, ?, ?)", now, item, s, why.Reason, why.Detail)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}
