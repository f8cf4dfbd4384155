// Package uploader takes the ledger's items along their way: it reads a claimed file,
// finds out whether its content is new, sends it in parts, completes the upload only
// while the file is still the one that was read, follows it until it is an asset,
// joins its collections, and does with the local file what its rule asks.
//
// Before every step that has an effect at Scenario its intent is in the ledger, and
// after it the receipt, so that a process killed at any instant goes on from there.
package uploader

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/internal/wait"
	"scenario-drop/ledger"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/guard"
)

// Options are what an Uploader works with and by.
type Options struct {
	Ledger  Items
	API     API
	Storage Storage
	Scope   string // names the API host and project in the ledger

	Settings Settings // at the start; SetSettings changes them

	// Recheck is told of a file, by its watch folder and path, that turned out to be
	// another version than the one to be sent, or not to be readable, so that it is
	// followed even if no event says more of it. It must not block. nil: not told.
	Recheck func(root, path string)

	// Complete reports whether a file of that path and size is complete by its format, so that it may
	// be sent though a program keeps it open for writing. nil: none is.
	Complete func(path string, r io.ReaderAt, size int64) bool

	// Shared reports whether other computers may send the files of a watch folder, too. nil:
	// never.
	Shared func(root string) bool

	// Pins tell which folders are not to be used. nil: all are.
	Pins *file.Pins

	// Idle is told that no file is being worked on any more, and no import that began in
	// this Run is followed. It must not block. nil: not told.
	Idle func()

	// AnswerWithin is how long a single call into a watch folder may take before the
	// folder counts as unresponsive and its files wait for it. 0: 10 seconds.
	AnswerWithin time.Duration

	// SettingsEvery is how often a setting of a folder that is at fault at Scenario is asked
	// for again. 0: 1 minute.
	SettingsEvery time.Duration

	Log *slog.Logger
	Now func() time.Time // nil: time.Now
}

// claims are what an Uploader itself reads and writes down.
type claims interface {
	Claim(ctx context.Context, c ledger.Claim) ([]ledger.Item, error)
	Renew(ctx context.Context, owner string, until time.Time) error
	Release(ctx context.Context, it ledger.Item, owner string, notBefore time.Time, spent bool, why drop.Why) error
	MakeDue(ctx context.Context, latest time.Time) (clamped int64, err error)
	MakeUnfinishedDue(ctx context.Context) error
}

// Uploader sends files. Its methods are safe for concurrent use; Run is called once.
type Uploader struct {
	*base
	ledger claims

	api     *guard.API
	storage *guard.Storage
	imports *imports
	idles   func() // Options.Idle
	woken   chan struct{}
	edited  chan struct{} // has a token when the settings have changed
	working atomic.Int64  // files worked on

	idler      *idler
	files      *files
	folders    *folders
	refusals   *refusals
	reconciler *reconciler
	identifier *identifier
	sender     *sender
	completer  *completer
	follower   *follower
	linker     *linker
	cleaner    *cleaner

	pausedUntil atomic.Int64 // Unix nanoseconds; 0: not paused
}

const (
	leaseTime   = 2 * time.Minute
	renewEvery  = 30 * time.Second
	maxWait     = 10 * time.Minute // more than any item is postponed for
	maxSleep    = 30 * time.Second // without a wake or anything due
	ledgerRetry = 5 * time.Second  // while the ledger cannot be written
)

// New returns an Uploader. It starts nothing.
func New(o Options) *Uploader {
	if o.Now == nil {
		o.Now = time.Now
	}
	limits := guard.Options{Log: o.Log, Now: o.Now}
	u := &Uploader{ledger: o.Ledger, api: guard.NewAPI(o.API, limits), imports: newImports(), idles: o.Idle,
		woken: make(chan struct{}, 1), edited: make(chan struct{}, 1)}
	b := &base{ledger: o.Ledger, owner: fmt.Sprintf("uploader-%d", o.Now().UnixNano()), scope: o.Scope, log: o.Log, now: o.Now, wake: u.Wake,
		progress: newProgress(), postponed: newPostponements(), written: &ledgerTrouble{log: o.Log, now: o.Now}}
	u.base = b
	u.storage = guard.NewStorage(o.Storage, guard.StorageOptions{Options: limits, Connections: o.Settings.Connections, Bandwidth: u.bandwidth})

	r := &remote{api: u.api, client: o.API}
	d := disk.New(disk.Options{Within: o.AnswerWithin, Wake: u.Wake, Pins: o.Pins})
	u.files = &files{base: b, disk: d, roots: newKnownRoots(), complete: o.Complete, recheck: o.Recheck}
	u.folders = newFolders(b, o.Ledger, r, o.SettingsEvery)
	u.refusals = newRefusals(b, o.Ledger)
	u.reconciler = (&reconciler{base: b, ledger: o.Ledger, remote: r, refusals: u.refusals, storage: u.storage, assets: o.Storage, shared: o.Shared}).begin()
	u.completer = &completer{base: b, ledger: o.Ledger, files: u.files, remote: r, refusals: u.refusals, imports: u.imports}
	u.sender = &sender{base: b, ledger: o.Ledger, files: u.files, remote: r, storage: u.storage, folders: u.folders, refusals: u.refusals, completer: u.completer}
	u.identifier = &identifier{base: b, ledger: o.Ledger, files: u.files, folders: u.folders, refusals: u.refusals, reconciler: u.reconciler, storage: u.storage,
		inFlight: newInFlight(), sender: u.sender}
	u.idler = &idler{base: b, ledger: o.Ledger, unavailable: func() []string { return append(d.Busy(), u.folders.troubles.waiting()...) }}
	u.follower = &follower{base: b, ledger: o.Ledger, remote: r, imports: u.imports, completer: u.completer, idler: u.idler, checked: u.mayBeIdle}
	u.linker = &linker{base: b, ledger: o.Ledger, remote: r, folders: u.folders}
	u.cleaner = &cleaner{base: b, ledger: o.Ledger, files: u.files}
	u.SetSettings(o.Settings)
	return u
}

