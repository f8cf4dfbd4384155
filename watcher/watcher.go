package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"scenario-drop/file"
)

// PollMode says whether a folder is scanned again and again.
type PollMode uint8

// The poll modes of a folder.
const (
	PollAuto   PollMode = iota // where the filesystem tells no events, or not all of them
	PollAlways                 // always
	PollNever                  // never: events and the safety scan must do
)

// Folder is one folder to watch.
type Folder struct {
	Path      string // absolute and clean; may itself be a symlink to a directory
	Recursive bool   // whether directories below it are entered

	// Include and Exclude are doublestar globs relative to Path, with forward
	// slashes, matched without regard to case. A pattern without a slash means a name
	// at any depth. With no Include every file is taken. A directory that an Exclude
	// matches is not entered.
	Include, Exclude []string

	// AssetsOnly leaves out files whose names say that they are nothing that anybody would call
	// an asset (see filetype.NoAsset), unless an Include pattern is about such a name.
	AssetsOnly bool

	// Settle is the settle time before a file counts as finished; 0 means that it is
	// finished as soon as nobody has it open for writing. With SettleAuto it is
	// chosen by filesystem and format, and Settle is not checked.
	Settle     time.Duration
	SettleAuto bool

	// Removed tells that finished files are moved or trashed later. A time chosen by
	// SettleAuto is longer then.
	Removed bool

	// Existing is not empty where files that were there before are not to be taken for new: see
	// ExistingSink. It stands for the rules by which files are taken.
	Existing string

	Skip []string // absolute paths of directories never entered
	Poll PollMode

	// Rescan is the time between two scans: the safety scans of a folder with
	// events, each poll of a polled one. 0: chosen by itself, by how long a scan takes.
	Rescan time.Duration
}

// Options are what a Watcher is made of.
type Options struct {
	Folders []Folder
	Sink    Sink

	// Existing is asked about what is found in folders with Folder.Existing. nil: that has no
	// effect.
	Existing ExistingSink

	Log *slog.Logger     // nil: nothing is logged
	Now func() time.Time // nil: time.Now; its times should carry a monotonic reading

	// Patience is how long a file that looks cut off, empty or open may stay so before
	// it is reported as held. 0: 10 seconds.
	Patience time.Duration

	// Pins tell which folders are not to be used. nil: all are.
	Pins *file.Pins

	// Scanned is called after each complete scan of a folder, by the folder's goroutine:
	// it must not wait for anything. nil: nobody is told.
	Scanned func()
}

// Watcher watches folders. Its methods may be called from any goroutine; Run at most
// once at a time.
type Watcher struct {
	sink    Sink
	before  ExistingSink // nil: nobody is asked
	log     *slog.Logger
	now     func() time.Time
	limits  limits
	scanned func()
	pins    *file.Pins
	changed chan struct{} // holds one: the folders are others now

	mu      sync.Mutex
	folders []*folder // replaced as a whole; see list
}

// New makes a watcher. Nothing is started and no disk is touched.
func New(o Options) *Watcher {
	w := &Watcher{sink: o.Sink, before: o.Existing, log: o.Log, now: o.Now, scanned: o.Scanned, pins: o.Pins, limits: defaultLimits(), changed: make(chan struct{}, 1)}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.now == nil {
		w.now = time.Now
	}
	if o.Patience > 0 {
		w.limits.patience = o.Patience
	}
	w.SetFolders(o.Folders)
	return w
}

func (w *Watcher) newFolder(f Folder, all []Folder) *folder {
	f.Path = filepath.Clean(f.Path)
	made := &folder{
		Folder: f,
		rules:  compile(f, all),
		w:      w,
		log:    w.log.With("folder", f.Path),
		wake:   make(chan struct{}, 1),

		questions: make(chan question),
		status:    status{now: FolderStatus{Path: f.Path, Mode: ModeEvents}},
	}
	made.asked = hints{limit: w.limits.hints, wake: made.notify}
	made.again = hints{limit: w.limits.hints, wake: made.notify}
	return made
}

// Scan makes one pass over all folders and returns when every file found there has been
// handed to the sink as ready or held. The error joins what went wrong with each folder;
// the other folders are scanned none the less. It returns an error of the sink, and
// ctx's when ctx is done first. A folder that does not answer for a minute is ignored,
// with a *UnresponsiveError. It must not be called while Run runs.
func (w *Watcher) Scan(ctx context.Context) error {
	return w.each(ctx, (*folder).once, w.limits.giveUp)
}

