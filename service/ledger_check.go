package service

import (
	"context"
	"errors"
	"os"

	"scenario-drop/ledger"
)

// LedgerState is how the ledger of a data directory is. The values are stable.
type LedgerState string

// The states of a ledger.
const (
	LedgerNone     LedgerState = "none"     // there is none yet
	LedgerSound    LedgerState = "sound"    // every page of it could be read
	LedgerOlder    LedgerState = "older"    // an older program wrote it; the next start brings it up to date
	LedgerNewer    LedgerState = "newer"    // a newer program wrote it, and this one cannot read it
	LedgerDamaged  LedgerState = "damaged"  // it is damaged, or lost; the next start puts a backup in its place
	LedgerUnusable LedgerState = "unusable" // it cannot be opened
)

// CheckLedger checks the ledger of a data directory, beside a daemon that may be
// writing it, and changes nothing. err says what is wrong with it, and in a second line what
// to do; none is wrong with the first three states.
func CheckLedger(ctx context.Context, dataDir string) (LedgerState, error) {
	l, err := OpenLedgerReadOnly(ctx, dataDir)
	if l != nil {
		err = explainOpen(errors.Join(l.Check(ctx), l.Close()), dataDir)
	}
	switch {
	case err == nil && l == nil:
		return LedgerNone, nil
	case err == nil:
		return LedgerSound, nil
	case errors.Is(err, ledger.ErrOlder):
		return LedgerOlder, nil
	case errors.Is(err, ledger.ErrNewer):
		return LedgerNewer, err
	case ledger.Damaged(err):
		return LedgerDamaged, err
	}
	return LedgerUnusable, err
}

// isDirectory reports whether something else than a file is in the ledger's place.
func isDirectory(dataDir string) bool {
	info, err := os.Stat(LedgerPath(dataDir))
	return err == nil && info.IsDir()
}
