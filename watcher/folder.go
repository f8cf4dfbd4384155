package watcher

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/logging"
)

// limits are the sizes and times that keep a folder's goroutine within bounds.
type limits struct {
	patience  time.Duration // see Options.Patience
	heartbeat time.Duration // between two checks of whether the folder is still the same
	confirm   time.Duration // settle time after which new directories are scanned once more
	batch     int           // files checked, or handed to the sink, at once
	probes    int           // files being probed at the same moment
	hints     int           // paths from events not yet taken
	active    int           // files being waited for, above which scanning pauses
	held      int           // files held; the ones beyond are left to the next scan
	stuck     time.Duration // a single check the disk may take this long before the folder is said not to answer
	leave     time.Duration // a folder may take this long to end: a call into a share that hangs cannot be interrupted
	giveUp    time.Duration // a single check the disk may take this long before Scan leaves the folder out
	aside     int           // directories polled or tried again on their own
	again     time.Duration // between two checks of those, at least
}

func defaultLimits() limits {
	return limits{
		patience:  10 * time.Second,
		heartbeat: 3 * time.Second,
		confirm:   300 * time.Millisecond,
		batch:     256,
		probes:    8,
		hints:     50_000,
		active:    16_384,
		held:      50_000,
		stuck:     10 * time.Second,
		leave:     3 * time.Second,
		giveUp:    time.Minute,
		aside:     4096,
		again:     5 * time.Second,
	}
}

// folder is a watch folder and what others may reach of it.
type folder struct {
	Folder
	rules  rules
	w      *Watcher
	log    *slog.Logger
	wake   chan struct{} // holds one: something is to be done
	rescan atomic.Bool   // asked for by Rescan
	asked  hints         // asked for by Check
	again  hints         // asked for by Retell
	status status

	questions  chan question
	answeredMu sync.Mutex
	answered   AwaitedList // as last answered
}

// failureID names a failure of the folder in the log.
func (f *folder) failureID(what string) string { return what + ":" + f.Path }

// notify wakes the folder's goroutine. It never blocks.
func (f *folder) notify() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// scanSoon asks for a scan.
func (f *folder) scanSoon() {
	f.rescan.Store(true)
	f.notify()
}

// run is the state of a folder being watched. All of it belongs to one goroutine.
type run struct {
	f    *folder
	once bool // one pass, without events
	now  func() time.Time

	queue *queue
	scan  scan
	hints *hints
	tree  *tree // nil: the folder is polled

	reachedDir string // the directory that was asked about last, and …
	isReached  bool   // … whether a scan enters it

	workers chan int // the numbers of those who help checking, while they do not

	rootID  file.ID
	policy  policy
	polling bool
	fsType  string
	remote  bool
	why     drop.Detail // why the folder, or a part of it, is polled

	mixedWhy     drop.Detail // why the directories in unwatched have no watch
	refusedWhy   drop.Detail // why the whole folder has none, though it should
	refusedUntil time.Time

	rescanAt    time.Time // when the whole folder is scanned next; zero: not planned
	apartAt     time.Time // when the directories aside are checked next
	heartbeatAt time.Time
	confirmAt   time.Time // zero: nothing to confirm

	unwatched    map[string]bool        // directories without a watch, polled one by one
	bad          map[string]drop.Detail // directories that cannot be listed, with a sentence; tried again
	fresh        map[string]bool        // directories seen to be made, to be scanned once more
	rootErr      drop.Detail            // why the folder as a whole cannot be scanned
	rootGone     bool                   // because it is not there
	fails        int                    // scans of the whole folder failed in a row
	sinkFails    int                    // calls of the sink failed in a row
	sinkAt       time.Time              // when the sink is called again after it failed
	sinkSince    time.Time              // when it failed first
	troubles     int                    // times the log was told of what is wrong now
	scanTook     time.Duration
	existingDone bool // all of the folder was scanned, and the sink is to be told

	verifyIn int // heartbeats until the watches are compared with what they should be
}

func (f *folder) newRun(once bool) *run {
	r := &run{
		f: f, once: once, now: f.w.now,
		workers:   make(chan int, workers),
		queue:     newQueue(),
		hints:     &hints{limit: f.w.limits.hints, wake: f.notify},
		policy:    policyFor(f.Folder, false, f.w.limits.patience),
		unwatched: make(map[string]bool),
		bad:       make(map[string]drop.Detail),
		fresh:     make(map[string]bool),
	}
	for worker := 1; worker < workers; worker++ { // 0 is the folder's own goroutine
		r.workers <- worker
	}
	return r
}

// watch runs until ctx is done.
func (f *folder) watch(ctx context.Context) {
	_ = f.newRun(false).loop(ctx) // which is the end of ctx: all else is tried again
}

// once scans the folder, and waits until every file found is ready or held.
func (f *folder) once(ctx context.Context) error {
	r := f.newRun(true)
	if err := r.loop(ctx); err != nil {
		return err
	}
	if d := r.problem(); d != "" {
		return &TroubleError{d}
	}
	return nil
}

// loop does whatever is due, in small pieces, and sleeps when nothing is.
func (r *run) loop(ctx context.Context) error {
	defer r.stop()
	r.scanFolder()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		more, err := r.step(ctx)
		if err != nil && ctx.Err() == nil {
			if r.once {
				return err
			}
			r.sinkFailed(err)
		}
		r.tell()
		r.answerAll()
		if more {
			continue
		}
		if r.once && r.scan.idle() && r.queue.active() == 0 {
			return nil
		}
		timer.Reset(max(0, r.wakeAt().Sub(r.now())))
		select {
		case <-ctx.Done():
		case <-r.f.wake:
		case q := <-r.f.questions:
			r.answer(q)
		case <-timer.C:
		}
	}
	return ctx.Err()
}

