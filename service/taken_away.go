package service

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/watcher"
)

const (
	takenAwayEvery = 10 * time.Second
	takenAwaySoon  = time.Second     // while there is more to ask for, or a folder was not scanned yet
	takenAwayPage  = 200             // files of one folder that a pass asks for
	takenAwayWait  = 5 * time.Second // for a folder to answer
)

// takenAway ends what failed or is held once its file is not there any more, whoever took it
// away and whenever: a person has dealt with it. A pass asks for a bounded number of files of
// each folder, and the next one for those after them. A folder on a network share is asked only
// when it was scanned again.
type takenAway struct {
	ledger  *ledger.Ledger
	folders func() []watcher.FolderStatus
	log     *slog.Logger

	after   map[string]int64              // by folder: the item to go on after
	scanned map[string]time.Time          // by folder: the scan after which all of it was gone through
	asked   map[string]chan []ledger.Item // by folder: it has not answered yet
}

func newTakenAway(l *ledger.Ledger, folders func() []watcher.FolderStatus, log *slog.Logger) *takenAway {
	return &takenAway{ledger: l, folders: folders, log: log, after: map[string]int64{}, scanned: map[string]time.Time{},
		asked: map[string]chan []ledger.Item{}}
}

// Run works until ctx ends.
func (t *takenAway) Run(ctx context.Context) error {
	for {
		every := takenAwayEvery
		for _, f := range t.folders() {
			if err := t.pass(ctx, f); err != nil && ctx.Err() == nil {
				t.log.Debug("whether files were taken away could not be written down", "folder", f.Path, "why", err)
			}
			if t.after[f.Path] > 0 || f.LastScan.IsZero() && f.Err == "" {
				every = takenAwaySoon
			}
		}
		if !pause(ctx, every) {
			return nil
		}
	}
}

// pass asks for some of a folder's files. Of one that is away, or was not scanned yet, nothing
// is known.
func (t *takenAway) pass(ctx context.Context, f watcher.FolderStatus) error {
	if f.Err != "" || f.LastScan.IsZero() || f.Remote && t.scanned[f.Path].Equal(f.LastScan) {
		return nil
	}
	answer := t.asked[f.Path]
	if answer == nil {
		items, err := t.ledger.NeedingAttention(ctx, f.Path, t.after[f.Path], takenAwayPage)
		if err != nil {
			return err
		}
		if len(items) < takenAwayPage {
			t.after[f.Path], t.scanned[f.Path] = 0, f.LastScan
		} else {
			t.after[f.Path] = items[len(items)-1].ID
		}
		if len(items) == 0 {
			return nil
		}
		// A disk may hang; whoever asks it then is left behind, and asked no more until it answers.
		answer = make(chan []ledger.Item, 1)
		t.asked[f.Path] = answer
		go func() { answer <- notThere(items) }()
	}
	patience := time.NewTimer(takenAwayWait)
	defer patience.Stop()
	var gone []ledger.Item
	select {
	case <-ctx.Done():
		return nil
	case <-patience.C:
		return nil
	case gone = <-answer:
		delete(t.asked, f.Path)
	}
	// The folder may have gone away meanwhile, and its files with it.
	if len(gone) > 0 && len(watcher.Away([]string{f.Path}, takenAwayWait)) > 0 {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(goneAtOnce)
	for _, it := range gone {
		g.Go(func() error { return endGone(ctx, t.ledger, it) })
	}
	return g.Wait()
}

// notThere returns those of the items whose file is not there any more.
func notThere(items []ledger.Item) (gone []ledger.Item) {
	for _, it := range items {
		if _, _, err := file.Lstat(it.Root, it.Path); errors.Is(err, fs.ErrNotExist) {
			gone = append(gone, it)
		}
	}
	return gone
}
