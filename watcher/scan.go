package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"scenario-drop/file"
)

// job is a directory to be listed.
type job struct {
	path string
	full bool // it belongs to a scan of the whole folder
	flat bool // the directories in it are left alone, but for new ones
}

// listing is the directory being listed.
type listing struct {
	job
	dir    *os.File
	known  map[string]file.Fingerprint // by base name: needs no further check
	denied error                       // why some of its entries may not be checked
}

// scan is what is left to do of the scans going on, and what the one over the whole
// folder counts. A directory is listed piece by piece, so that files can be checked in
// between.
type scan struct {
	stack   []job
	current *listing
	left    int // jobs of the scan of the whole folder, the current one included
	stops   int // how often all was given up

	started     time.Time
	dirs, files int
	ignored     tally
}

func (s *scan) idle() bool { return s.current == nil && len(s.stack) == 0 }

// running reports whether a scan of the whole folder goes on.
func (s *scan) running() bool { return s.left > 0 }

func (s *scan) push(j job) {
	if j.full {
		s.left++
	}
	s.stack = append(s.stack, j)
}

// stop gives up all that is left.
func (s *scan) stop() {
	if s.current != nil {
		_ = s.current.dir.Close() // it was only read
	}
	*s = scan{stops: s.stops + 1}
}

// scanFolder begins a scan of the whole folder, watching it first.
func (r *run) scanFolder() {
	now := r.now()
	r.scan.started, r.scan.dirs, r.scan.files, r.scan.ignored = now, 0, 0, tally{}
	r.rescanAt = time.Time{}
	if err := r.establish(); err != nil {
		r.failed(err)
		return
	}
	r.scan.push(job{path: r.f.Path, full: true})
}

// openNext opens the next directory that is to be listed.
func (r *run) openNext(ctx context.Context) error {
	s := &r.scan
	j := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	err := r.open(ctx, j)
	if err == nil && s.current == nil {
		r.jobDone(j)
	}
	return err
}

// open opens a directory for listing; s.current stays nil if there is nothing to list.
// The error is one of the sink.
func (r *run) open(ctx context.Context, j job) error {
	dir := r.openDir(j.path)
	if dir == nil {
		return nil
	}
	known, err := r.f.w.sink.Known(ctx, j.path)
	if err != nil {
		_ = dir.Close() // it was only read
		if j.full {
			r.scan.left--
		}
		r.scan.push(j) // to be done again
		return fmt.Errorf("look up what is known of %s: %w", quote(j.path), err)
	}
	r.scan.current = &listing{job: j, dir: dir, known: known}
	if j.full {
		r.scan.dirs++
	}
	return nil
}

// openDir watches and opens a directory. It notes what is wrong and returns nil if that
// cannot be done. A directory below that went away, or turned into something else, is no
// trouble.
func (r *run) openDir(path string) *os.File {
	r.f.status.begin(path, r.now())
	defer r.f.status.end()
	isRoot := path == r.f.Path
	err := r.watchDir(path)
	if err == nil {
		var dir *os.File
		if dir, err = file.OpenDir(r.f.Path, path); err == nil {
			return dir // it is well once it is listed
		}
	}
	if !isRoot && (errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*file.NotRegularError)) || replaced(path)) {
		delete(r.unwatched, path)
		r.wellDir(path)
		return nil
	}
	r.badDir(path, err)
	return nil
}

// wellDir notes that nothing is wrong with a directory (any more).
func (r *run) wellDir(path string) {
	if _, was := r.bad[path]; was {
		delete(r.bad, path)
		r.tellTrouble()
	}
}

// replaced reports whether what was a directory is none any more.
func replaced(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && !info.IsDir() || errors.Is(err, fs.ErrNotExist)
}

// jobDone counts, and ends the scan of the whole folder with its last directory.
func (r *run) jobDone(j job) {
	if !j.full || r.scan.left == 0 {
		return
	}
	if r.scan.left--; r.scan.left > 0 {
		return
	}
	// A folder that vanished meanwhile has directories that went away, without trouble.
	if _, err := os.Stat(r.f.Path); err != nil {
		r.failed(err)
		return
	}
	r.succeeded()
}

// badDir notes that a directory could not be listed. If the folder as a whole does not
// answer, all scanning stops, to be tried again: false then.
func (r *run) badDir(path string, err error) bool {
	if path == r.f.Path {
		r.failed(err)
		return false
	}
	if !errors.Is(err, fs.ErrPermission) {
		if _, rootErr := os.Stat(r.f.Path); rootErr != nil {
			r.failed(rootErr)
			return false
		}
	}
	if len(r.bad) < r.f.w.limits.aside {
		r.bad[path] = trouble(path, err)
		r.asideSoon()
	}
	r.tellTrouble()
	return true
}
