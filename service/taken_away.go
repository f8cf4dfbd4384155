package service

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/drop"
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
// away and whenever, or once the folder's rules ignore it: a person has dealt with it. A pass asks for a bounded number of files of
// each folder, and the next one for those after them. A folder on a network share is asked only
// when it was scanned again.
type takenAway struct {
	ledger  *ledger.Ledger
	folders func() []watcher.FolderStatus
	explain func(path string) watcher.Explanation
	log     *slog.Logger

	after   map[string]int64          // by folder: the item to go on after
	scanned map[string]time.Time      // by folder: the scan after which all of it was gone through
	asked   map[string]chan []settled // by folder: it has not answered yet

	noted map[string]*notedPass // by folder: how far what was there before is gone through
}

func newTakenAway(l *ledger.Ledger, w *watcher.Watcher, log *slog.Logger) *takenAway {
	return &takenAway{ledger: l, folders: w.Folders, explain: w.Explain, log: log, after: map[string]int64{}, scanned: map[string]time.Time{},
		asked: map[string]chan []settled{}, noted: map[string]*notedPass{}}
}

// Run works until ctx ends.
func (t *takenAway) Run(ctx context.Context) error {
	for {
		every := takenAwayEvery
		for _, f := range t.folders() {
			if err := t.pass(ctx, f); err != nil && ctx.Err() == nil {
				t.log.Debug("whether files were taken away could not be written down", "folder", f.Path, "why", err)
			}
			more, err := t.existing(ctx, f)
			if err != nil && ctx.Err() == nil {
				t.log.Debug("whether files from before were taken away could not be written down", "folder", f.Path, "why", err)
			}
			if more || t.after[f.Path] > 0 || f.LastScan.IsZero() && f.Err == "" {
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
		answer = make(chan []settled, 1)
		t.asked[f.Path] = answer
		go func() { answer <- settledOf(items, t.explain) }()
	}
	patience := time.NewTimer(takenAwayWait)
	defer patience.Stop()
	var gone []settled
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
	for _, s := range gone {
		g.Go(func() error { return s.end(ctx, t.ledger) })
	}
	return g.Wait()
}

// settled is an item that needs nobody any more, and what it ends as.
type settled struct {
	item           ledger.Item
	state          drop.State
	reason, detail string
}

// settledOf returns those of the items whose file is not there any more, or is ignored now.
func settledOf(items []ledger.Item, explain func(path string) watcher.Explanation) (all []settled) {
	for _, it := range items {
		if s, ok := settledNow(it, explain); ok {
			all = append(all, s)
		}
	}
	return all
}

// settledNow tells whether an item needs nobody any more, since its file is not there or the
// rules ignore it. What lies where files are moved to was asked for by its name.
func settledNow(it ledger.Item, explain func(path string) watcher.Explanation) (s settled, ok bool) {
	if _, _, err := file.Lstat(it.Root, it.Path); errors.Is(err, fs.ErrNotExist) {
		return settled{it, drop.Gone, string(watcher.Gone), "The file is not there any more."}, true
	}
	if it.Reason == ledger.ReasonMaybeSent || it.Reason == ledger.ReasonCannotTell {
		return settled{}, false // else it would go without the person's word once it is not ignored any more
	}
	e := explain(it.Path)
	switch e.Rule {
	case watcher.RuleBuiltIn, watcher.RuleHidden, watcher.RuleExclude, watcher.RuleInclude, watcher.RuleOptional,
		watcher.RuleNoAsset, watcher.RuleNotRecursive, watcher.RuleTooDeep:
		return settled{it, drop.Ignored, e.Rule, e.Sentence}, true
	}
	return settled{}, false
}

// end takes the item off its way, unless it went on meanwhile.
func (s settled) end(ctx context.Context, l *ledger.Ledger) error {
	err := l.End(ctx, s.item, "", s.state, s.reason, s.detail)
	if errors.Is(err, ledger.ErrNotMoved) {
		return nil
	}
	return err
}
