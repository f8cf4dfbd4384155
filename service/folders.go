package service

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/watcher"
)

// FoldersKnown is Folders with what a ledger knows of earlier configs. l may be nil.
func FoldersKnown(ctx context.Context, c *config.Config, l *ledger.Ledger) ([]watcher.Folder, error) {
	if l == nil {
		return Folders(c, nil), nil
	}
	movedInto, err := l.MoveTargets(ctx)
	return Folders(c, movedInto), err
}

// FoldersFound is FoldersKnown by the config's own ledger; what that cannot tell is missing.
func FoldersFound(ctx context.Context, c *config.Config) []watcher.Folder {
	l, err := OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil || l == nil {
		return Folders(c, nil)
	}
	defer l.Close() // it was only read
	folders, err := FoldersKnown(ctx, c, l)
	if err != nil {
		return Folders(c, nil)
	}
	return folders
}

// takeMoved takes those of the paths that lie where files are moved to, which nobody
// scans, as new work: somebody asked for them by name. It returns how many became work.
func takeMoved(ctx context.Context, c *config.Config, l *ledger.Ledger, paths []string) (n int, err error) {
	folders, err := FoldersKnown(ctx, c, l)
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		e := watcher.Explain(folders, path)
		if e.Rule != drop.ReasonMoveTarget || !e.Exists {
			continue
		}
		fp, mode, err := file.Lstat(e.Folder, path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !file.Openable(mode) {
			continue
		}
		if err != nil {
			return n, err
		}
		queued, err := l.Admit(ctx, []ledger.Observation{{Root: e.Folder, Path: path, Fingerprint: fp, State: drop.Queued}})
		n += queued
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// answerWithin is how long a folder may take to answer somebody who waits for it.
const answerWithin = 3 * time.Second

// Paths are the watch folders of a config.
func Paths(c *config.Config) []string {
	var all []string
	for _, w := range c.Watches {
		all = append(all, w.Path)
	}
	return all
}
