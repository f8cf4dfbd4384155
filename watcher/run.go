package watcher

import (
	"context"
	"reflect"
	"sync"
	"time"
)

// SetFolders has these folders watched in place of those before. A folder that stays as it
// was continues undisturbed. One that is new begins with a scan; so does one of which anything
// changed, as soon as it has ended under its old rules. One that is not among them ends.
// It returns before all that is done.
func (w *Watcher) SetFolders(all []Folder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := make(map[string]*folder)
	for _, f := range w.folders {
		before[f.Path] = f
	}
	folders := make([]*folder, len(all))
	for i, f := range all {
		folders[i] = w.newFolder(f, all)
		switch b := before[folders[i].Path]; {
		case b == nil:
		case b.same(folders[i]):
			folders[i] = b
		default: // until it is inspected again, which takes the end of the one before
			folders[i].status.now.Remote = b.status.remote()
		}
	}
	w.folders = folders
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// list returns the folders; nobody changes the list.
func (w *Watcher) list() []*folder {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.folders
}

// same reports whether two folders of one path are watched alike.
func (f *folder) same(o *folder) bool {
	return reflect.DeepEqual(f.Folder, o.Folder) && reflect.DeepEqual(f.rules, o.rules)
}

// watching is a folder being watched.
type watching struct {
	end   context.CancelFunc
	ended chan struct{}
}

func (r *watching) over() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// Run watches all folders until ctx is done, and returns nil then. A folder in trouble
// is tried again, never given up, and never an error of Run. A folder that hangs in the
// operating system when ctx is done is left behind after a few seconds, with a
// *UnresponsiveError that names it.
func (w *Watcher) Run(ctx context.Context) error {
	var telling sync.WaitGroup
	defer telling.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	telling.Go(func() { w.logUnresponsive(ctx) })
	running := make(map[*folder]*watching)
	for {
		w.adjust(ctx, running)
		select {
		case <-w.changed:
		case <-ctx.Done():
			return w.leave(running)
		}
	}
}

// adjust ends and begins what is to be, by the folders of now.
func (w *Watcher) adjust(ctx context.Context, running map[*folder]*watching) {
	folders := w.list()
	wanted := make(map[*folder]bool)
	for _, f := range folders {
		wanted[f] = true
	}
	ending := make(map[string][]*watching)
	for f, r := range running {
		switch {
		case r.over():
			delete(running, f)
		case !wanted[f]:
			r.end()
			ending[f.Path] = append(ending[f.Path], r)
		}
	}
	for _, f := range folders {
		if running[f] == nil {
			running[f] = f.begin(ctx, ending[f.Path])
		}
	}
}

// begin watches a folder as soon as those before it, which had its path, have ended.
func (f *folder) begin(ctx context.Context, before []*watching) *watching {
	ctx, end := context.WithCancel(ctx)
	r := &watching{end: end, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		defer end()
		f.status.begin(f.Path, f.w.now()) // so that one which hangs is told of
		for _, b := range before {
			select {
			case <-b.ended:
			case <-ctx.Done():
				f.status.end()
				return
			}
		}
		f.status.end()
		f.watch(ctx)
	}()
	return r
}

// leave waits for the folders to end, but not for those that hang.
func (w *Watcher) leave(running map[*folder]*watching) error {
	patience := time.NewTimer(w.limits.leave)
	defer patience.Stop()
	left := make(map[*folder]bool)
	for f, r := range running {
		select {
		case <-r.ended:
			continue
		default:
		}
		select {
		case <-r.ended:
		case <-patience.C:
			patience.Reset(0) // for all others, too
			left[f] = true
		}
	}
	if len(left) > 0 {
		return unresponsiveError(left)
	}
	return nil
}
