package service

import (
	"context"
	"errors"
	"os"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// Force uploads held files as they are, since a person asked for that, where they are held by
// our judgement alone; what else is named and waits for another try is tried again. With
// dryRun it only tells what it would do.
func (d *Daemon) Force(ctx context.Context, paths []string, dryRun bool) ([]status.Forced, error) {
	f := forcing{config: d.engine.inForce(), ledger: d.ledger, dryRun: dryRun, awaited: func(path string) *status.AwaitedFile {
		o, err := d.PathStatus(ctx, path)
		if err != nil {
			return nil
		}
		return o.File
	}}
	if !dryRun {
		d.engine.sender().AskAgain() // first, or what is queued may be held again for what was said before
	}
	all, err := f.all(ctx, paths)
	if dryRun {
		return all, err
	}
	for _, it := range f.queued {
		d.Log.Info("file is uploaded as it is, because somebody asked", "item", it.ID, "path", it.Path, "held for", it.Reason, "why", it.Detail)
		d.engine.watcher.ReportAgain(it.Root, it.Path)
	}
	if len(f.retried) > 0 {
		d.engine.rescan(f.retried)
	}
	d.engine.sender().Wake()
	return all, err
}

// ForceOffline is Daemon.Force for a data directory on which no daemon runs: the files are
// uploaded with the next start. It fails with a *LockedError when one runs.
func ForceOffline(ctx context.Context, c *config.Config, paths []string, dryRun bool) (all []status.Forced, err error) {
	f := forcing{config: c, dryRun: dryRun}
	if dryRun {
		if f.ledger, err = OpenLedgerReadOnly(ctx, c.DataDir); err != nil {
			return nil, err
		}
		if f.ledger != nil {
			defer func() { err = errors.Join(err, f.ledger.Close()) }()
		}
		return f.all(ctx, paths)
	}
	done := false
	err = offline(ctx, c.DataDir, "retry", func(l *ledger.Ledger) (err error) {
		done, f.ledger = true, l
		all, err = f.all(ctx, paths)
		return err
	})
	if err == nil && !done { // there is no ledger yet
		f.ledger = nil
		return f.all(ctx, paths)
	}
	return all, err
}

// forcing is one call of Force.
type forcing struct {
	config  *config.Config
	ledger  *ledger.Ledger // nil: there is none yet
	dryRun  bool
	awaited func(path string) *status.AwaitedFile // nil: nothing runs

	folders []watcher.Folder
	queued  []ledger.Item // as they were held
	retried []string      // paths
}

func (f *forcing) all(ctx context.Context, paths []string) (all []status.Forced, err error) {
	if f.folders, err = FoldersKnown(ctx, f.config, f.ledger); err != nil {
		return nil, err
	}
	all = []status.Forced{}
	for _, path := range paths {
		one, err := f.one(ctx, path)
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (f *forcing) one(ctx context.Context, path string) (status.Forced, error) {
	rule := watcher.Explain(f.folders, path)
	info, err := os.Lstat(path)
	switch {
	case !rule.Exists:
		return status.NothingForced(path, drop.TextNoSuchFile.With()), nil
	case err == nil && info.IsDir():
		return status.NothingForced(path, drop.TextForceFolder.With()), nil
	case !rule.Accepted:
		return status.NothingForced(path, drop.TextForceRules.With().And(rule.Detail)), nil
	}
	it, err := f.find(ctx, path)
	if errors.Is(err, ledger.ErrNotFound) {
		if f.awaited != nil {
			if a := f.awaited(path); a != nil {
				return status.NothingForced(path, drop.TextForceNotHeld.With().And(drop.Detail(a.Sentence))), nil
			}
		}
		return status.NothingForced(path, drop.TextForceNotSeen.With()), nil
	}
	if err != nil {
		return status.Forced{}, err
	}
	out := status.NewForced(it, time.Now())
	if f.dryRun {
		return out, nil
	}
	switch out.Does {
	case status.ForceUploads:
		err = f.force(ctx, it, &out)
	case status.ForceRetries:
		f.retried = append(f.retried, path)
		_, err = retryPaths(ctx, f.ledger, []string{path})
	}
	return out, err
}

func (f *forcing) find(ctx context.Context, path string) (ledger.Item, error) {
	if f.ledger == nil {
		return ledger.Item{}, ledger.ErrNotFound
	}
	return f.ledger.Find(ctx, path)
}

// force queues a held item in the version that its file has now.
func (f *forcing) force(ctx context.Context, it ledger.Item, out *status.Forced) error {
	fp, mode, err := file.Lstat(it.Root, it.Path)
	if err != nil || !file.Openable(mode) || fp.Size == 0 {
		*out = status.NothingForced(it.Path, drop.TextForceUnreadable.With())
		return nil
	}
	err = f.ledger.Force(ctx, it, fp)
	if errors.Is(err, ledger.ErrNotMoved) {
		*out = status.NothingForced(it.Path, drop.TextForceChanged.With())
		return nil
	}
	if err == nil {
		f.queued = append(f.queued, it)
	}
	return err
}
