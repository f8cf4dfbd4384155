package uploader

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/reconcile"
	"scenario-drop/uploader/guard"
)

// Files that Scenario may hold already, though the ledger does not know, are compared with
// what it lists before they are sent: those that were there when this ledger cannot have
// been told of everything, and those of folders that other computers may send too. While
// that is being found out they wait in the ledger, in nobody's hands, so that files saved
// since are not held up.

// reconciling is what the uploader knows of such files. The zero value asks the ledger when
// first needed.
type reconciling struct {
	catalog func() *reconcile.Catalog
	walk    chan struct{} // has a token when files that wait may be due

	mu      sync.Mutex
	list    ledger.UnreconciledList
	asked   bool          // the ledger was
	changed chan struct{} // see change; nil: nobody waits
	said    bool          // that files need a decision
}

// matchRecords are what a reconciler reads and writes down.
type matchRecords interface {
	UnreconciledList(ctx context.Context) (ledger.UnreconciledList, error)
	KnowsAsset(ctx context.Context, scope, asset string) (known bool, err error)
	AssetHash(ctx context.Context, scope, asset string) (sum []byte, err error)
	SetAssetHash(ctx context.Context, scope, asset string, size int64, sum []byte) error
	AssetMatched(ctx context.Context, it ledger.Item, owner, asset string) error
	AssetLinkedExisting(ctx context.Context, it ledger.Item, owner, asset string) error
	NeedsDecision(ctx context.Context, it ledger.Item, owner string, candidates []string, detail drop.Detail) error
	Reconciling(ctx context.Context, after int64, limit int) ([]ledger.Item, error)
	Reconciled(ctx context.Context, items []int64) error
}

// reconciler finds out what Scenario holds of an item already, and has a person asked where that
// cannot be told.
type reconciler struct {
	*base
	ledger   matchRecords
	remote   *remote
	refusals *refusals
	storage  *guard.Storage
	assets   reconcile.Storage      // where the bytes of assets are read
	shared   func(root string) bool // see Options.Shared
	unsure   reconciling
}

// begin makes ready a reconciler that has all but what it finds out itself.
func (re *reconciler) begin() *reconciler {
	re.unsure.walk = make(chan struct{}, 1)
	re.unsure.catalog = sync.OnceValue(re.newCatalog)
	return re
}

// sharedSlack is how much older than a file an asset may be that another computer made of
// it: their clocks, and that of the share's server, may differ.
const sharedSlack = time.Hour

// errReconciling takes an item out of everybody's hands until it is known what Scenario holds.
var errReconciling = errors.New("what Scenario holds already is being found out")

// newCatalog returns what finds out what Scenario holds.
func (re *reconciler) newCatalog() *reconcile.Catalog {
	return reconcile.New(reconcile.Options{API: re.remote.client, Storage: re.assets, Ask: re.remote.ask, Ledger: knownAssets{re.ledger, re.scope}, Log: re.log, Now: re.now,
		Throttle: func(ctx context.Context, r io.Reader) io.Reader { return re.storage.Limit(ctx, r) },
		Changed:  re.moreKnown})
}

// knownAssets is what the ledger knows of the assets of the uploader's project.
type knownAssets struct {
	ledger matchRecords
	scope  string
}

func (k knownAssets) Known(ctx context.Context, asset string) (bool, error) {
	return k.ledger.KnowsAsset(ctx, k.scope, asset)
}

func (k knownAssets) Hash(ctx context.Context, asset string) ([]byte, error) {
	return k.ledger.AssetHash(ctx, k.scope, asset)
}

func (k knownAssets) SetHash(ctx context.Context, asset string, size int64, sum []byte) error {
	return k.ledger.SetAssetHash(ctx, k.scope, asset, size, sum)
}

// unreconciled returns whether a version of a file may have been sent by somebody whose ledger
// this one does not have.
func (re *reconciler) unreconciled(ctx context.Context, fp file.Fingerprint) (d ledger.Unreconciled, covered bool, err error) {
	re.unsure.mu.Lock()
	defer re.unsure.mu.Unlock()
	if !re.unsure.asked {
		if re.unsure.list, err = re.ledger.UnreconciledList(ctx); err != nil {
			return d, false, err
		}
		re.unsure.asked = true
	}
	d, covered = re.unsure.list.About(fp)
	return d, covered, nil
}

// query returns what an item is to be compared with; ok is false when it is not to be.
func (re *reconciler) query(ctx context.Context, it ledger.Item, rule Rule) (q reconcile.Query, ok bool, err error) {
	if it.Answer == ledger.Send || it.Answer == ledger.LinkExisting && it.Scope == re.scope {
		return q, false, nil
	}
	d, covered, err := re.unreconciled(ctx, it.Fingerprint)
	shared := re.shared != nil && re.shared(it.Root)
	if err != nil || !covered && !shared {
		return q, false, err
	}
	q = rule.Query(it.Path, it.Fingerprint.Size)
	q.Since, q.Lost = d.Since, d.Lost
	if shared {
		q.Fresh = true
		if at := time.Unix(0, it.Fingerprint.ModTime).Add(-sharedSlack); !covered || at.Before(q.Since) {
			q.Since = at
		}
	}
	return q, true, nil
}

// Query returns how a file of the rule's folder is searched for at Scenario.
func (r Rule) Query(path string, size int64) reconcile.Query {
	q := reconcile.Query{CollectionIDs: r.CollectionIDs, Hidden: r.Hide, Name: fileName(path), Size: size}
	for _, name := range r.collectionNames(path) {
		q.Collections = append(q.Collections, collectionName(name))
	}
	return q
}

