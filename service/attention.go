package service

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// Attention is what stands in the ledger and needs a person, whenever that came about.
type Attention struct {
	Failed, Held int           // files of the folders that are watched
	Before       int           // of both, those that were so before a given time
	Files        []ledger.Item // the most recent of them
}

// Total is how many files need a person.
func (a Attention) Total() int { return a.Failed + a.Held }

// maxAttention is how many files Attention lists.
const maxAttention = 50

// goneAtOnce is how many changes of the ledger go into one transaction, roughly.
const goneAtOnce = 32

// needAttention gathers the files of the config's folders that failed or are held. Those that
// are not there any more, or are ignored now, have been dealt with, and end as gone or ignored:
// their folder must be there, else nothing is known of them.
func needAttention(ctx context.Context, l *ledger.Ledger, c *config.Config, since time.Time) (a Attention, err error) {
	unavailable := watcher.Unavailable(Paths(c), answerWithin)
	there := map[string]bool{} // of the folders
	for _, w := range c.Watches {
		there[w.Path] = unavailable[w.Path] == ""
	}
	folders, err := FoldersKnown(ctx, c, l)
	if err != nil {
		return a, err
	}
	explain := func(path string) watcher.Explanation { return watcher.Explain(folders, path) }
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(goneAtOnce)
	for _, state := range []drop.State{drop.Failed, drop.Held} {
		listed := 0
		for it, err := range l.InState(ctx, state) {
			if err != nil {
				return a, errors.Join(err, g.Wait())
			}
			rootThere, watched := there[it.Root]
			if !watched {
				continue
			}
			if rootThere {
				if s, ok := resolvedNow(it, explain); ok {
					g.Go(func() error { return s.end(gctx, l) })
					continue
				}
			}
			if state == drop.Failed {
				a.Failed++
			} else {
				a.Held++
			}
			if it.Updated.Before(since) {
				a.Before++
			}
			if listed++; listed <= maxAttention {
				a.Files = append(a.Files, it)
			}
		}
	}
	slices.SortStableFunc(a.Files, func(x, y ledger.Item) int {
		return cmp.Or(y.Updated.Compare(x.Updated), cmp.Compare(y.ID, x.ID))
	})
	a.Files = a.Files[:min(len(a.Files), maxAttention)]
	return a, g.Wait()
}

// countAttention puts the failed and held files of the config's folders into counts, in the
// place of all of them, and returns how many wait for the user's word. What lies in a folder that
// the config does not name any more needs nobody.
func countAttention(ctx context.Context, l *ledger.Ledger, c *config.Config, counts map[drop.State]int) (asking int, err error) {
	n, err := l.CountAttention(ctx, Paths(c))
	if err != nil {
		return 0, err
	}
	for state, n := range map[drop.State]int{drop.Failed: n.Failed, drop.Held: n.Held} {
		if counts[state] = n; n == 0 {
			delete(counts, state)
		}
	}
	return n.NeedDecision, nil
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
		if it.Unfinished() || it.State.Active() && (it.Attempts >= stuckAfter && it.State != drop.Importing || it.Hold == ledger.HoldPermission) {
			files = append(files, status.NewFile(it, time.Now()))
		}
		if len(files) == limit {
			break
		}
	}
	return files, nil
}
