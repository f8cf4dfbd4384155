package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"syscall"
	"time"

	"scenario-drop/ledger"
)

// openLedger opens the ledger of a data directory, whose lock the caller holds. One that
// is damaged or was lost is set aside, and the latest backup, or an empty one, takes its
// place, which log is told.
func openLedger(ctx context.Context, dataDir string, log *slog.Logger, opts ...ledger.Option) (*ledger.Ledger, error) {
	path := LedgerPath(dataDir)
	l, err := ledger.Open(ctx, path, nil, opts...)
	if ledger.Damaged(err) {
		damage := err
		var done ledger.Recovery
		if done, err = ledger.Recover(ctx, path, nil); err == nil {
			logRecovery(log, damage, done)
			l, err = ledger.Open(ctx, path, nil, opts...)
		}
	}
	if err != nil {
		return nil, explainLedger(err, dataDir)
	}
	logOlder(l, log)
	return l, nil
}

func logRecovery(log *slog.Logger, damage error, done ledger.Recovery) {
	attrs := []any{"why", damage}
	if done.SetAside != "" {
		attrs = append(attrs, "kept", done.SetAside)
	}
	for _, bad := range done.Bad {
		attrs = append(attrs, "damaged_backup", bad)
	}
	const asked = "files that were in the folders before now, and that it does not know, are compared with what Scenario holds before anything is sent"
	if done.Backup == "" {
		log.Error("the local database was lost, there is no sound backup, and a new one was begun; "+asked, attrs...)
		return
	}
	attrs = append(attrs, "backup", done.Backup, "age", time.Since(done.Taken).Round(time.Second))
	log.Error("the local database was lost, and its latest backup took its place; "+asked, attrs...)
}

// explainLedger says what to do about an error of opening the ledger.
func explainLedger(err error, dataDir string) error {
	if errors.Is(err, ledger.ErrNewer) {
		return fmt.Errorf("%w\nNothing was changed. Install the newer scenario-drop again, or give this one a data_dir of its own", err)
	}
	if isDirectory(dataDir) {
		return fmt.Errorf("%s is a directory, and the local database of scenario-drop should be there\nMove it away, or set data_dir in the config to another place", LedgerPath(dataDir))
	}
	if refused := unreadable(err, dataDir); refused != nil {
		err = refused
	}
	if explained := explainDir(err, dataDir); explained != err {
		return explained
	}
	if ledger.Unwritable(err) {
		return fmt.Errorf("%w\nscenario-drop must be able to write in %s; see whether the disk is full or read-only, or another program has the local database open", err, dataDir)
	}
	return fmt.Errorf("%w\nThe local database remembers what was sent; without it nothing is sent, so that nothing is sent twice", err)
}

// unreadable returns the operating system's refusal where SQLite, which does not tell why, could
// not open the ledger; nil where there is none.
func unreadable(err error, dataDir string) error {
	if !ledger.Unwritable(err) {
		return nil
	}
	f, opening := os.Open(LedgerPath(dataDir))
	if opening == nil {
		_ = f.Close() // it was only tried
	}
	if errors.Is(opening, fs.ErrPermission) {
		return fmt.Errorf("open the local database: %w", opening)
	}
	return nil
}

// explainDir says what to do about an error of the operating system in the data
// directory, if that is known.
func explainDir(err error, dataDir string) error {
	if explained := ExplainAccount(err, dataDir); explained != err {
		return explained
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w\nThe disk with %s is full (of data, or of files); make room there", err, dataDir)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w\nscenario-drop must be able to read and write everything in %s; let its user do so, or set data_dir in the config to another place", err, dataDir)
	}
	return err
}

// OpenLedgerReadOnly opens the ledger of a data directory for reading, beside a daemon
// that may be writing it. It is nil without an error when there is none yet.
func OpenLedgerReadOnly(ctx context.Context, dataDir string) (*ledger.Ledger, error) {
	l, err := ledger.OpenReadOnly(ctx, LedgerPath(dataDir))
	if errors.Is(err, fs.ErrNotExist) && !ledger.Damaged(err) {
		return nil, nil
	}
	return l, explainOpen(err, dataDir)
}

// explainOpen says what to do about an error of opening or reading the ledger.
func explainOpen(err error, dataDir string) error {
	if err == nil {
		return nil
	}
	if refused := unreadable(err, dataDir); refused != nil {
		err = refused
	}
	if explained := ExplainAccount(err, dataDir); explained != err {
		return explained
	}
	switch {
	case ledger.Damaged(err):
		return fmt.Errorf("%w\nIts latest backup takes its place when scenario-drop starts the next time; nothing is sent twice", err)
	case errors.Is(err, ledger.ErrOlder):
		return err // it says what to do
	}
	return explainLedger(err, dataDir)
}
