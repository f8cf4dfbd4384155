package uploader

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"scenario-drop/reconcile"
	"scenario-drop/scenario"
)

// A direct request whose answer was lost is settled by the newest assets that Scenario
// lists. One of the item's name, of which the ledger knows no content, and whose bytes are
// the item's is the item's asset. If there is none for a while, none came of the request.
// If there is one whose bytes are others, or nobody can tell, the user is asked.

const (
	// defaultLostAfter is how long an asset may be missing in the list after a request that
	// makes it. The gateway before Scenario's API lets a call take half a minute at most.
	defaultLostAfter = 2 * time.Minute
	// listSlack is how much older than the request assets are looked at, since clocks may
	// be wrong, and be put right.
	listSlack = 24 * time.Hour
	maxNewest = 200_000 // assets that are looked at
	maxOthers = 16      // assets that one image may be
	// mostSettleLooks bounds the tries to read the bytes of what the list has.
	mostSettleLooks = 10
)

// errNotSettled puts an item off of which it is not known yet what its direct request made.
func errNotSettled() error {
	return &laterError{"lost-answer", "The answer to sending it was lost. It is being found out whether Scenario has it, before anything is sent again."}
}

// lookDirect takes up an item again of which it could not be found out what its direct
// request made.
func (w *worker) lookDirect(ctx context.Context) error {
	it, err := w.Ledger.ResumeDirect(ctx, w.it, w.owner)
	if err != nil {
		return err
	}
	w.it = it
	return w.settleDirect(ctx)
}

// settleDirect finds out what became of a direct request whose answer was never seen.
func (w *worker) settleDirect(ctx context.Context) error {
	w.progress.doing(w.shown, "asking what became of it")
	try, err := w.Ledger.DirectTry(ctx, w.it.ID)
	if err != nil {
		return err
	}
	list := &newest{why: "the project in the config changed meanwhile"}
	if w.it.Scope == w.Scope {
		if list, err = w.lists.read(ctx, w.Uploader, try.At.Add(-listSlack)); err != nil {
			return err
		}
	}
	var others []string
	for _, a := range list.assets {
		if !w.named(a) || len(others) == maxOthers {
			continue
		}
		if known, err := w.Ledger.KnowsAsset(ctx, w.it.Scope, a.ID); err != nil {
			return err
		} else if known {
			continue
		}
		same, err := w.sameBytes(ctx, a.ID)
		if err != nil && w.it.Attempts < mostSettleLooks {
			return err
		}
		if same {
			if err := w.Ledger.SetListsAssets(ctx, w.it.Scope, a.ID); err != nil {
				return err
			}
			w.Log.Info("Scenario has the image whose answer was lost", "item", w.it.ID, "path", w.it.Path, "asset", a.ID)
			return w.directMade(ctx, &a, false)
		}
		others = append(others, a.ID)
	}
	patience := w.LostAfter
	if len(others) > 0 {
		patience *= 2 // they may be those of other files, whose answers are lost too
	}
	if w.Now().Sub(try.At) < patience {
		return errNotSettled()
	}
	switch listed, err := w.Ledger.ListsAssets(ctx, w.it.Scope); {
	case err != nil:
		return err
	case len(others) > 0:
		return w.askDirect(ctx, others, fmt.Sprintf("The answer to sending it was lost. Scenario has the asset %s of its name, whose bytes are not the file's, as far as can be told. "+
			"To take it as that one: scenario-drop adopt PATH. To send it: scenario-drop retry PATH.", others[0]))
	case list.why != "":
		return w.askDirect(ctx, nil, "The answer to sending it was lost, and whether Scenario has it cannot be found out: "+list.why+
			". To send it: scenario-drop retry PATH. To look again: scenario-drop retry.")
	case !listed:
		return w.askDirect(ctx, nil, "The answer to sending it was lost, and whether Scenario lists such images is not known. "+
			"To send it: scenario-drop retry PATH. To look again: scenario-drop retry.")
	}
	return w.directFailed(ctx, false, "start-over", "The answer to sending it was lost, and Scenario has not got it; it is sent again.")
}