// step does one piece of each kind of work that is due. It reports whether there is more
// to be done at once. The error is one of the sink.
func (r *run) step(ctx context.Context) (more bool, err error) {
	now := r.now()
	if !r.once {
		r.takeHints()
		r.alarms(now)
	}
	if now.Before(r.sinkAt) {
		return false, nil
	}
	if err := r.tellExisting(ctx); err != nil {
		return false, err
	}
	if more, err = r.checkDue(ctx); err != nil {
		return false, err
	}
	if !r.scan.idle() && r.queue.active() < r.f.w.limits.active {
		if err := r.scanStep(ctx); err != nil {
			return false, err
		}
		if err := r.tellExisting(ctx); err != nil {
			return false, err
		}
		more = true
	}
	if err == nil && r.sinkFails > 0 && more {
		r.sinkWorks()
	}
	return more, nil
}

// alarms starts what the clock says is due.
func (r *run) alarms(now time.Time) {
	if r.f.rescan.Swap(false) {
		r.rescanAt = now
	}
	if !now.Before(r.heartbeatAt) {
		r.heartbeatAt = now.Add(r.f.w.limits.heartbeat)
		r.heartbeat()
	}
	if !r.confirmAt.IsZero() && !now.Before(r.confirmAt) {
		r.confirm()
	}
	if !r.apartAt.IsZero() && !now.Before(r.apartAt) && r.scan.idle() {
		r.rescanApart()
	}
	if !r.rescanAt.IsZero() && !now.Before(r.rescanAt) && !r.scan.running() {
		r.scanFolder()
	}
}

// wakeAt is when the clock asks for something next.
func (r *run) wakeAt() time.Time {
	at := r.now().Add(time.Hour)
	sooner := func(t time.Time) {
		if !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	if r.sinkAt.After(r.now()) {
		sooner(r.sinkAt)
	} else if t, ok := r.queue.soonest(); ok {
		sooner(t)
	}
	if !r.once {
		sooner(r.heartbeatAt)
		sooner(r.confirmAt)
		if r.scan.idle() {
			sooner(r.apartAt)
		}
		if !r.scan.running() {
			sooner(r.rescanAt)
		}
	}
	return at
}

// stop frees what the run holds.
func (r *run) stop() {
	r.scan.stop()
	r.unwatch()
}

// unwatch ends the events.
func (r *run) unwatch() {
	if r.tree != nil {
		r.tree.close()
		r.tree = nil
	}
	clear(r.unwatched)
}

// sinkFailed plans the next call.
func (r *run) sinkFailed(err error) {
	r.f.log.Error("the finds cannot be handed on; trying again", logging.Failure(r.f.failureID("finds")), "error", err)
	if r.sinkFails == 0 {
		r.sinkSince = r.now()
	}
	r.sinkAt = r.now().Add(clamp(time.Second<<min(r.sinkFails, 5), time.Second, 30*time.Second))
	r.sinkFails++
	r.tellTrouble()
}

func (r *run) sinkWorks() {
	r.f.log.Info("the finds can be handed on again", logging.Recovery(r.f.failureID("finds")),
		"after", r.now().Sub(r.sinkSince).Round(time.Millisecond), "tries", r.sinkFails)
	r.sinkFails = 0
	r.tellTrouble()
}

// problem is what is wrong now; "" when all is well.
func (r *run) problem() drop.Detail {
	switch {
	case r.rootErr != "":
		return r.rootErr
	case len(r.bad) == 1:
		for _, sentence := range r.bad {
			return sentence
		}
	case len(r.bad) > 1:
		first := ""
		for path := range r.bad {
			if first == "" || path < first {
				first = path
			}
		}
		return drop.TextFoldersBelow.With("count", strconv.Itoa(len(r.bad))).And(r.bad[first])
	case r.sinkFails > 0:
		return drop.TextCannotNote.With()
	}
	return ""
}

// tellTrouble updates the status, and logs when trouble begins and when it ends.
func (r *run) tellTrouble() {
	message, now := r.problem(), r.now()
	before, since := drop.Detail(""), now
	r.f.status.set(func(s *FolderStatus) {
		before = s.Err
		if before != "" {
			since = s.ErrSince
		}
		s.Err = message
		switch {
		case message == "":
			s.ErrSince = time.Time{}
		case before == "":
			s.ErrSince = now
		}
	})
	switch {
	case message != "" && r.rootErr == "" && len(r.bad) == 0: // the sink's, which has lines of its own
	case message != "":
		r.troubles++
		r.f.log.Warn("folder in trouble", logging.Failure(r.f.failureID("folder")), "error", message)
	case r.troubles > 0:
		r.f.log.Info("folder well again", logging.Recovery(r.f.failureID("folder")),
			"after", now.Sub(since).Round(time.Millisecond), "tries", r.troubles)
		r.troubles = 0
	}
}

// tell updates the counts of the status.
func (r *run) tell() {
	r.f.status.set(func(s *FolderStatus) {
		s.Scanning = r.scan.running()
		s.Waiting, s.Held = r.queue.active(), r.queue.held
		s.NextScan = r.rescanAt
	})
}
