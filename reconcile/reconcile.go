// Package reconcile finds out whether Scenario holds a file already that the ledger does
// not know of: after a lost, a restored, an older or a new ledger, or where other computers
// send the files of the same share.
//
// A Catalog reads what Scenario lists, in the background, the newest first, each list once
// and only as far back as somebody needs. An asset of the file's name and size is a
// candidate. Its original bytes are fetched and hashed, once and for good, and then compared
// by SHA-256: equal bytes are a match, others are another file. Only where the bytes
// cannot be had is the asset a possible duplicate that a person has to decide about.
//
// Whoever asks never waits: what is not known yet is found out, and Changed is called.
package reconcile

import (
	"context"
	"crypto/sha256"
	"io"
	"iter"
	"log/slog"
	"maps"
	"sync"
	"time"

	"scenario-drop/scenario"
)

// Bounds of a Catalog.
const (
	maxListed    = 200_000          // assets kept of all lists, some 40 MB
	maxPages     = 5_000            // read of one list
	keepLists    = 10 * time.Minute // after the last use
	keepRefusals = time.Minute      // before a list that was refused is asked for again

	// Clocks may be wrong, and an asset may be made some time before its client hears of
	// it: so much older assets than needed are checked.
	listSlack = time.Hour
	// maxListAge is how old a list may be that has to be fresh.
	maxListAge = 15 * time.Second
)

// Options are what a Catalog works with. All but Throttle are needed.
type Options struct {
	API     API
	Storage Storage // nil: bytes cannot be had
	// Ask makes a request to the API, again where that may help.
	Ask func(ctx context.Context, request func(context.Context) error) error
	// Throttle holds what is fetched to the bandwidth that is allowed. nil: nothing does.
	Throttle func(ctx context.Context, r io.Reader) io.Reader
	Ledger   Ledger
	Log      *slog.Logger
	Now      func() time.Time
	// Changed is told when a file that was not Ready may be by now. It must not block.
	Changed func()
}

// API is what a Catalog asks of Scenario; it is a *scenario.Client.
type API interface {
	Collections(ctx context.Context) iter.Seq2[scenario.Collection, error]
	Lister
	AssetURL(ctx context.Context, id string) (string, error)
}

// Lister reads lists of assets, page by page.
type Lister interface {
	AssetPage(ctx context.Context, f scenario.AssetFilter) (scenario.AssetPage, error)
}

// Storage hands out the bytes of assets; it is a *scenario.Storage.
type Storage interface {
	Sum(ctx context.Context, d scenario.Download) (sum [sha256.Size]byte, size int64, err error)
}

// Ledger is what a Catalog needs to know, and to keep, of assets.
type Ledger interface {
	// Known reports whether it is known of which content an asset is. Such an asset is told
	// from others by its content, and is nobody's candidate.
	Known(ctx context.Context, asset string) (bool, error)
	// Hash returns what SetHash kept; nil for nothing.
	Hash(ctx context.Context, asset string) ([]byte, error)
	// SetHash keeps the SHA-256 of an asset's original bytes.
	SetHash(ctx context.Context, asset string, size int64, sha256 []byte) error
}

// Query is a file to be looked for.
type Query struct {
	// The collections that the file joins, by id and by name. Where Scenario has them all
	// it is looked for in them, else in the whole project.
	CollectionIDs, Collections []string
	Hidden                     bool
	Name                       string // as Scenario gets it
	Size                       int64
	// Since is when the ledger was last up to date: it knows the assets made before. Zero:
	// it may not know any.
	Since time.Time
	// Fresh asks for a list that is no older than a few seconds.
	Fresh bool
	// Lost tells that a ledger is known to be lost: less than name and size counts then.
	Lost bool
}

// Catalog is what Scenario holds, as far as somebody needed to know. It is safe for
// concurrent use.
type Catalog struct {
	Options
	work chan struct{} // has a token when there is something to find out
	turn chan struct{} // holds a token while somebody reads lists

	mu        sync.Mutex
	lists     map[string]*list    // by collection; "" is the whole project
	names     map[string][]string // ids of collections by name; nil: not read yet
	entries   int                 // in all lists
	used      time.Time
	needs     map[string]need   // lists to be read, by collection
	needIDs   bool              // names is to be read …
	needIDsAt time.Time         // … since then
	proofs    map[string]*proof // by asset
	fetches   []*proof          // to be made
	fetched   budget
}