func (w *worker) askDirect(ctx context.Context, candidates []string, sentence string) error {
	if err := w.Ledger.AskDirect(ctx, w.it, w.owner, candidates, sentence); err != nil {
		return err
	}
	w.held(sentence)
	return nil
}

// sameBytes reports whether an asset is, byte for byte, the content that the item sent. An
// error says that it is not known at the moment.
func (w *worker) sameBytes(ctx context.Context, asset string) (same bool, err error) {
	known, err := w.Ledger.AssetHash(ctx, w.it.Scope, asset)
	if err != nil || known != nil {
		return bytes.Equal(known, w.it.SHA256), err
	}
	size := w.it.Fingerprint.Size
	sum, got, err := reconcile.Sum(ctx, reconcile.Options{API: w.API, Storage: w.Storage, Ask: w.ask}, asset, size)
	if err == nil && got == size {
		same = bytes.Equal(sum[:], w.it.SHA256)
		err = w.Ledger.SetAssetHash(ctx, w.it.Scope, asset, got, sum[:])
	}
	switch scenario.ClassOf(err) {
	case scenario.NotFound, scenario.Rejected, scenario.Expired:
		return false, nil // its bytes are not to be had
	}
	return same, err
}

// newest is what Scenario lists of the assets made since a moment.
type newest struct {
	assets []scenario.Asset
	why    string // why it is not all of them; "" when it is

	number int       // in the order of reading
	since  time.Time // by our clock
}

// lists reads the newest assets. Items that wait for a list share the next one that is
// begun. The zero value is usable but for turn, which holds a token while somebody reads.
type lists struct {
	turn  chan struct{}
	begun chan int // holds how many were begun
	last  *newest
}

func newLists() *lists {
	l := &lists{turn: make(chan struct{}, 1), begun: make(chan int, 1)}
	l.begun <- 0
	return l
}

// read returns the assets made since a moment, by a list that is begun after the call.
func (l *lists) read(ctx context.Context, u *Uploader, since time.Time) (*newest, error) {
	asked := <-l.begun
	l.begun <- asked
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l.last != nil && l.last.number > asked && !l.last.since.After(since) {
		return l.last, nil
	}
	number := <-l.begun + 1
	l.begun <- number
	list, err := readNewest(ctx, u, since)
	if err != nil {
		return nil, err
	}
	list.number, list.since = number, since
	l.last = list
	return list, nil
}

// readNewest reads the list of assets, and stops before its end only where the newest come
// first, as asked, and all since a moment were read.
func readNewest(ctx context.Context, u *Uploader, since time.Time) (*newest, error) {
	list := &newest{}
	var before time.Time // when the asset before was made
	ordered := true
	for page, err := range reconcile.Pages(ctx, u.API, u.ask, scenario.AssetFilter{Newest: true}) {
		if why, no := reconcile.CannotList(err); no {
			list.why = why
			break
		} else if err != nil {
			return nil, err
		}
		skew := time.Duration(0) // how far our clock is ahead of the server's
		if !page.ServerDate.IsZero() {
			skew = u.Now().Sub(page.ServerDate)
		}
		for _, a := range page.Assets {
			ordered = ordered && !a.CreatedAt.IsZero() && (before.IsZero() || !a.CreatedAt.After(before))
			before = a.CreatedAt
			if a.DeletedAt.IsZero() && (a.CreatedAt.IsZero() || !a.CreatedAt.Add(skew).Before(since)) {
				list.assets = append(list.assets, a)
			}
		}
		if ordered && len(page.Assets) > 0 && before.Add(skew).Before(since) {
			break
		}
		if page.Next != "" && len(list.assets) >= maxNewest {
			list.why = reconcile.ErrTooLong.Error()
			break
		}
	}
	return list, nil
}
