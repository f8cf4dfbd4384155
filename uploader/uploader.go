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
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// Options are what an Uploader works with and by.
type Options struct {
	Ledger  *ledger.Ledger
	API     *scenario.Client
	Storage *scenario.Storage
	Scope   string          // names the API host and project in the ledger
	Rules   map[string]Rule // by watch folder

	FilesAtOnce int                   // 0: chosen by itself
	Connections int                   // parts in flight over all files; 0: chosen by itself
	PartSize    int64                 // bytes; 0: chosen by itself
	Bandwidth   func(time.Time) Limit // what holds at a time; nil: never a limit

	// LookAgain is told of a file, by its watch folder and path, that turned out to be
	// another version than the one to be sent, or not to be readable, so that it is
	// followed even if no event says more of it. It must not block. nil: not told.
	LookAgain func(root, path string)

	// AnswerWithin is how long a single call into a watch folder may take before the
	// folder counts as silent and its files wait for it. 0: 10 seconds.
	AnswerWithin time.Duration

	Log *slog.Logger
	Now func() time.Time // nil: time.Now
}

// Uploader sends files. Its methods are safe for concurrent use; Run is called once.
type Uploader struct {
	Options
	owner    string
	api      *Gate
	storage  *Gate
	pace     *pace
	throttle *throttle
	progress *progress
	disk     *disk
	roots    *knownRoots
	names    *collectionNames
	doubts   doubts
	putOffs  *putOffs
	written  *ledgerTrouble
	wake     chan struct{}
	imports  *imports

	connections *connections

	pausedUntil atomic.Int64 // Unix nanoseconds; 0: not paused
}

// The lanes keep small files from waiting behind large ones.
const (
	smallFile          = defaultPartSize // bytes; up to here a file is one part
	defaultFilesAtOnce = 64              // enough that their commits share transactions
	mostLargeAtOnce    = 8
	leaseTime          = 2 * time.Minute
	renewEvery         = 30 * time.Second
	longestSleep       = 30 * time.Second       // without a wake or anything due
	longestWait        = 10 * time.Minute       // more than any item is put off for
	ledgerRetry        = 5 * time.Second        // while the ledger cannot be written
	laneApart          = 100 * time.Millisecond // between looks for what is due, at first
	followApart        = 10 * time.Millisecond
	claimApart         = 10 * time.Millisecond // so that one claim is for several files
)

// New returns an Uploader. It starts nothing.
func New(o Options) *Uploader {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.FilesAtOnce <= 0 {
		o.FilesAtOnce = defaultFilesAtOnce
	}
	if o.AnswerWithin <= 0 {
		o.AnswerWithin = defaultAnswerWithin
	}
	shown := newProgress()
	u := &Uploader{
		Options:     o,
		owner:       fmt.Sprintf("uploader-%d", o.Now().UnixNano()),
		api:         newGate("Scenario", o.Log, o.Now),
		storage:     newGate("Storage", o.Log, o.Now),
		pace:        newPace(o.Now),
		throttle:    newThrottle(o.Bandwidth, shown.sent.Load, o.Now),
		progress:    shown,
		roots:       newKnownRoots(),
		names:       &collectionNames{},
		putOffs:     newPutOffs(),
		written:     &ledgerTrouble{log: o.Log, now: o.Now},
		wake:        make(chan struct{}, 1),
		imports:     newImports(),
		connections: newConnections(o.Connections, shown.sent.Load, o.Now),
	}
	u.disk = newDisk(func() time.Duration { return u.AnswerWithin }, u.Wake)
	return u
}

