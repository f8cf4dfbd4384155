package config

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"scenario-drop/file"
)

const (
	defaultDebounce = 200 * time.Millisecond
	defaultReread   = 10 * time.Second
)

// Follow calls changed whenever the config that current was loaded from says something
// else: with the new Config, or with the Problems of a bad edit, each once. A change
// made between Load and Follow counts. The credentials and password files it names
// count as part of it. changed runs on Follow's goroutine; nothing is missed while it
// works, but the latest wins.
//
// Events only make it sooner; the poll finds what they do not tell (a network
// drive, a target behind several symlinks). A value on Loader.Reload is an order: the config
// is read at once, and told of even if no file changed, since what is in the keychain
// may have. Follow blocks until ctx is done and then returns nil; its only error is a current that was not loaded from a file.
func (l Loader) Follow(ctx context.Context, current *Config, changed func(*Config, error)) error {
	if current.File == "" {
		return errors.New("follow a config: it was not loaded from a file")
	}
	if l.Debounce <= 0 {
		l.Debounce = defaultDebounce
	}
	if l.Reread <= 0 {
		l.Reread = defaultReread
	}
	f := &follower{loader: l, good: current, changed: changed}
	return f.run(ctx)
}

// follower is one Follow. All of it belongs to the goroutine of run.
type follower struct {
	loader  Loader
	good    *Config // the last one that had no problems
	bad     string  // the problems last told; "" while good is what the file says
	gone    bool    // the file was not there at the last check
	ordered bool    // the check to come was asked for, and is told of in any case
	changed func(*Config, error)
}

func (f *follower) run(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	hints := make(chan struct{}, 1)
	drained := make(chan struct{})
	if err != nil { // no more watchers to be had: the poll alone does
		watcher = nil
		close(drained)
	} else {
		go func() {
			defer close(drained)
			drain(watcher, hints)
		}()
		defer func() {
			_ = watcher.Close()
			<-drained
		}()
	}
	f.watch(watcher)

	slow := time.NewTicker(f.loader.Reread)
	defer slow.Stop()
	debounce := time.NewTimer(f.loader.Debounce) // the first check, for a change since Load
	defer debounce.Stop()
	var since time.Time // of the first hint not yet acted on
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
			// A directory that changes all the time must not put the check off for ever.
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) < 10*f.loader.Debounce {
				debounce.Reset(f.loader.Debounce)
			}
			continue
		case <-debounce.C:
		case <-slow.C:
		case <-f.loader.Reload:
			f.ordered = true
		}
		since = time.Time{}
		f.check()
		f.watch(watcher)
	}
}

// drain turns events and errors into hints. It has a goroutine of its own because Add
// blocks on Windows while nobody takes the events.
func drain(watcher *fsnotify.Watcher, hints chan<- struct{}) {
	events, errs := watcher.Events, watcher.Errors
	for events != nil || errs != nil {
		select {
		case _, ok := <-events:
			if !ok {
				events = nil
				continue
			}
		case _, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
		}
		select {
		case hints <- struct{}{}:
		default: // one is waiting already
		}
	}
}

// watch asks for events of the directories the files are in, and of those their
// symlinks lead to. It is called after every check, since directories are replaced too.
// What cannot be watched is left to the poll.
func (f *follower) watch(watcher *fsnotify.Watcher) {
	if watcher == nil {
		return
	}
	wanted := make(map[string]bool)
	for _, file := range f.good.files {
		wanted[filepath.Dir(file)] = true
		if real, err := filepath.EvalSymlinks(file); err == nil {
			wanted[filepath.Dir(real)] = true
		}
	}
	for _, dir := range watcher.WatchList() {
		if !wanted[dir] {
			_ = watcher.Remove(dir)
		}
	}
	for dir := range wanted {
		_ = watcher.Add(dir)
	}
}

// check loads the config again if it may have become another one, and tells of it.
func (f *follower) check() {
	// Problems may go away without an edit (a folder was made), so they are checked
	// again each time. A good config is not: a folder that vanished is the watcher's.
	if f.bad == "" && !f.gone && !f.ordered && f.unchanged() {
		return
	}
	f.loader.kept = f.good
	var out bool
	f.loader.out = &out
	next, err := f.loader.Load(f.good.File)
	if err != nil && (out || file.CanOpen() != nil) {
		return // nothing can be opened at the moment, which says nothing of the config
	}
	if err != nil && f.vanished() && !f.gone {
		f.gone = true // between the two steps of a save; a second check will tell
		return
	}
	f.gone = false
	ordered := f.ordered
	f.ordered = false
	switch {
	case err == nil && next.sum == f.good.sum && f.bad == "" && !ordered:
	case err == nil:
		f.good, f.bad = next, ""
		f.changed(next, nil)
	case err.Error() != f.bad || ordered:
		f.bad = err.Error()
		f.changed(nil, err)
	}
}

// unchanged reports whether every file still has the content it was loaded with. One that
// cannot be read has none, as where its content from before was kept.
func (f *follower) unchanged() bool {
	var contents [][]byte
	for _, path := range f.good.files {
		content, err := readFile(path)
		if err != nil {
			content = nil
		}
		contents = append(contents, content)
	}
	return sum(contents) == f.good.sum
}

func (f *follower) vanished() bool {
	_, err := readFile(f.good.File)
	return errors.Is(err, fs.ErrNotExist)
}