// each runs do for every folder at once and waits for all of them; but when ctx is done, or
// with all others finished, not for those that have not answered for giveUp (0: no
// limit).
func (w *Watcher) each(ctx context.Context, do func(*folder, context.Context) error, giveUp time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // for a folder that answers when it has been left behind
	var (
		mu   sync.Mutex
		errs []error
		left = make(map[*folder]bool)
		wg   sync.WaitGroup
	)
	folders := w.list()
	for _, f := range folders {
		left[f] = true
	}
	for _, f := range folders {
		wg.Go(func() {
			err := do(f, ctx)
			mu.Lock()
			defer mu.Unlock()
			delete(left, f)
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	finished := make(chan struct{})
	go func() {
		wg.Wait()
		close(finished)
	}()
	unresponsive := func() bool {
		mu.Lock()
		defer mu.Unlock()
		for f := range left {
			if _, _, unresponsive := f.status.unresponsive(w.now(), giveUp); !unresponsive {
				return false
			}
		}
		return true
	}
	var check <-chan time.Time // a daemon's folders are never given up, and it should sleep
	if giveUp > 0 {
		ticker := time.NewTicker(unresponsiveEvery)
		defer ticker.Stop()
		check = ticker.C
	}
	for waiting := true; waiting; {
		select {
		case <-finished:
			waiting = false
		case <-check:
			waiting = !unresponsive()
		case <-ctx.Done():
			patience := time.NewTimer(w.limits.leave)
			defer patience.Stop()
			select {
			case <-finished:
			case <-patience.C:
			}
			waiting = false
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(left) > 0 {
		errs = append(errs, unresponsiveError(left))
	}
	return errors.Join(errs...)
}

func unresponsiveError(left map[*folder]bool) *UnresponsiveError {
	e := &UnresponsiveError{}
	for f := range left {
		e.Folders = append(e.Folders, f.Path)
	}
	slices.Sort(e.Folders)
	return e
}

// unresponsiveEvery is the time between two checks of whether what a scan waits for answers.
const unresponsiveEvery = 100 * time.Millisecond

// UnresponsiveError says that folders did not answer and were left behind: a call into a share
// that hangs cannot be interrupted.
type UnresponsiveError struct {
	Folders []string // as in Folder.Path, sorted
}

// Error is a sentence for people.
func (e *UnresponsiveError) Error() string {
	names := make([]string, len(e.Folders))
	for i, path := range e.Folders {
		names[i] = quote(path)
	}
	verb, was := "does", "was"
	if len(names) > 1 {
		verb, was = "do", "were"
	}
	return fmt.Sprintf("%s %s not answer and %s left behind. Is the disk or the network share still connected?", strings.Join(names, ", "), verb, was)
}

// Folders tells the state of every folder, in the order they were given.
func (w *Watcher) Folders() []FolderStatus {
	folders := w.list()
	out := make([]FolderStatus, len(folders))
	for i, f := range folders {
		out[i] = f.status.get(w.now(), w.limits.stuck)
	}
	return out
}

// Shared reports whether a folder lies where other computers may have it, too.
func (w *Watcher) Shared(folder string) bool {
	for _, f := range w.list() {
		if f.Path == folder {
			return f.status.remote()
		}
	}
	return false
}

// Check asks for a check of one file of a folder: somebody noticed that it changed, which
// no event may tell (what a program writes through a mapping comes without). It never
// blocks. A path outside of the folder, or of a folder not watched, is not checked.
func (w *Watcher) Check(folder, path string) {
	for _, f := range w.list() {
		if f.Path == folder && within(path, folder) {
			f.asked.put(path, false)
		}
	}
}

// ReportAgain has the sink told again of a file that is held, soon and without waiting for it to
// change: what becomes of it was decided elsewhere. It never blocks. A path that is not held, or
// of a folder not watched, is left alone.
func (w *Watcher) ReportAgain(folder, path string) {
	for _, f := range w.list() {
		if f.Path == folder {
			f.again.put(path, false)
		}
	}
}

// Rescan asks for a scan of every folder now, or as soon as the one going on has ended.
// It never blocks.
func (w *Watcher) Rescan() {
	for _, f := range w.list() {
		f.scanSoon()
	}
}

// RescanFolder is Rescan for one folder.
func (w *Watcher) RescanFolder(path string) {
	for _, f := range w.list() {
		if f.Path == path {
			f.scanSoon()
		}
	}
}
