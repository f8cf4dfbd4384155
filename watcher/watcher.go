package watcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
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

	// Settle is the quiet time before a file counts as finished; 0 means that it is
	// finished as soon as nobody has it open for writing. With SettleAuto it is
	// chosen by filesystem and format, and Settle is not looked at.
	Settle     time.Duration
	SettleAuto bool

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
	Log     *slog.Logger     // nil: nothing is logged
	Now     func() time.Time // nil: time.Now; its times should carry a monotonic reading

	// Patience is how long a file that looks cut off, empty or open may stay so before
	// it is reported as held. 0: 10 seconds.
	Patience time.Duration
}

// Watcher watches folders. Its methods may be called from any goroutine; Run at most
// once at a time.
type Watcher struct {
	sink    Sink
	log     *slog.Logger
	now     func() time.Time
	limits  limits
	folders []*folder
}

// New makes a watcher. Nothing is started and no disk is touched.
func New(o Options) *Watcher {
	w := &Watcher{sink: o.Sink, log: o.Log, now: o.Now, limits: defaultLimits()}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.now == nil {
		w.now = time.Now
	}
	if o.Patience > 0 {
		w.limits.patience = o.Patience
	}
	for i := range o.Folders {
		f := o.Folders[i]
		f.Path = filepath.Clean(f.Path)
		w.folders = append(w.folders, &folder{
			Folder: f,
			rules:  compile(f, o.Folders),
			w:      w,
			log:    w.log.With("folder", f.Path),
			wake:   make(chan struct{}, 1),
			status: status{now: FolderStatus{Path: f.Path, Mode: ModeEvents}},
		})
	}
	return w
}

// Run watches all folders until ctx is done, and returns nil then. A folder in trouble
// is tried again, never given up, and never an error of Run. A folder that hangs in the
// operating system when ctx is done is left behind after a few seconds, with an error
// that names it.
func (w *Watcher) Run(ctx context.Context) error {
	return w.each(ctx, (*folder).watch)
}

// Scan makes one pass over all folders and returns when every file found there has been
// handed to the sink as ready or held. The error joins what went wrong with each folder;
// the other folders are scanned none the less. It returns an error of the sink, and
// ctx's when ctx is done first. It must not be called while Run runs.
func (w *Watcher) Scan(ctx context.Context) error {
	return w.each(ctx, (*folder).once)
}

// each runs do for every folder at once and waits for all of them.
func (w *Watcher) each(ctx context.Context, do func(*folder, context.Context) error) error {
	var (
		mu   sync.Mutex
		errs []error
		left = make(map[*folder]bool, len(w.folders))
		wg   sync.WaitGroup
	)
	for _, f := range w.folders {
		left[f] = true
	}
	for _, f := range w.folders {
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
	select {
	case <-finished:
	case <-ctx.Done():
		patience := time.NewTimer(w.limits.leave)
		defer patience.Stop()
		select {
		case <-finished:
		case <-patience.C:
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for f := range left {
		errs = append(errs, fmt.Errorf("%s does not answer and was left behind", quote(f.Path)))
	}
	return errors.Join(errs...)
}

// Folders tells the state of every folder, in the order they were given.
func (w *Watcher) Folders() []FolderStatus {
	out := make([]FolderStatus, len(w.folders))
	for i, f := range w.folders {
		out[i] = f.status.get(w.now(), w.limits.stuck)
	}
	return out
}

// Rescan asks for a scan of every folder now, or as soon as the one going on has ended.
// It never blocks.
func (w *Watcher) Rescan() {
	for _, f := range w.folders {
		f.rescan.Store(true)
		f.poke()
	}
}
