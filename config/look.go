package config

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// lookFor is how long the paths of all watch folders together are waited for: a call into
// a network share that hangs never returns, and one folder must not keep the daemon from
// starting for the others.
const lookFor = 5 * time.Second

// errNoAnswer is why nothing is known of a path.
var errNoAnswer = errors.New("it does not answer")

// place is a path as it was found on disk.
type place struct {
	canonical string
	info      os.FileInfo // nil where it is not there, or did not answer
	err       error       // of the look at it
}

// lookAt looks at paths, all at once, for no longer than wait. What has not answered then
// goes by its own spelling, with errNoAnswer; its call is left behind.
func lookAt(paths []string, wait time.Duration) map[string]place {
	var mu sync.Mutex
	found := make(map[string]place, len(paths))
	var looking sync.WaitGroup
	for _, path := range paths {
		looking.Go(func() {
			p := place{canonical: canonical(path)}
			p.info, p.err = os.Stat(path)
			mu.Lock()
			defer mu.Unlock()
			found[path] = p
		})
	}
	done := make(chan struct{})
	go func() {
		looking.Wait()
		close(done)
	}()
	patience := time.NewTimer(wait)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
	}
	mu.Lock()
	defer mu.Unlock()
	all := make(map[string]place, len(paths))
	for _, path := range paths {
		p, answered := found[path]
		if !answered {
			p = place{canonical: fold(path), err: errNoAnswer}
		}
		all[path] = p
	}
	return all
}

// same reports whether two watch folders are one, however they are spelled or mounted.
func (p place) same(o place) bool {
	return p.canonical == o.canonical || p.info != nil && o.info != nil && os.SameFile(p.info, o.info)
}

// folder reports a watch folder that cannot be watched. A disk or share that is in
// trouble, rather than not there, is only warned of: it may come back at any time, and
// the other folders need not wait for it.
func (t *table) folder(path string, p place) {
	switch {
	case errors.Is(p.err, fs.ErrNotExist):
		t.problem("path", "make the folder, or correct the path", "the folder %s does not exist", oneLine(path))
	case errors.Is(p.err, fs.ErrPermission):
		t.problem("path", "correct the path, or let the program's user read it", "the folder %s cannot be opened: %s", oneLine(path), reason(p.err))
	case errors.Is(p.err, errNoAnswer):
		t.source.warning(t.at("path"), "is the disk or the network share connected? The other folders are watched meanwhile", "the folder %s does not answer; it is watched once it does", oneLine(path))
	case p.err != nil && inTrouble(p.err):
		t.source.warning(t.at("path"), "is the disk or the network share connected? The other folders are watched meanwhile", "the folder %s cannot be opened now: %s; it is watched once it can", oneLine(path), reason(p.err))
	case p.err != nil:
		t.problem("path", "correct the path, or let the program's user read it", "the folder %s cannot be opened: %s", oneLine(path), reason(p.err))
	case !p.info.IsDir():
		t.problem("path", "name the folder it lies in", "%s is no folder", oneLine(path))
	}
}
