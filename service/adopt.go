package service

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"scenario-drop/ledger"
)

// Adopt has the files that may have been sent before, of the paths or all of them, taken
// as what Scenario holds.
func (d *Daemon) Adopt(ctx context.Context, paths []string) (ledger.Adopted, error) {
	a, err := d.ledger.Adopt(ctx, paths)
	d.current().uploader.Wake()
	return a, err
}

// AdoptOffline is Daemon.Adopt for a data directory on which no daemon runs: it takes
// effect with the next start. It fails with a *LockedError when one runs.
func AdoptOffline(ctx context.Context, dataDir string, paths []string) (a ledger.Adopted, err error) {
	if _, err := os.Stat(LedgerPath(dataDir)); errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	lock, err := lockDir(dataDir, "adopt")
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	l, err := ledger.Open(ctx, LedgerPath(dataDir), nil)
	if err != nil {
		return a, explainLedger(err, dataDir)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return l.Adopt(ctx, paths)
}
