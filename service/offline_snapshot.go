package service

import (
	"context"
	"errors"
	"strings"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/status"
	"scenario-drop/uploader"
	"scenario-drop/watcher"
)

// OfflineSnapshot is Daemon.Snapshot for a data directory on which no daemon runs: what
// the ledger and the config know.
func OfflineSnapshot(ctx context.Context, c *config.Config) (s status.Snapshot, err error) {
	s = status.Snapshot{ConfigFile: c.File, Counts: map[drop.State]int{}, Awaited: status.Awaited{Files: []status.AwaitedFile{}}, Transfers: []status.Transfer{}, Folders: []status.Folder{}}
	unavailable := watcher.Unavailable(Paths(c), answerWithin)
	for _, w := range c.Watches {
		s.Folders = append(s.Folders, status.Folder{Path: w.Path, Kind: w.Kind, Trouble: status.Words(unavailable[w.Path]), Ignored: Ignored(0, nil)})
	}
	l, err := OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil || l == nil {
		return s, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if s.Counts, err = l.Counts(ctx); err != nil {
		return s, err
	}
	// A claim that a process left behind: nobody is at work on it.
	if n := s.Counts[drop.Preparing]; n > 0 {
		s.Counts[drop.Queued] += n
		delete(s.Counts, drop.Preparing)
	}
	if s.NeedDecision, err = countAttention(ctx, l, c, s.Counts); err != nil {
		return s, err
	}
	troubles, err := l.FolderTroubles(ctx)
	if err != nil {
		return s, err
	}
	for i, f := range s.Folders {
		s.Folders[i].Trouble = strings.TrimSpace(f.Trouble + " " + status.Words(uploader.TroublesByFolder(uploader.StillSet(troubles, rules(c)))[f.Path]))
	}
	if err := recallScans(ctx, l, s.Folders); err != nil {
		return s, err
	}
	if err := addExisting(ctx, l, c, s.Folders, s.Counts); err != nil {
		return s, err
	}
	if s.Unfinished, err = l.CountUnfinished(ctx); err != nil {
		return s, err
	}
	if s.Versions, err = l.VersionsWaiting(ctx); err != nil {
		return s, err
	}
	value, err := l.Get(ctx, pausedKey)
	if err != nil || value == "" {
		return s, err
	}
	if until, err := time.Parse(time.RFC3339, value); err != nil {
		s.Paused = value == untilResumed
	} else if until.After(time.Now()) {
		s.Paused, s.PausedUntil = true, &until
	}
	return s, nil
}