// Wake tells that the ledger has new work. It never blocks.
func (u *Uploader) Wake() {
	select {
	case u.wake <- struct{}{}:
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

// Paused reports whether files are held back, and until when (zero: until Resume).
func (u *Uploader) Paused() (until time.Time, paused bool) {
	switch at := u.pausedUntil.Load(); {
	case at == math.MaxInt64:
		return time.Time{}, true
	case at > u.Now().UnixNano():
		return time.Unix(0, at), true
	}
	return time.Time{}, false
}

// Transfers returns the files on their way.
func (u *Uploader) Transfers() []Transfer { return u.progress.snapshot() }

// BytesSent returns how many bytes of parts have left since the start.
func (u *Uploader) BytesSent() int64 { return u.progress.sent.Load() }

// Trouble returns why nothing can be sent at the moment; ok is false when it can.
func (u *Uploader) Trouble() (c Closed, ok bool) {
	if c, ok := u.api.Closed(); ok {
		return c, true
	}
	return u.storage.Closed()
}

// lane is a number of files at once out of a range of sizes.
type lane struct {
	min, max int64
	light    bool
	files    int
}

func (u *Uploader) lanes() []lane {
	if u.FilesAtOnce == 1 {
		return []lane{{0, math.MaxInt64, true, 1}}
	}
	large := min(max(1, u.FilesAtOnce/4), mostLargeAtOnce)
	return []lane{{0, smallFile, true, u.FilesAtOnce - large}, {smallFile + 1, math.MaxInt64, false, large}}
}

// Run works until ctx ends, and then leaves everything so that the next Run goes on
// from there. It returns an error only for a ledger that is lost for good.
func (u *Uploader) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	var wakes []chan struct{}
	for _, l := range u.lanes() {
		wake := make(chan struct{}, 1)
		wakes = append(wakes, wake)
		g.Go(func() error { return u.runLane(ctx, l, wake) })
	}
	wakes = append(wakes, u.imports.begun)
	g.Go(func() error { return u.follow(ctx) })
	g.Go(func() error { return u.renew(ctx) })
	g.Go(func() error { return u.disk.askSilent(ctx) })
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-u.wake:
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

// renew keeps the leases, and lets no item wait for longer than any wait is: a clock set
// its time that was put right since.
func (u *Uploader) renew(ctx context.Context) error {
	for {
		hurried, err := u.Ledger.Hurry(ctx, u.Now().Add(longestWait))
		if err != nil && ctx.Err() == nil {
			u.written.failed(err)
		}
		if hurried > 0 {
			u.Wake()
		}
		if !sleep(ctx, renewEvery) {
			return nil
		}
		u.restDoubts()
		if err := u.Ledger.Renew(ctx, u.owner, u.Now().Add(leaseTime)); err != nil && ctx.Err() == nil {
			u.written.failed(err)
		}
	}
}

// runLane claims items while it has room for them, and works on each in a goroutine of
// its own.
func (u *Uploader) runLane(ctx context.Context, l lane, wake <-chan struct{}) error {
	var working sync.WaitGroup
	defer working.Wait()
	var busy atomic.Int64
	freed := make(chan struct{}, 1)
	var claimed time.Time
	in := vain{least: laneApart}
	for {
		if apart := u.Now().Sub(claimed); apart >= 0 && apart < claimApart && !sleep(ctx, claimApart-apart) {
			return nil
		}
		free := l.files - int(busy.Load())
		if _, paused := u.Paused(); !paused && free > 0 {
			claimed = u.Now()
			items, err := u.Ledger.Claim(ctx, ledger.Claim{Owner: u.owner, Until: u.Now().Add(leaseTime),
				MinSize: l.min, MaxSize: l.max, Light: l.light, Limit: free, Silent: u.disk.silent()})
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				u.written.failed(err)
				if !sleep(ctx, ledgerRetry) {
					return nil
				}
				continue
			}
			if len(items) > 0 { // a claim of nothing writes nothing
				u.written.works()
			}
			for _, it := range items {
				busy.Add(1)
				working.Go(func() {
					setAside := sync.OnceFunc(func() {
						busy.Add(-1)
						select {
						case freed <- struct{}{}:
						default:
						}
					})
					defer setAside()
					u.work(ctx, it, setAside)
				})
			}
			free -= len(items)
		}
		if !u.idle(ctx, free > 0, &in, wake, freed) {
			return nil
		}
	}
}

// untilDue is the time until an item is due. What is due already was not for this lane, or
// it would have been claimed. What waits for a silent folder may be much, and is not
// asked for that often.
func (u *Uploader) untilDue(ctx context.Context, in *vain) time.Duration {
	at, ok, err := u.Ledger.NextDue(ctx)
	if err != nil || !ok {
		return longestSleep
	}
	least := in.wait()
	if len(u.disk.silent()) > 0 {
		least = max(least, time.Second)
	}
	return min(longestSleep, max(at.Sub(u.Now()), least))
}

// idle waits until something may have to be done: a wake, a finished file, or, with
// room for it, the time an item is due. It reports false when ctx has ended.
func (u *Uploader) idle(ctx context.Context, room bool, in *vain, wake, freed <-chan struct{}) bool {
	wait := longestSleep
	if room {
		wait = u.untilDue(ctx, in)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		in.looks = 0
	case <-freed:
		in.looks = 0
	case <-timer.C:
		in.looks++
	}
	return true
}

// vain counts a loop's looks at the ledger since something happened, so that one which
// has nothing to do does not look ten times a second for as long as others have.
type vain struct {
	least time.Duration // after a look that was not
	looks int
}

// wait is the shortest time to the next look.
func (v *vain) wait() time.Duration {
	return min(v.least<<min(v.looks, 10), mostVain)
}

// mostVain also bounds how late a loop is with what becomes due meanwhile.
const mostVain = 2 * time.Second

// sleep waits; it reports false when ctx has ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// work takes one claimed item as far as it goes. setAside lets go of its place in the
// lane before it is there.
func (u *Uploader) work(ctx context.Context, it ledger.Item, setAside func()) {
	t := u.progress.begin(it.ID, it.Path, it.Fingerprint.Size, u.Now())
	defer u.progress.end(it.ID)
	w := &worker{Uploader: u, it: it, shown: t, setAside: setAside}
	for step := w.step(); step != nil; step = w.step() {
		if err := step(ctx); err != nil {
			w.stop(ctx, err)
			return
		}
	}
}

// worker is one item in the hands of the Uploader.
type worker struct {
	*Uploader
	it     ledger.Item
	rule   Rule
	resent bool // Scenario would not complete the upload, and its parts are sent again
	shown  *transferState

	setAside func() // see Uploader.work
}

// step returns what the item needs next; nil when it needs nobody's hands any more.
// Each step makes its own move in the ledger.
func (w *worker) step() func(context.Context) error {
	rule, watched := w.Rules[w.it.Root]
	w.rule = rule
	switch w.it.State {
	case ledger.Preparing:
		if !watched {
			return w.unwatched
		}
		return w.prepare
	case ledger.Uploading:
		if !watched {
			return w.unwatched
		}
		return w.resume
	case ledger.Completing:
		return w.settleCompletion
	case ledger.Linking:
		return w.link
	case ledger.Tidying:
		return w.tidy
	}
	return nil
}

func (w *worker) unwatched(ctx context.Context) error {
	return w.end(ctx, ledger.Ignored, "unwatched", "Its folder is not in the config any more.")
}

// end takes the item off its way.
func (w *worker) end(ctx context.Context, to ledger.State, reason, detail string) error {
	if err := w.Ledger.End(ctx, w.it, w.owner, to, reason, detail); err != nil {
		return err
	}
	w.it.State = to
	level := slog.LevelInfo
	if to == ledger.Failed || to == ledger.Held {
		level = slog.LevelWarn
	}
	w.Log.Log(ctx, level, "file "+string(to), "item", w.it.ID, "path", w.it.Path, "reason", reason, "why", detail)
	w.putOffs.over(w.it.ID)
	w.Wake()
	return nil
}

// stop handles what a step could not: the item is given back, to be taken up again.
func (w *worker) stop(ctx context.Context, err error) {
	if ctx.Err() != nil {
		// The process is ending. The claim is left as it is, for a restart to find; a
		// write now would only delay the end.
		return
	}
	if errors.Is(err, ledger.ErrNotMoved) {
		w.Log.Debug("somebody else moved the item", "item", w.it.ID, "path", w.it.Path, "why", err)
		w.putOffs.over(w.it.ID)
		return
	}
	spent, reason, detail := true, "error", err.Error()
	wait := backoff(serverFirst, serverMost, w.it.Attempts+1, 0.5)
	if scenario.ClassOf(err) == scenario.ServerFault {
		reason = "server-fault"
	}
	if silent := (*silentError)(nil); errors.As(err, &silent) {
		// The claims leave its folder out until it answers.
		reason, detail, spent, wait = "no-answer", silent.Error(), false, time.Second
	}
	if later := (*laterError)(nil); errors.As(err, &later) {
		reason, detail = later.reason, later.sentence
		wait = backoff(serverFirst, laterMost, w.it.Attempts+1, 0.5)
	}
	if errors.Is(err, errUnknownNow) {
		reason = "unknown"
	}
	if ledger.Unwritable(err) {
		reason, detail, spent = "ledger", "The ledger cannot be written (is the disk full?); nothing is lost, and it goes on when it can.", false
		wait = ledgerRetry
	}
	if reason == "ledger" { // which is in trouble, not the file
		w.written.failed(err)
	} else {
		w.Log.Warn("file put off", logging.Failure("put-off:"+reason), "item", w.it.ID, "path", w.it.Path, "tries", w.putOffs.count(w.it.ID),
			"for", wait.Round(time.Millisecond), "why", err)
	}
	for {
		rerr := w.Ledger.Release(ctx, w.it, w.owner, w.Now().Add(wait), spent, reason, detail)
		if rerr == nil {
			w.written.works()
			return
		}
		if !ledger.Unwritable(rerr) {
			return
		}
		w.written.failed(rerr)
		if !sleep(ctx, ledgerRetry) {
			return
		}
	}
}

// ask makes a request to the API until it has an answer of Scenario's own. What is
// left as an error is for the caller: a server that keeps failing, an upload it does
// not know, or a no.
func (u *Uploader) ask(ctx context.Context, request func(context.Context) error) error {
	for tries := 1; ; tries++ {
		if err := u.pace.wait(ctx); err != nil {
			return err
		}
		err := u.api.Do(ctx, request)
		u.pace.learn(scenario.ClassOf(err) == scenario.RateLimited)
		if err == nil || ctx.Err() != nil || decide(err, tries) != tryAgain {
			return err
		}
	}
}
