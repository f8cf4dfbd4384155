//go:build !windows

package watcher

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/fsnotify/fsnotify"

	"scenario-drop/file"
)

// tree is the set of directories of one folder that are watched with events. All methods
// are for the folder's goroutine; one goroutine of its own drains the events.
//
// fsnotify knows single directories, by path. What the path names may be renamed, and
// then fsnotify reports a subdirectory under its old path for ever and takes no second
// watch on it. So the identity of each directory is kept with its path, watches under a
// path that is gone are removed before the directory is watched under its new path, and
// verify compares with what fsnotify itself believes it watches.
type tree struct {
	root    string
	fs      *fsnotify.Watcher
	watched map[string]file.ID
	cost    int           // descriptors taken, where watching takes some
	drained chan struct{} // closed when the draining goroutine has ended
}

// errTooMany says that watching takes more descriptors than a folder may have.
var errTooMany = errors.New("too many files to watch with events")

// newTree starts the draining goroutine, which ends with close.
func newTree(root string, _ bool, h *hints) (*tree, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("set up events: %w", err)
	}
	t := &tree{root: root, fs: w, watched: make(map[string]file.ID), drained: make(chan struct{})}
	go drain(root, w, h, t.drained)
	return t, nil
}

func drain(root string, w *fsnotify.Watcher, h *hints, done chan<- struct{}) {
	defer close(done)
	events, errs := w.Events, w.Errors
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			switch {
			case !ok:
				events = nil
			case e.Name == "": // fsnotify sends an empty event along with an overflow
			case e.Name == root:
				h.touchRoot()
			default:
				h.put(e.Name, e.Has(fsnotify.Create))
			}
		case _, ok := <-errs:
			if !ok {
				errs = nil
				break
			}
			h.lose() // whatever it was: events may be missing
		}
	}
}

// watch makes sure that the directory at path, which has that identity now, is watched.
// To lose nothing, it is to be called before the directory is listed.
func (t *tree) watch(path string, id file.ID) error {
	if old, ok := t.watched[path]; ok {
		if old == id {
			return nil
		}
		t.forget(map[string]bool{path: true})
	}
	cost := watchCost(path)
	if maxWatchCost > 0 && t.cost+cost > maxWatchCost {
		return errTooMany
	}
	if err := t.fs.Add(path); err != nil {
		return err
	}
	t.cost += cost
	t.watched[path] = id
	return nil
}

// has reports whether a directory is watched under this path.
func (t *tree) has(path string) bool {
	_, ok := t.watched[path]
	return ok
}

// forget stops watching the directories named and all below them.
func (t *tree) forget(gone map[string]bool) {
	for path := range t.watched {
		for at := path; len(at) >= len(t.root); at = filepath.Dir(at) {
			if gone[at] {
				_ = t.fs.Remove(path) // most often the kernel has removed it already
				delete(t.watched, path)
				break
			}
			if at == t.root {
				break
			}
		}
	}
}

// verify compares with what fsnotify watches, and returns the directories whose watch
// got lost. They are forgotten, so that a scan of them watches them again.
func (t *tree) verify() (lost []string) {
	list := t.fs.WatchList()
	real := make(map[string]bool, len(list))
	for _, path := range list {
		real[path] = true
		if !t.has(path) {
			_ = t.fs.Remove(path) // it stands in the way of a watch under the right path
		}
	}
	for path := range t.watched {
		if !real[path] {
			delete(t.watched, path)
			lost = append(lost, path)
		}
	}
	return lost
}

// close ends all watches and waits for the draining goroutine.
func (t *tree) close() {
	_ = t.fs.Close() // nothing can be lost by it
	<-t.drained
}
