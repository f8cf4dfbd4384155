package service

import (
	"context"
	"fmt"
	"os"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// pausedKey is where the ledger remembers a pause over restarts: "" for none,
// "resumed" for until then, or a time.
const pausedKey, untilResumed = "paused_until", "until resumed"

// Pause takes up no file until the time given (zero: until Resume), also after a
// restart. Files that are being sent are finished.
func (d *Daemon) Pause(ctx context.Context, until time.Time) error {
	value := untilResumed
	if !until.IsZero() {
		value = until.Format(time.RFC3339)
	}
	if err := d.ledger.Set(ctx, pausedKey, value); err != nil {
		return err
	}
	d.engine.pause(until)
	d.Log.Info("paused", "until", value)
	return nil
}

// Resume ends a pause.
func (d *Daemon) Resume(ctx context.Context) error {
	if err := d.ledger.Set(ctx, pausedKey, ""); err != nil {
		return err
	}
	d.engine.resume()
	d.Log.Info("resumed")
	return nil
}

func (d *Daemon) restorePause(ctx context.Context) error {
	value, err := d.ledger.Get(ctx, pausedKey)
	if err != nil || value == "" {
		return err
	}
	var until time.Time
	if value != untilResumed {
		if until, err = time.Parse(time.RFC3339, value); err != nil {
			return fmt.Errorf("read the pause that was asked for: %w", err)
		}
	}
	d.engine.pause(until)
	return nil
}

// Retry lets failed files be tried again: those of the paths, or all; and those that
// wait for a next try, at once. It returns how many items that concerns.
func (d *Daemon) Retry(ctx context.Context, paths []string) (int, error) {
	u := d.engine.sender()
	u.AskAgain() // first, or what is queued may be held again for what was said before
	if len(paths) == 0 {
		n, err := d.ledger.AskRetry(ctx)
		if err == nil {
			d.somethingAsked()
			d.engine.rescan(nil)
		}
		return n, err
	}
	n, err := retryPaths(ctx, d.ledger, paths)
	if err != nil {
		return 0, err
	}
	moved, err := takeMoved(ctx, d.engine.inForce(), d.ledger, paths)
	if err != nil {
		return 0, err
	}
	n += moved
	u.Wake()
	d.engine.rescan(paths)
	return n, nil
}

// LinkExisting has the files that may have been sent before, of the paths or all of them, taken
// as what Scenario holds.
func (d *Daemon) LinkExisting(ctx context.Context, paths []string) (ledger.LinkedExisting, error) {
	if len(paths) == 0 {
		a, err := d.ledger.AskLinkExisting(ctx)
		d.somethingAsked()
		return a, err
	}
	a, err := d.ledger.LinkExisting(ctx, paths)
	d.engine.sender().Wake()
	return a, err
}

// somethingAsked tells doAsked that there is something for it.
func (d *Daemon) somethingAsked() {
	select {
	case d.asked <- struct{}{}:
	default:
	}
}

// askedAgain is how soon what was asked of all files is gone on with after the ledger could
// not be written.
const askedAgain = 5 * time.Second

// doAsked does what was asked of all files, beside everything else, and what of that an
// earlier run left.
func (d *Daemon) doAsked(ctx context.Context) error {
	for {
		again := make(<-chan time.Time)
		err := d.ledger.DoAsked(ctx, func() { d.engine.sender().Wake() })
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("what was asked of all files is not done yet; it is gone on with", logging.Failure("asked"), "why", err)
			again = time.After(askedAgain)
		}
		d.engine.sender().Wake()
		select {
		case <-ctx.Done():
			return nil
		case <-d.asked:
		case <-again:
		}
	}
}

// Recent returns the files that something happened to last.
func (d *Daemon) Recent(ctx context.Context, limit int, failedOnly bool) ([]status.File, error) {
	return RecentFiles(ctx, d.ledger, limit, failedOnly)
}

// RecentFiles returns the files that something happened to last, most recent first; of
// those that did not succeed only, if asked.
func RecentFiles(ctx context.Context, l *ledger.Ledger, limit int, failedOnly bool) ([]status.File, error) {
	recent := func(ctx context.Context, limit int) ([]ledger.Item, error) { return l.Recent(ctx, limit) }
	if failedOnly {
		recent = l.Troubled
	}
	items, err := recent(ctx, limit)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	files := make([]status.File, len(items))
	for i, it := range items {
		files[i] = status.NewFile(it, now)
	}
	return files, nil
}

