package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/status"
	"scenario-drop/uploader"
	"scenario-drop/watcher"
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

// AdoptOffline is Daemon.Adopt for a data directory on which no daemon runs, as
// RetryOffline.
func AdoptOffline(ctx context.Context, dataDir string, paths []string) (a ledger.Adopted, err error) {
	err = offline(ctx, dataDir, "adopt", func(l *ledger.Ledger) (err error) {
		a, err = l.Adopt(ctx, paths)
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

// StuckFiles returns up to limit of the files that keep failing for a reason that may
// pass, as Result.Stuck counts them.
func StuckFiles(ctx context.Context, dataDir string, limit int) (files []status.File, err error) {
	l, err := OpenLedgerReadOnly(ctx, dataDir)
	if err != nil || l == nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for it, err := range l.Newest(ctx) {
		if err != nil {
			return files, err
		}
		if it.Unfinished() || it.State.Active() && (it.Attempts >= stuckAfter && it.State != drop.Importing || it.Reason == ledger.ReasonNotAllowed || it.Reason == ledger.ReasonPlanLimit) {
			files = append(files, status.NewFile(it, time.Now()))
		}
		if len(files) == limit {
			break
		}
	}
	return files, nil
}

// Dial returns a client for the daemon of a data directory; status.ErrNotRunning if
// nobody works there. After one was killed its address is still written there, and may
// be anybody's: the lock is gone with the process.
func Dial(dataDir string) (*status.Client, error) {
	h, held, err := LockHolder(dataDir)
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, status.ErrNotRunning
	}
	if h.In != "" {
		dataDir = h.In
	}
	c, err := status.Dial(dataDir)
	return c, ExplainAccount(err, dataDir)
}

// awayWithin is how long a folder may take to answer somebody who waits for it.
const awayWithin = 3 * time.Second

// Paths are the watch folders of a config.
func Paths(c *config.Config) []string {
	var all []string
	for _, w := range c.Watches {
		all = append(all, w.Path)
	}
	return all
}

// LockHolder tells who works in a data directory; held is false when nobody does. It
// changes nothing there.
func LockHolder(dataDir string) (h Holder, held bool, err error) {
	data, err := os.ReadFile(filepath.Join(dataDir, "lock-holder.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil && !file.InUse(err) { // Windows: being written, or removed
		return h, false, ExplainAccount(fmt.Errorf("read who holds the lock: %w", err), dataDir)
	}
	// The file may be left over from a process that died; the lock itself is not.
	l := flock.New(filepath.Join(dataDir, "lock"), flock.SetFlag(os.O_RDONLY))
	free, err := l.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, ExplainAccount(fmt.Errorf("look at the lock: %w", err), dataDir)
	}
	if free {
		return h, false, l.Unlock()
	}
	if json.Unmarshal(data, &h) != nil {
		h = Holder{} // being written just now
	}
	return h, true, nil
}

// OfflineSnapshot is Daemon.Snapshot for a data directory on which no daemon runs: what
// the ledger and the config know.
func OfflineSnapshot(ctx context.Context, c *config.Config) (s status.Snapshot, err error) {
	s = status.Snapshot{ConfigFile: c.File, Counts: map[drop.State]int{}, Awaited: status.Awaited{Files: []status.AwaitedFile{}}, Transfers: []status.Transfer{}, Folders: []status.Folder{}}
	away := watcher.Away(Paths(c), awayWithin)
	for _, w := range c.Watches {
		s.Folders = append(s.Folders, status.Folder{Path: w.Path, Kind: w.Kind, Trouble: away[w.Path], Ignored: Ignored(0, nil)})
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
	if s.Asking, err = countAttention(ctx, l, c, s.Counts); err != nil {
		return s, err
	}
	troubles, err := l.FolderTroubles(ctx)
	if err != nil {
		return s, err
	}
	for i, f := range s.Folders {
		s.Folders[i].Trouble = strings.TrimSpace(f.Trouble + " " + strings.Join(uploader.TroublesByFolder(uploader.StillSet(troubles, rules(c)))[f.Path], " "))
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
