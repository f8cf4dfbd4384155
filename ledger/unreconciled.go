package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"scenario-drop/file"
)

// Unreconciled says which files may have been sent by somebody whose ledger this one does not
// have: those that were there before it began, or before the one it was restored from
// was lost. The zero Unreconciled is none.
type Unreconciled struct {
	Before time.Time `json:"before"` // files that changed last by then, inclusive
	// Since is when this ledger was last up to date: it knows the assets that its owner made
	// before. Zero: it may know none.
	Since time.Time `json:"since,omitzero"`
	// Lost is true when it is known that a ledger was lost, and false where this one may
	// just as well be the first.
	Lost bool `json:"lost"`
}

// Covers reports whether a version of a file may have been sent before this ledger
// knew. The change time counts, since a copy or a move may keep the modification time;
// where the platform has none, the modification time has to do.
func (d Unreconciled) Covers(fp file.Fingerprint) bool {
	if d.Before.IsZero() {
		return false
	}
	at := fp.ChangeTime
	if at == 0 {
		at = fp.ModTime
	}
	return at <= d.Before.UnixNano()
}

const unreconciledKey = "doubt"

// Unreconciled returns what is kept under that.
func (l *Ledger) Unreconciled(ctx context.Context) (d Unreconciled, err error) {
	text, err := l.Get(ctx, unreconciledKey)
	if err != nil || text == "" {
		return d, err
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return Unreconciled{}, fmt.Errorf("read which files may have been sent before: %w", err)
	}
	return d, nil
}

// SetUnreconciled replaces that, durably. An Uploader that works already does
// not see the change.
func (l *Ledger) SetUnreconciled(ctx context.Context, d Unreconciled) error {
	text, err := d.text()
	if err != nil {
		return err
	}
	return l.Set(ctx, unreconciledKey, text)
}

func (d Unreconciled) text() (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("write which files may have been sent before: %w", err)
	}
	return string(text), nil
}