// Snapshot tells what the daemon is doing.
func (d *Daemon) Snapshot(ctx context.Context) (status.Snapshot, error) {
	counts, err := d.ledger.Counts(ctx)
	if err != nil {
		return status.Snapshot{}, err
	}
	asking, err := countAttention(ctx, d.ledger, d.engine.inForce(), counts)
	if err != nil {
		return status.Snapshot{}, err
	}
	unfinished, err := d.ledger.CountUnfinished(ctx)
	if err != nil {
		return status.Snapshot{}, err
	}
	versions, err := d.ledger.VersionsWaiting(ctx)
	if err != nil {
		return status.Snapshot{}, err
	}
	d.mu.Lock()
	configError := d.configError
	d.mu.Unlock()
	e := d.engine
	u := e.sender()
	s := status.Snapshot{Running: true, Version: d.Version, PID: os.Getpid(), Started: &d.started, ConfigFile: d.Config.File,
		ConfigError: configError, Counts: counts, NeedDecision: asking, Unfinished: unfinished, Versions: versions, BytesSent: e.bytesSent(), Transfers: []status.Transfer{}, Folders: []status.Folder{}}
	if until, paused := u.Paused(); paused {
		s.Paused = true
		if !until.IsZero() {
			s.PausedUntil = &until
		}
	}
	s.Trouble = e.trouble()
	if t := descriptorTrouble(); t != "" {
		s.Trouble = t // whatever else fails fails for it
	}
	for _, t := range u.Transfers() {
		s.Transfers = append(s.Transfers, status.Transfer{Path: t.Path, Size: t.Size, Sent: t.Sent, Doing: t.Doing, Started: t.Started})
	}
	s.Awaited = awaited(e.watcher.Awaited(ctx), time.Now())
	kinds := map[string]string{}
	for _, w := range e.inForce().Watches {
		kinds[w.Path] = w.Kind
	}
	atFault := e.sender().FolderTroubles()
	for _, f := range e.watcher.Folders() {
		s.Folders = append(s.Folders, folder(f, kinds[f.Path], atFault))
	}
	if err := addExisting(ctx, d.ledger, e.inForce(), s.Folders, s.Counts); err != nil {
		return status.Snapshot{}, err
	}
	return s, nil
}

// PathStatus tells what a path waits for that was not taken yet.
func (d *Daemon) PathStatus(ctx context.Context, path string) (status.PathStatus, error) {
	o := d.engine.watcher.PathStatus(ctx, path)
	s := status.PathStatus{Folder: o.Folder.Path, Answered: o.Answered, Scanning: o.Folder.Scanning,
		Polling: o.Folder.Mode == watcher.ModePolling, Remote: o.Folder.Remote}
	if o.File != nil {
		f := awaitedFile(*o.File, time.Now())
		s.File = &f
	}
	if !o.Folder.NextScan.IsZero() {
		s.NextScan = &o.Folder.NextScan
	}
	return s, nil
}

func awaited(l watcher.AwaitedList, now time.Time) status.Awaited {
	s := status.Awaited{Count: l.Count, Held: l.Held, Bytes: l.Bytes, Files: make([]status.AwaitedFile, len(l.Files))}
	for i, a := range l.Files {
		s.Files[i] = awaitedFile(a, now)
	}
	return s
}

func awaitedFile(a watcher.Awaited, now time.Time) status.AwaitedFile {
	f := status.AwaitedFile{Path: a.Path, PathBytes: status.PathBytes(a.Path), Folder: a.Folder, Reason: a.Reason,
		Size: a.Size, Since: a.Since, Changed: a.Changed}
	if !a.Until.IsZero() {
		f.Until = &a.Until
	}
	f.Say(a.Detail, now)
	return f
}

// folder shows a folder, with what is wrong with it and (atFault, by its path) its settings.
func folder(f watcher.FolderStatus, kind string, atFault map[string]drop.Detail) status.Folder {
	s := status.Folder{Path: f.Path, Kind: kind, Mode: string(f.Mode), Why: status.Words(f.Why), Trouble: status.Words(folderTrouble(f, atFault)), Shared: f.Remote}
	if !f.LastScan.IsZero() {
		s.LastScan = &f.LastScan
	}
	if !f.NextScan.IsZero() {
		s.NextScan = &f.NextScan
	}
	s.Directories, s.Files, s.Ignored = f.Dirs, f.Files, Ignored(f.Ignored, f.IgnoredBy)
	return s
}
