package uploader

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"scenario-drop/file"
)

const (
	defaultAnswerWithin = 10 * time.Second
	askAgainEvery       = 30 * time.Second // of a folder that does not answer
	// mostLeftBehind bounds the calls of one folder that never returned, since each
	// keeps a thread of the process.
	mostLeftBehind = 64
	// mostMoving is how many moves of one folder may go on beside the files at once.
	mostMoving = 4
	// moveEndsWithin is how long a move that is told to end may take for that.
	moveEndsWithin = 5 * time.Second
)

// disk makes every look at the files of a watch folder end in bounded time. A call into a
// share that hangs cannot be interrupted: it is left behind in a goroutine of its own,
// and the folder counts as silent until that call, or a later one, is answered. Meanwhile
// nothing of the folder is taken up, so that the files of the others have all the lanes
// and connections.
type disk struct {
	within   func() time.Duration
	wake     func() // called when a folder answers again
	pieces   sync.Pool
	contents chan struct{} // see diskFile.content
	pins     *file.Pins

	mu      sync.Mutex
	folders map[string]*answering
}

// answering is how a folder answers.
type answering struct {
	silent bool
	left   int // calls left behind that have not returned
	moving int // moves that take long
}

// silentError says that a watch folder does not answer.
type silentError struct{ root string }

// Error is a sentence for people.
func (e *silentError) Error() string {
	return fmt.Sprintf("The folder %s does not answer. Is the disk or the network share still connected? It resumes automatically once it is.", e.root)
}

func newDisk(within func() time.Duration, wake func()) *disk {
	return &disk{within: within, wake: wake, folders: map[string]*answering{}, contents: make(chan struct{}, mostContents),
		pieces: sync.Pool{New: func() any { return new([readSize]byte) }}}
}

// silent returns the folders that nothing is to be taken up from.
func (d *disk) silent() (roots []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for root, a := range d.folders {
		if a.silent || a.moving >= mostMoving {
			roots = append(roots, root)
		}
	}
	return roots
}

func (d *disk) isSilent(root string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.folders[root]
	return a != nil && a.silent
}

// change changes what is known of a folder, and wakes the lanes when more of it may be
// taken up than before.
func (d *disk) change(root string, change func(*answering)) {
	d.mu.Lock()
	a := d.folders[root]
	if a == nil {
		a = &answering{}
		d.folders[root] = a
	}
	before := *a
	change(a)
	if *a == (answering{}) {
		delete(d.folders, root)
	}
	better := before.silent && !a.silent || a.moving < before.moving
	d.mu.Unlock()
	if better {
		d.wake()
	}
}

// onDisk makes a call that looks at the files of a watch folder, and returns what it
// does; or else, as soon as ctx ends or the folder turns out to be silent, why not. late
// is given what the call returns after that.
func onDisk[T any](ctx context.Context, d *disk, root string, call func() (T, error), late func(T)) (T, error) {
	if d.isSilent(root) {
		var none T
		return none, &silentError{root}
	}
	return askDisk(ctx, d, root, call, late)
}

// askDisk is onDisk for a folder that may be silent.
func askDisk[T any](ctx context.Context, d *disk, root string, call func() (T, error), late func(T)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		value, err := call()
		answered <- answer{value, err}
	}()
	patience := time.NewTimer(d.within())
	defer patience.Stop()
	var why error
	select {
	case a := <-answered:
		return a.value, a.err
	case <-ctx.Done():
		why = ctx.Err()
	case <-patience.C:
		why = &silentError{root}
	}
	silent := ctx.Err() == nil
	d.change(root, func(a *answering) {
		a.left++
		a.silent = a.silent || silent
	})
	go func() {
		a := <-answered
		d.change(root, func(a *answering) {
			if a.left--; a.left == 0 {
				a.silent = false
			}
		})
		if late != nil {
			late(a.value)
		}
	}()
	var none T
	return none, why
}

// askSilent looks now and then whether silent folders answer again by another way than
// the calls left behind: those never return if a dead share was mounted anew.
func (d *disk) askSilent(ctx context.Context) error {
	for sleep(ctx, askAgainEvery) {
		d.mu.Lock()
		var roots []string
		for root, a := range d.folders {
			if a.silent && a.left < mostLeftBehind {
				roots = append(roots, root)
			}
		}
		d.mu.Unlock()
		for _, root := range roots {
			_, err := askDisk(ctx, d, root, func() (os.FileInfo, error) { return os.Stat(root) }, nil)
			if _, silent := err.(*silentError); !silent && ctx.Err() == nil {
				d.change(root, func(a *answering) { a.silent = false })
			}
		}
	}
	return nil
}

// move makes a call that may take long because there is much to do, such as copying a
// file to another disk. It is waited for without a limit but ctx, at whose end the call is
// to end too; setAside is called when it takes longer than an answer should, so that no
// other file waits for it.
func (d *disk) move(ctx context.Context, root string, call func() error, setAside func()) error {
	if d.isSilent(root) {
		return &silentError{root}
	}
	done := make(chan error, 1)
	go func() { done <- call() }()
	patience := time.NewTimer(d.within())
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return broughtToItsEnd(ctx, done)
	case <-patience.C:
	}
	d.change(root, func(a *answering) { a.moving++ })
	defer d.change(root, func(a *answering) { a.moving-- })
	setAside()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return broughtToItsEnd(ctx, done)
	}
}

// broughtToItsEnd waits for a call that was told to end, so that nobody takes up its file
// while it still works on it; but not for one that hangs.
func broughtToItsEnd(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-time.After(moveEndsWithin):
		return ctx.Err()
	}
}
