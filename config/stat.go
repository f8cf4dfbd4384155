package config

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// statTimeout is how long the paths of all watch folders together are waited for: a call into
// a network share that hangs never returns, and one folder must not keep the daemon from
// starting for the others.
const statTimeout = 5 * time.Second

// errNoAnswer is why nothing is known of a path.
var errNoAnswer = errors.New("it does not answer")

// place is a path as it was found on disk.
type place struct {
	canonical string
	info      os.FileInfo // nil where it is not there, or did not answer
	err       error       // of os.Stat
}

// statAll checks paths, all at once, for no longer than wait. What has not answered then
// goes by its own spelling, with errNoAnswer; its call is left behind.
func statAll(paths []string, wait time.Duration) map[string]place {
	var mu sync.Mutex
	found := make(map[string]place, len(paths))
	var calls sync.WaitGroup
	for _, path := range paths {
		calls.Go(func() {
			p := place{canonical: canonical(path)}
			p.info, p.err = os.Stat(path)
			mu.Lock()
			defer mu.Unlock()
			found[path] = p
		})
	}
	done := make(chan struct{})
	go func() {
		calls.Wait()
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

// folder warns of a watch folder that cannot be watched now. That is no problem of the config: a
// disk may be plugged in at any time, and the other folders need not wait for it.
func (t *table) folder(path string, p place) {
	const connected = "is the disk or the network share connected? The other folders are watched meanwhile"
	warn := func(hint, format string, args ...any) {
		t.source.warning(t.at("path"), hint, format, args...)
		t.source.warnings[len(t.source.warnings)-1].Unavailable = true
	}
	switch {
	case errors.Is(p.err, fs.ErrNotExist):
		warn("connect its disk or share, make the folder, or correct the path; the other folders are watched meanwhile",
			"the folder %s does not exist; it is watched once it does", oneLine(path))
	case errors.Is(p.err, fs.ErrPermission):
		warn("let the program's user read it, or correct the path; the other folders are watched meanwhile",
			"the folder %s may not be opened by the program's user; it is watched once it may", oneLine(path))
	case errors.Is(p.err, errNoAnswer):
		warn(connected, "the folder %s does not answer; it is watched once it does", oneLine(path))
	case p.err != nil:
		warn(connected, "the folder %s cannot be opened now: %s; it is watched once it can", oneLine(path), reason(p.err))
	case !p.info.IsDir():
		warn("name the folder it lies in; the other folders are watched meanwhile",
			"%s is no folder; it is watched once it is one", oneLine(path))
	}
}
