package service

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"scenario-drop/config"
	"scenario-drop/ledger"
)

// RetryOffline is Daemon.Retry for a data directory on which no daemon runs: the files
// are tried again with the next start. It fails with a *LockedError when one runs.
func RetryOffline(ctx context.Context, c *config.Config, paths []string) (n int, err error) {
	err = offline(ctx, c.DataDir, "retry", func(l *ledger.Ledger) (err error) {
		if len(paths) == 0 {
			n, err = l.Retry(ctx, nil)
			return err
		}
		if n, err = retryPaths(ctx, l, paths); err != nil {
			return err
		}
		moved, err := takeMoved(ctx, c, l, paths)
		n += moved
		return err
	})
	return n, err
}

// LinkExistingOffline is Daemon.LinkExisting for a data directory on which no daemon runs, as
// RetryOffline.
func LinkExistingOffline(ctx context.Context, dataDir string, paths []string) (a ledger.LinkedExisting, err error) {
	err = offline(ctx, dataDir, "link-existing", func(l *ledger.Ledger) (err error) {
		a, err = l.LinkExisting(ctx, paths)
		return err
	})
	return a, err
}

// offline changes a ledger that no daemon works on. Without one there is nothing to do;
// a damaged one is for the daemon to see to, which logs it.
func offline(ctx context.Context, dataDir, doing string, change func(*ledger.Ledger) error) (err error) {
	if _, err := os.Stat(LedgerPath(dataDir)); errors.Is(err, fs.ErrNotExist) {
		_, err := OpenLedgerReadOnly(ctx, dataDir) // which knows whether there was one
		return err
	} else if err != nil {
		return ExplainAccount(err, dataDir)
	}
	lock, err := lockDir(dataDir, doing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	l, err := ledger.Open(ctx, LedgerPath(dataDir), nil)
	if err != nil {
		return explainLedger(err, dataDir)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return change(l)
}
