package watcher

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"scenario-drop/file"
)

// Files are checked side by side: on a network share each check is a round trip, and on a
// local disk there is another core for it, while this one lists the next directory.
const (
	chunk           = 512 // entries of a directory taken at a time; with so many files a piece is large enough
	pieceDirs       = 8   // directories in one piece, at most
	workers         = 8   // who check files at the same moment, at most
	checksPerWorker = 16  // another worker for so many files: starting one takes as long as a few checks
)

// batch is some entries of a directory, and the checks of the files among them.
type batch struct {
	*listing
	files   []entry
	next    atomic.Int64 // the next of files to be checked
	helpers sync.WaitGroup
	err     error // of listing; io.EOF with the last entries
	stops   int   // scan.stops when it was listed
}

// entry is a file that the rules take, and what a check of it came to.
type entry struct {
	fs.DirEntry
	fp          file.Fingerprint
	placeholder bool  // see file.Placeholder
	news        bool  // it is there, and not as it is known
	hid         bool  // it is file.Hidden
	err         error // it may not be checked
}

// scanStep does the next piece of the scans going on. All that was begun of it has ended
// when it returns.
func (r *run) scanStep(ctx context.Context) (err error) {
	var piece []*batch
	for dirs, files := 0, 0; dirs < pieceDirs && files < chunk && err == nil && !r.scan.idle(); dirs++ {
		if r.scan.current == nil {
			if err = r.openNext(ctx); r.scan.current == nil {
				continue
			}
		}
		b := r.list(r.scan.current)
		piece = append(piece, b)
		files += len(b.files)
	}
	return errors.Join(err, r.finish(ctx, piece))
}

// finish waits for the checks of a piece, and takes what came of them. The error is one of the
// sink; the whole folder is scanned again then.
func (r *run) finish(ctx context.Context, piece []*batch) error {
	for _, b := range piece {
		b.check(&r.f.status, 0, r.now)
		b.helpers.Wait()
	}
	err := r.leaveExisting(ctx, piece)
	if err != nil {
		r.scan.stop()
		r.rescanAt = r.now()
	}
	for _, b := range piece { // all checks have ended: any directory may be closed
		if b.err != nil {
			_ = b.dir.Close() // it was only read
		}
		if b.stops == r.scan.stops { // else it will be listed again
			r.listed(b)
		}
	}
	return err
}

// list lists some of a directory, and begins to check what is in it. What the rules
// leave out is not checked.
func (r *run) list(l *listing) *batch {
	r.f.status.begin(l.path, r.now())
	found, err := l.dir.ReadDir(chunk)
	if err == nil && len(found) < chunk { // that was probably all: io.EOF comes on its own
		var more []fs.DirEntry
		more, err = l.dir.ReadDir(chunk - len(found))
		found = append(found, more...)
	}
	r.f.status.end()
	b := &batch{listing: l, files: make([]entry, 0, len(found)), err: err, stops: r.scan.stops}
	for _, e := range found {
		if r.takes(l, e) {
			b.files = append(b.files, entry{DirEntry: e})
		}
	}
	for range min(workers-1, len(b.files)/checksPerWorker) {
		select {
		case worker := <-r.workers:
			b.helpers.Go(func() {
				b.check(&r.f.status, worker, r.now)
				r.workers <- worker // there is room: it came from there
			})
		default: // all are at it
		}
	}
	if err != nil {
		r.scan.current = nil
	}
	return b
}

// takes reports whether an entry is a file to be checked. A directory is left for later.
func (r *run) takes(l *listing, e fs.DirEntry) bool {
	name := e.Name()
	path := join(l.path, name)
	if e.IsDir() {
		why := r.f.rules.dir(path, name).refusal
		if file.MarksHidden && why == notIgnored {
			if at, err := file.StatEntry(l.dir, e); err == nil && at.Hidden {
				why = isHidden
			}
		}
		if why != notIgnored {
			r.scan.leaveOut(l, why, true)
			return false
		}
		if !l.flat || !r.covered(path) {
			r.scan.push(job{path: path, full: l.full})
		}
		return false
	}
	why := typeRefusal(e.Type())
	if why == notIgnored {
		why = r.f.rules.file(path, name).refusal
	}
	if why != notIgnored {
		r.scan.leaveOut(l, why, false)
		return false
	}
	if l.full {
		r.scan.files++
	}
	return true
}

// leaveOut counts an entry that a rule refuses.
func (s *scan) leaveOut(l *listing, why refusal, dir bool) {
	if l.full {
		s.ignored.add(why, dir)
	}
}

// check checks files of the batch until there are none left. Several may do so at the
// same time, as different lookers.
func (b *batch) check(s *status, worker int, now func() time.Time) {
	defer s.endOne(worker)
	for i := b.next.Add(1) - 1; i < int64(len(b.files)); i = b.next.Add(1) - 1 {
		e := &b.files[i]
		s.beginOne(worker, b.path, e.Name(), now()) // each may take its time on a slow share
		e.check(b.listing)
	}
}

func (e *entry) check(l *listing) {
	at, err := file.StatEntry(l.dir, e)
	if errors.Is(err, fs.ErrPermission) { // the directory may be listed but not entered
		e.err = err
		return
	}
	if err != nil || !file.Openable(at.Mode) { // it went away
		return
	}
	if e.hid = at.Hidden; e.hid {
		return
	}
	known, ok := l.known[e.Name()]
	e.fp, e.placeholder, e.news = at.Fingerprint, at.Placeholder, !ok || !known.SameVersion(at.Fingerprint)
}

// listed takes what came of a batch, and ends the listing with its last one.
func (r *run) listed(b *batch) {
	for i := range b.files {
		e := &b.files[i]
		if e.err != nil {
			b.denied = e.err
		}
		if e.hid {
			r.scan.leaveOut(b.listing, isHidden, false)
			if b.full {
				r.scan.files-- // it was counted before it was checked
			}
		}
		if e.news {
			r.observe(join(b.path, e.Name()), e.fp, e.placeholder)
		}
	}
	if b.err == nil {
		return
	}
	err := b.err
	if errors.Is(err, io.EOF) {
		err = b.denied
	}
	if err == nil {
		r.wellDir(b.path)
	} else if !r.badDir(b.path, err) {
		return
	}
	r.jobDone(b.job)
}
