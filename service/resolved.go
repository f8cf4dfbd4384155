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
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/watcher"
)

const (
	resolvedEvery = 10 * time.Second
	resolvedSoon  = time.Second     // while there is more to ask for, or a folder was not scanned yet
	resolvedPage  = 200             // files of one folder that a pass asks for
	resolvedWait  = 5 * time.Second // for a folder to answer
)

// resolver ends what failed or is held once its file is not there any more, whoever took it
// away and whenever, or once the folder's rules ignore it: a person has dealt with it. A pass asks for a bounded number of files of
// each folder, and the next one for those after them. A folder on a network share is asked only
// when it was scanned again.
type resolver struct {
	ledger  *ledger.Ledger
	folders func() []watcher.FolderStatus
	explain func(path string) watcher.Explanation
	log     *slog.Logger

	passes map[string]*resolverPass // by folder
}

// resolverPass is how far a folder was gone through.
type resolverPass struct {
	after    int64     // the item to go on after
	scanned  time.Time // the scan after which all of it was gone through
	resolved question[[]resolvedItem]
	existing existingPass
}

func newResolver(l *ledger.Ledger, w *watcher.Watcher, log *slog.Logger) *resolver {
	return &resolver{ledger: l, folders: w.Folders, explain: w.Explain, log: log, passes: map[string]*resolverPass{}}
}

// Run works until ctx ends.
func (r *resolver) Run(ctx context.Context) error {
	for {
		every := resolvedEvery
		for _, f := range r.folders() {
			p := r.passes[f.Path]
			if p == nil {
				p = &resolverPass{}
				r.passes[f.Path] = p
			}
			if err := r.pass(ctx, f, p); err != nil && ctx.Err() == nil {
				r.log.Debug("whether files were taken away could not be written down", "folder", f.Path, "why", err)
			}
			more, err := r.existing(ctx, f, &p.existing)
			if err != nil && ctx.Err() == nil {
				r.log.Debug("whether files from before were taken away could not be written down", "folder", f.Path, "why", err)
			}
			if more || p.after > 0 || f.LastScan.IsZero() && f.Err == "" {
				every = resolvedSoon
			}
		}
		if !wait.For(ctx, every) {
			return nil
		}
	}
}

// question is asked of a disk, which may hang: whoever asks it then is left behind, and it is
// asked no more until it answers.
type question[T any] struct{ answer chan T }

func (q *question[T]) ask(about func() T) {
	answer := make(chan T, 1)
	q.answer = answer
	go func() { answer <- about() }()
}

// wait returns the answer, unless that takes too long.
func (q *question[T]) wait(ctx context.Context) (answer T, ok bool) {
	patience := time.NewTimer(resolvedWait)
	defer patience.Stop()
	select {
	case <-ctx.Done():
	case <-patience.C:
	case answer = <-q.answer:
		q.answer = nil
		return answer, true
	}
	return answer, false
}

// pass asks for some of a folder's files. Of one that is away, or was not scanned yet, nothing
// is known.
func (r *resolver) pass(ctx context.Context, f watcher.FolderStatus, p *resolverPass) error {
	if f.Err != "" || f.LastScan.IsZero() || f.Remote && p.scanned.Equal(f.LastScan) {
		return nil
	}
	if p.resolved.answer == nil {
		items, err := r.ledger.NeedingAttention(ctx, f.Path, p.after, resolvedPage)
		if err != nil {
			return err
		}
		if len(items) < resolvedPage {
			p.after, p.scanned = 0, f.LastScan
		} else {
			p.after = items[len(items)-1].ID
		}
		if len(items) == 0 {
			return nil
		}
		p.resolved.ask(func() []resolvedItem { return resolvedOf(items, r.explain) })
	}
	all, _ := p.resolved.wait(ctx)
	// The folder may have gone away meanwhile, and its files with it.
	if len(all) == 0 || len(watcher.Unavailable([]string{f.Path}, resolvedWait)) > 0 {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(goneAtOnce)
	for _, s := range all {
		g.Go(func() error { return s.end(ctx, r.ledger) })
	}
	return g.Wait()
}

// resolvedItem is an item that needs nobody any more, and what it ends as.
type resolvedItem struct {
	item  ledger.Item
	state drop.State
	why   drop.Why
}

// resolvedOf returns those of the items whose file is not there any more, or is ignored now.
func resolvedOf(items []ledger.Item, explain func(path string) watcher.Explanation) (all []resolvedItem) {
	for _, it := range items {
		if s, ok := resolvedNow(it, explain); ok {
			all = append(all, s)
		}
	}
	return all
}

// resolvedNow tells whether an item needs nobody any more, since its file is not there or the
// rules ignore it. What lies where files are moved to was asked for by its name.
func resolvedNow(it ledger.Item, explain func(path string) watcher.Explanation) (s resolvedItem, ok bool) {
	if _, _, err := file.Lstat(it.Root, it.Path); errors.Is(err, fs.ErrNotExist) {
		return resolvedItem{it, drop.Gone, drop.ReasonGone.With(drop.TextNotThere.With())}, true
	}
	if it.Asks() {
		return resolvedItem{}, false // else it would go without the person's word once it is not ignored any more
	}
	e := explain(it.Path)
	switch e.Rule {
	case drop.ReasonBuiltIn, drop.ReasonHidden, drop.ReasonExcluded, drop.ReasonNotIncluded, drop.ReasonUnlessIncluded,
		drop.ReasonNoAssetName, drop.ReasonNotRecursive, drop.ReasonTooDeep:
		return resolvedItem{it, drop.Ignored, e.Rule.With(e.Detail)}, true
	}
	return resolvedItem{}, false
}

// end ends the item, unless it moved meanwhile.
func (s resolvedItem) end(ctx context.Context, l *ledger.Ledger) error {
	err := l.End(ctx, s.item, "", s.state, s.why)
	if errors.Is(err, ledger.ErrNotMoved) {
		return nil
	}
	return err
}