// Wake tells that the ledger has new work. It never blocks.
func (u *Uploader) Wake() {
	select {
	case u.woken <- struct{}{}:
	default:
	}
}

// Pause takes up no file until the time given (a zero time: until Resume). Files that
// are on their way go on to their end.
func (u *Uploader) Pause(until time.Time) {
	at := int64(math.MaxInt64)
	if !until.IsZero() {
		at = until.UnixNano()
	}
	u.pausedUntil.Store(at)
}

// Resume ends a pause.
func (u *Uploader) Resume() {
	u.pausedUntil.Store(0)
	u.Wake()
}

// Paused reports whether no file is taken up, and until when (zero: until Resume).
func (u *Uploader) Paused() (until time.Time, paused bool) {
	switch at := u.pausedUntil.Load(); {
	case at == math.MaxInt64:
		return time.Time{}, true
	case at > u.now().UnixNano():
		return time.Unix(0, at), true
	}
	return time.Time{}, false
}

// TryNotAllowed tries one of the held files of each kind that Scenario did not let be sent.
// If it is let, the others follow.
func (u *Uploader) TryNotAllowed(ctx context.Context) error { return u.refusals.tryNotAllowed(ctx) }

// AskAgain has every file and setting ask again that Scenario refused, as after the user
// asked for that.
func (u *Uploader) AskAgain() {
	u.folders.checkSettingsNow()
	u.refusals.askAgain()
}

// Transfers returns the files on their way.
func (u *Uploader) Transfers() []Transfer { return u.progress.snapshot() }

// BytesSent returns how many bytes of parts have left since the start.
func (u *Uploader) BytesSent() int64 { return u.storage.Sent() }

// Trouble returns why nothing can be sent at the moment; ok is false when it can.
func (u *Uploader) Trouble() (o guard.Outage, ok bool) {
	if o, ok := u.api.Outage(); ok {
		return o, true
	}
	return u.storage.Outage()
}

// Run works until ctx ends, and then leaves everything so that the next Run goes on
// from there. It returns an error only for a ledger that is lost for good.
func (u *Uploader) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	var wakes []chan struct{}
	for _, large := range []bool{false, true} {
		wake := make(chan struct{}, 1)
		wakes = append(wakes, wake)
		g.Go(func() error { return u.runClass(ctx, large, wake) })
	}
	wakes = append(wakes, u.imports.begun)
	g.Go(func() error { return u.follower.follow(ctx) })
	g.Go(func() error { return u.reconciler.unsure.catalog().Run(ctx) })
	g.Go(func() error { return u.reconciler.reconcileAll(ctx) })
	g.Go(func() error { return u.renew(ctx) })
	g.Go(func() error { return u.retryUnfinished(ctx) })
	g.Go(func() error { return u.files.disk.Run(ctx) })
	g.Go(func() error { return u.refusals.tryNotAllowedNowAndThen(ctx) })
	g.Go(func() error { return u.folders.checkSettings(ctx) })
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-u.woken:
				for _, w := range wakes {
					select {
					case w <- struct{}{}:
					default:
					}
				}
			}
		}
	})
	return g.Wait()
}

// mayBeIdle tells Idle if nothing is in flight.
func (u *Uploader) mayBeIdle() {
	if u.idles != nil && u.working.Load() == 0 && u.imports.followed() == 0 {
		u.idles()
	}
}

// renew keeps the leases, and lets no item wait for longer than any wait is: a clock set
// its time that was put right since.
func (u *Uploader) renew(ctx context.Context) error {
	for {
		clamped, err := u.ledger.MakeDue(ctx, u.now().Add(maxWait))
		if err != nil && ctx.Err() == nil {
			u.written.failed(err)
		}
		if clamped > 0 {
			u.Wake()
		}
		if !wait.For(ctx, renewEvery) {
			return nil
		}
		u.reconciler.unsure.catalog().Release()
		if err := u.ledger.Renew(ctx, u.owner, u.now().Add(leaseTime)); err != nil && ctx.Err() == nil {
			u.written.failed(err)
		}
	}
}
