// Package disk makes every call into a watch folder end in bounded time, and reads files
// without keeping them open.
//
// A call into a share that hangs cannot be interrupted: it is left behind in a goroutine of
// its own, and the folder counts as unresponsive until that call, or a later one, is
// answered. Meanwhile nothing of the folder is taken up, so that the files of the others
// have all the room.
//
// A file is opened by its path for each piece that is read of it, and closed before
// anybody gets the piece (see File): on Windows a program cannot save to a file by renaming
// another one over it for as long as anybody has it open.
package disk

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"scenario-drop/file"
)

const (
	defaultWithin = 10 * time.Second
	askAgainEvery = 30 * time.Second // of a folder that does not answer
	// maxLeftBehind bounds the calls of one folder that never returned, since each
	// keeps a thread of the process.
	maxLeftBehind = 64
	// maxMoving is how many moves of one folder may go on beside the files at once.
	maxMoving = 4
	// moveEndsWithin is how long a move that is told to end may take for that.
	moveEndsWithin = 5 * time.Second
)

// Options of a Disk. The zero value is usable.
type Options struct {
	// Within is how long a single call may take before the folder counts as unresponsive.
	// 0: 10 seconds.
	Within time.Duration

	// Wake is told when more may be taken up than before: a folder answers again, or a move
	// has ended. It must not block. nil: not told.
	Wake func()

	// Pins tell which folders are not to be used. nil: all are.
	Pins *file.Pins
}

// Disk makes calls into watch folders. It is safe for concurrent use.
type Disk struct {
	within time.Duration
	wake   func()
	pins   *file.Pins
	pieces sync.Pool
	kept   chan struct{} // holds a token for each file whose bytes are kept in memory

	mu      sync.Mutex
	folders map[string]folder
}

// folder is how a folder answers.
type folder struct {
	unresponsive bool
	left         int // calls left behind that have not returned
	moving       int // moves that take long
}

// UnresponsiveError says that a watch folder does not answer.
type UnresponsiveError struct{ Root string }

// Error implements error.
func (e *UnresponsiveError) Error() string {
	return fmt.Sprintf("the folder %s does not answer", e.Root)
}

// New returns a Disk. It starts nothing.
func New(o Options) *Disk {
	d := &Disk{within: o.Within, wake: o.Wake, pins: o.Pins, folders: map[string]folder{}, kept: make(chan struct{}, maxKept),
		pieces: sync.Pool{New: func() any { return new(buffer) }}}
	if d.within <= 0 {
		d.within = defaultWithin
	}
	if d.wake == nil {
		d.wake = func() {}
	}
	return d
}

// Busy returns the folders that nothing is to be taken up from: those that are unresponsive,
// and those of which enough files are being moved.
func (d *Disk) Busy() (roots []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for root, f := range d.folders {
		if f.unresponsive || f.moving >= maxMoving {
			roots = append(roots, root)
		}
	}
	return roots
}

// PinsCheck is file.Pins.Check.
func (d *Disk) PinsCheck(path string) error { return d.pins.Check(path) }

func (d *Disk) unresponsive(root string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.folders[root].unresponsive
}

// change changes what is known of a folder, and wakes whoever takes up files when more of
// it may be taken up than before.
func (d *Disk) change(root string, change func(*folder)) {
	d.mu.Lock()
	before := d.folders[root]
	now := before
	change(&now)
	if now == (folder{}) {
		delete(d.folders, root)
	} else {
		d.folders[root] = now
	}
	d.mu.Unlock()
	if before.unresponsive && !now.unresponsive || now.moving < before.moving {
		d.wake()
	}
}

// Call makes a call into a watch folder, and returns what it does; or else, as soon as ctx
// ends or the folder turns out to be unresponsive (*UnresponsiveError), why not. late is
// given what the call returns after that; nil: nobody needs it.
func Call[T any](ctx context.Context, d *Disk, root string, call func() (T, error), late func(T)) (T, error) {
	if d.unresponsive(root) {
		var none T
		return none, &UnresponsiveError{root}
	}
	return try(ctx, d, root, call, late)
}

// try is Call for a folder that may be unresponsive.
func try[T any](ctx context.Context, d *Disk, root string, call func() (T, error), late func(T)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		value, err := call()
		answered <- answer{value, err}
	}()
	patience := time.NewTimer(d.within)
	defer patience.Stop()
	var why error
	select {
	case a := <-answered:
		return a.value, a.err
	case <-ctx.Done():
		why = ctx.Err()
	case <-patience.C:
		why = &UnresponsiveError{root}
	}
	unresponsive := ctx.Err() == nil
	d.change(root, func(f *folder) {
		f.left++
		f.unresponsive = f.unresponsive || unresponsive
	})
	go func() {
		a := <-answered
		d.change(root, func(f *folder) {
			if f.left--; f.left == 0 {
				f.unresponsive = false
			}
		})
		if late != nil {
			late(a.value)
		}
	}()
	var none T
	return none, why
}

// Run asks unresponsive folders now and then whether they answer again, by another way
// than the calls left behind: those never return if a dead share was mounted again. It
// returns nil when ctx ends.
func (d *Disk) Run(ctx context.Context) error {
	again := time.NewTicker(askAgainEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		d.mu.Lock()
		var roots []string
		for root, f := range d.folders {
			if f.unresponsive && f.left < maxLeftBehind {
				roots = append(roots, root)
			}
		}
		d.mu.Unlock()
		for _, root := range roots {
			_, err := try(ctx, d, root, func() (os.FileInfo, error) { return os.Stat(root) }, nil)
			if _, still := err.(*UnresponsiveError); !still && ctx.Err() == nil {
				d.change(root, func(f *folder) { f.unresponsive = false })
			}
		}
	}
}

// Lstat is file.Lstat in bounded time.
func (d *Disk) Lstat(ctx context.Context, root, path string) (file.Fingerprint, error) {
	return Call(ctx, d, root, func() (file.Fingerprint, error) {
		fp, _, err := file.Lstat(root, path)
		return fp, err
	}, nil)
}