// found is what Scenario has that the worker's file may be.
type found struct {
	reconcile.Found
	lost bool
}

// asks reports whether the file must not be sent without a person's word.
func (f found) asks() bool { return f.Asks(f.lost) }

// compare finds out what Scenario has that the item may be, before anything of it is sent.
// It is errReconciling while that is not known yet.
func (re *reconciler) compare(ctx context.Context, j *job) (f found, err error) {
	q, ok, err := re.query(ctx, j.it, j.rule)
	if err != nil || !ok || j.rule.Kind == "model" && !q.Lost {
		return f, err
	}
	f.lost = q.Lost
	if j.rule.Kind == "model" {
		f.Unlisted = "models cannot be compared"
		return f, nil
	}
	re.progress.doing(j.shown, "comparing")
	for {
		changed := re.unsure.change()
		found, ready, err := re.unsure.catalog().Check(ctx, q)
		if err != nil || ready {
			f.Found = found
			return f, err
		}
		// A list that is short comes sooner than the item could be given back.
		left := listGrace - re.now().Sub(found.Needed)
		if found.Needed.IsZero() || left <= 0 || left > listGrace {
			return f, errReconciling
		}
		timer := time.NewTimer(left)
		select {
		case <-changed:
		case <-timer.C:
		case <-ctx.Done():
			err = ctx.Err()
		}
		timer.Stop()
		if err != nil {
			return f, err
		}
	}
}

// listGrace is how long a list that is needed may be missing before the files that need it
// make room for others.
const listGrace = 100 * time.Millisecond

// change is closed when more is known of what Scenario holds.
func (r *reconciling) change() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

// match takes the item, whose hash is known now, as the asset that is its content byte for
// byte, or has it wait for a person's word if that cannot be told. done is false when it is
// to be sent.
func (re *reconciler) match(ctx context.Context, j *job, f found, c ledger.Content) (done bool, err error) {
	asset := f.Match(c.SHA256)
	if asset == "" {
		if !f.asks() {
			return false, nil
		}
		return true, re.needsDecision(ctx, j, f, c.Kind)
	}
	mine, err := re.claimContent(ctx, j, c)
	if err != nil || !mine {
		return true, err
	}
	err = re.ledger.AssetMatched(ctx, j.it, re.owner, asset)
	if errors.Is(err, ledger.ErrAssetTaken) { // by a content of another kind
		return false, nil
	}
	if err != nil {
		return true, err
	}
	j.it.State, j.it.Asset = drop.Linking, asset
	re.log.Info("Scenario holds the file already, byte for byte; nothing is sent", "item", j.it.ID, "path", j.it.Path, "asset", asset)
	re.wake() // others with the same bytes may have waited
	return true, nil
}

// needsDecision has the item wait for a person's word.
func (re *reconciler) needsDecision(ctx context.Context, j *job, f found, kind string) error {
	j.it.Scope, j.it.Kind = re.scope, kind
	return re.hold(ctx, j, f.Unproven, f.Detail(f.lost))
}

// moreKnown is told that more is known of what Scenario holds.
func (re *reconciler) moreKnown() {
	re.unsure.mu.Lock()
	if re.unsure.changed != nil {
		close(re.unsure.changed)
		re.unsure.changed = nil
	}
	re.unsure.mu.Unlock()
	re.reconcileSoon()
}

// reconcileSoon has files that wait for what Scenario holds checked. It never blocks.
func (re *reconciler) reconcileSoon() {
	select {
	case re.unsure.walk <- struct{}{}:
	default:
	}
}

const (
	reconcileBatch = 500 // items let on in one transaction
	// Files that wait may be many: checking them takes one part in walkShare of the time.
	walkShare = 10
)

// reconcileAll lets files on that waited for what Scenario holds, as soon as that is known.
func (re *reconciler) reconcileAll(ctx context.Context) error {
	re.reconcileSoon() // those of the process before
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-re.unsure.walk:
		}
		start := time.Now() // what it took is slept, which no other clock tells
		if err := re.releaseKnown(ctx); err != nil && ctx.Err() == nil {
			re.written.failed(err)
			re.reconcileSoon()
			if !wait.For(ctx, ledgerRetry) {
				return nil
			}
		}
		if !wait.For(ctx, max(claimEvery, walkShare*time.Since(start))) {
			return nil
		}
	}
}

// releaseKnown checks once every file that waits for what Scenario holds.
func (re *reconciler) releaseKnown(ctx context.Context) error {
	for after := int64(0); ; {
		items, err := re.ledger.Reconciling(ctx, after, reconcileBatch)
		if err != nil || len(items) == 0 {
			return err
		}
		after = items[len(items)-1].ID
		var due []int64
		for _, it := range items {
			ready, err := re.reconciled(ctx, it)
			if err != nil {
				return err
			}
			if ready {
				due = append(due, it.ID)
			}
		}
		if len(due) == 0 {
			continue
		}
		if err := re.ledger.Reconciled(ctx, due); err != nil {
			return err
		}
		re.wake()
	}
}

// reconciled reports whether it is known by now what Scenario holds of an item, as far as
// the item needs.
func (re *reconciler) reconciled(ctx context.Context, it ledger.Item) (bool, error) {
	rule, watched := re.rule(it.Root)
	q, ok, err := re.query(ctx, it, rule)
	if err != nil || !ok || !watched {
		return true, err
	}
	_, ready, err := re.unsure.catalog().Check(ctx, q)
	return ready, err
}