// need is how much of a list somebody needs.
type need struct {
	since time.Time
	fresh time.Time // the reading has to begin no sooner; zero: any will do
	noted time.Time
}

// New returns a Catalog. It asks nothing yet.
func New(o Options) *Catalog {
	c := &Catalog{Options: o, work: make(chan struct{}, 1), turn: make(chan struct{}, 1), proofs: map[string]*proof{}, needs: map[string]need{}}
	c.forget()
	return c
}

func (c *Catalog) forget() {
	c.lists, c.names, c.entries = map[string]*list{}, nil, 0
	// What was fetched is in the ledger; what could not be had may be had by now.
	maps.DeleteFunc(c.proofs, func(_ string, p *proof) bool { return p.ready })
}

// Release lets go of the lists when they were not needed for a while. It never blocks.
func (c *Catalog) Release() {
	if !c.mu.TryLock() {
		return // in use
	}
	defer c.mu.Unlock()
	if c.Now().Sub(c.used) > keepLists && len(c.needs) == 0 && len(c.fetches) == 0 {
		c.forget()
	}
}

// Run finds out what was needed, until ctx ends.
func (c *Catalog) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	defer workers.Wait()
	more := make(chan struct{}, fetchesAtOnce)
	for range fetchesAtOnce {
		workers.Go(func() { c.fetchAll(ctx, more) })
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.work:
		}
		for range fetchesAtOnce {
			select {
			case more <- struct{}{}:
			default:
			}
		}
		if err := c.readAll(ctx); err != nil && ctx.Err() == nil {
			// What could not be asked is asked again; the host's trouble was waited for already.
			c.Log.Debug("what Scenario holds could not be read; it is tried again", "why", err)
			c.again(ctx)
		}
	}
}

// again asks for another round after a while.
func (c *Catalog) again(ctx context.Context) {
	timer := time.NewTimer(retryAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		c.notify()
	}
}

const retryAfter = 5 * time.Second

// notify tells Run that there is something to find out.
func (c *Catalog) notify() {
	select {
	case c.work <- struct{}{}:
	default:
	}
}

// Check returns what Scenario has that a file may be. ready is false while that is being
// found out: whoever asks does so again when Changed is called. Its error says that the
// ledger cannot be asked.
func (c *Catalog) Check(ctx context.Context, q Query) (found Found, ready bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, lists, ready := c.inLists(q)
	if !ready {
		c.notify()
		found.Needed = c.needed()
		return found, false, nil
	}
	for _, l := range lists {
		settled, err := c.compare(ctx, l, q, &found)
		if err != nil {
			return found, false, err
		}
		ready = ready && settled
	}
	if !ready {
		c.notify()
	}
	return found, ready, nil
}

// CheckNow is Check for who can wait and where nobody runs the Catalog. No bytes are
// fetched: candidates are possible duplicates. Its error says that Scenario, or the
// ledger, cannot be asked now.
func (c *Catalog) CheckNow(ctx context.Context, q Query) (Found, error) {
	for {
		c.mu.Lock()
		found, lists, ready := c.inLists(q)
		if ready {
			defer c.mu.Unlock()
			for _, l := range lists {
				if err := c.list(ctx, l, q, &found); err != nil {
					return found, err
				}
			}
			return found, nil
		}
		c.mu.Unlock()
		if err := c.readAll(ctx); err != nil {
			return found, err
		}
	}
}

// inLists returns the lists that a file is looked for in, if they are read as far as it
// needs; else what is missing is noted as a need.
func (c *Catalog) inLists(q Query) (found Found, lists []*list, ready bool) {
	now := c.Now()
	c.used = now
	n := need{since: q.Since}
	if !q.Since.IsZero() {
		n.since = q.Since.Add(-listSlack)
	}
	if q.Fresh {
		n.fresh = now.Add(-maxListAge)
	}
	where, ids, ready := c.places(q, n)
	if !ready {
		return found, nil, false
	}
	found.Place = where
	for _, id := range ids {
		l := c.lists[id]
		lists = append(lists, l)
		switch why := l.unlisted(n.since); {
		case why != "":
			found.Unlisted = why
		case q.Hidden && !l.hidden:
			found.Unlisted = "the assets of this folder are hidden, and Scenario lists no hidden ones"
		}
	}
	return found, lists, true
}
