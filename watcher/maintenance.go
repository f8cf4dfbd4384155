package watcher

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/logging"
)

// refusedFor is how long events are not asked for again once the system refused them.
const refusedFor = time.Hour

// asideEvery is the time between two checks of n directories without a watch, or in
// trouble; the shortest is given.
func asideEvery(n int, shortest time.Duration) time.Duration {
	return max(shortest, min(time.Duration(n)*10*time.Millisecond, time.Minute))
}

// pollEvery is the time between two scans of a polled folder, if it is not configured:
// ten times as long as a scan takes, so that polling stays a light load on a server.
func pollEvery(took time.Duration) time.Duration { return clamp(10*took, 5*time.Second, 5*time.Minute) }

// rescanEvery is the time between two safety scans of a folder with events, if it is not
// configured.
func rescanEvery(took time.Duration) time.Duration {
	return clamp(200*took, 10*time.Minute, 2*time.Hour)
}

// retryAfter is the time after which a folder that could not be scanned is tried again.
func retryAfter(fails int) time.Duration {
	return clamp(time.Second<<min(fails, 6), 2*time.Second, time.Minute)
}

// establish checks what the folder is now and sets up events or polling for it. It is
// called before each scan of the whole folder: a disk may have been mounted there.
func (r *run) establish() error {
	r.f.status.begin(r.f.Path, r.now())
	defer r.f.status.end()
	info, err := os.Stat(r.f.Path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "open", Path: r.f.Path, Err: syscall.ENOTDIR}
	}
	if err := r.f.w.pins.Check(r.f.Path); err != nil {
		r.unwatch()
		return err
	}
	if id := file.FromInfo(info).ID; id != r.rootID {
		r.unwatch()
		r.rootID = id
	}
	where, err := Inspect(r.f.Path)
	if err != nil {
		return err
	}
	r.policy = policyFor(r.f.Folder, where.Remote, r.f.w.limits.patience)
	r.fsType, r.why, r.remote = where.Type, "", where.Remote
	switch {
	case r.f.Poll == PollAlways:
		r.why = drop.TextPollConfigured.With()
	case r.f.Poll == PollAuto && where.Remote:
		r.why = where.Why
	}
	r.polling = r.why != ""
	switch {
	case r.once:
	case r.polling:
		r.unwatch()
	default:
		r.watchFolder()
	}
	r.tellMode()
	return nil
}

// watchFolder sets up events, or polling if the system has none left.
func (r *run) watchFolder() {
	if r.now().Before(r.refusedUntil) {
		r.polling, r.why = r.f.Poll != PollNever, r.refusedWhy
		return
	}
	if r.tree == nil {
		t, err := newTree(r.f.Path, r.f.Recursive, r.hints)
		if err != nil {
			r.refuse(noWatch(err, true))
			return
		}
		r.tree = t
	}
	r.tree.verify() // what is lost is found by the scan
	if err := r.tree.watch(r.f.Path, r.rootID); err != nil {
		r.refuse(noWatch(err, false))
		return
	}
	r.whyMixed()
}

// refuse polls the whole folder, and tries events again after a while.
func (r *run) refuse(why drop.Detail) {
	r.unwatch()
	r.polling, r.why = r.f.Poll != PollNever, why
	r.refusedWhy, r.refusedUntil = why, r.now().Add(refusedFor)
}

// whyMixed says why some directories are polled; "" if none are.
func (r *run) whyMixed() {
	r.why = ""
	if len(r.unwatched) > 0 {
		r.why = r.mixedWhy
	}
}

// tellMode updates how the folder is watched, and logs when that changes.
func (r *run) tellMode() {
	mode := ModeEvents
	switch {
	case r.polling:
		mode = ModePolling
	case len(r.unwatched) > 0:
		mode = ModeMixed
	}
	changed := false
	r.f.status.set(func(s *FolderStatus) {
		changed = s.Mode != mode || s.Why != r.why
		s.Mode, s.Why, s.Filesystem, s.Remote = mode, r.why, r.fsType, r.remote
	})
	if changed && !r.once {
		r.f.log.Info("how the folder is watched", logging.Failure(r.f.failureID("mode")), "mode", string(mode), "why", r.why, "filesystem", r.fsType)
	}
}

// watchDir watches a directory with events, before it is listed. A directory for which
// the system has no watch left is polled on its own. The folder itself is watched by
// establish.
func (r *run) watchDir(path string) error {
	if r.tree == nil || path == r.f.Path {
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "watch", Path: path, Err: fs.ErrNotExist}
	}
	err = r.tree.watch(path, file.FromInfo(info).ID)
	if err == nil {
		delete(r.unwatched, path)
		return nil
	}
	reached, all := limitReached(err)
	switch {
	case !reached:
		return err
	case all || len(r.unwatched) >= r.f.w.limits.aside:
		r.refuse(noWatch(err, false))
	default:
		r.mixedWhy = noWatch(err, false)
		r.unwatched[path] = true
		r.whyMixed()
		r.asideSoon()
	}
	r.tellMode()
	return nil
}

func (r *run) asideSoon() {
	if r.apartAt.IsZero() {
		r.apartAt = r.now().Add(asideEvery(len(r.unwatched)+len(r.bad), r.f.w.limits.again))
	}
}

// covered reports whether a directory is polled without the scan of its parent.
func (r *run) covered(path string) bool {
	if r.tree != nil && r.tree.has(path) || r.unwatched[path] {
		return true
	}
	_, bad := r.bad[path]
	return bad
}

// rescanApart checks again at the directories that are polled on their own, and at those
// that could not be listed.
func (r *run) rescanApart() {
	r.apartAt = time.Time{}
	if r.f.Poll != PollNever {
		for path := range r.unwatched {
			r.scan.push(job{path: path, flat: true})
		}
	}
	for path := range r.bad {
		if !r.unwatched[path] {
			r.scan.push(job{path: path})
		}
	}
	if len(r.unwatched)+len(r.bad) > 0 {
		r.asideSoon()
	}
}

// heartbeat notices what no event tells: that the folder was deleted, made again, mounted
// or unmounted, or that watches got lost.
func (r *run) heartbeat() {
	if r.scan.running() {
		return
	}
	r.f.status.begin(r.f.Path, r.now())
	info, err := os.Stat(r.f.Path)
	r.f.status.end()
	switch {
	case err != nil && r.rootErr == "":
		r.failed(err)
	case err == nil && (r.rootGone || file.FromInfo(info).ID != r.rootID):
		r.rescanAt = r.now()
	case err == nil && r.tree != nil:
		if r.verifyIn--; r.verifyIn <= 0 {
			r.verifyIn = 10
			r.watchLost()
		}
	}
}

// watchLost scans the directories whose watch got lost, which watches them again.
func (r *run) watchLost() {
	for _, path := range r.tree.verify() {
		r.scan.push(job{path: path})
	}
}

// confirmLater plans a second scan of a directory that was made, or moved here, as soon
// as no more are made: a watch set on a directory just renamed may be lost.
func (r *run) confirmLater(path string, now time.Time) {
	if len(r.fresh) >= r.f.w.limits.aside {
		r.scanBy(now.Add(time.Second))
		return
	}
	r.fresh[path] = true
	r.confirmAt = now.Add(r.f.w.limits.confirm)
}

func (r *run) confirm() {
	r.confirmAt = time.Time{}
	if r.tree != nil {
		r.verifyIn = 2 // and once more a little later
		r.watchLost()
	}
	for path := range r.fresh {
		if !r.fresh[filepath.Dir(path)] { // its parent's scan enters it
			r.scan.push(job{path: path})
		}
	}
	clear(r.fresh)
}

// failed notes that the folder as a whole cannot be scanned, and plans the next try.
func (r *run) failed(err error) {
	r.scan.stop()
	r.rootErr, r.rootGone = trouble(r.f.Path, err), errors.Is(err, fs.ErrNotExist)
	r.rescanAt = r.now().Add(retryAfter(r.fails))
	r.fails++
	r.tellTrouble()
}

// succeeded ends a scan of the whole folder and plans the next.
func (r *run) succeeded() {
	s, now := &r.scan, r.now()
	r.scanTook = now.Sub(s.started)
	r.rootErr, r.rootGone, r.fails = "", false, 0
	every := r.f.Rescan
	switch {
	case every > 0:
	case r.polling:
		every = pollEvery(r.scanTook)
	default:
		every = rescanEvery(r.scanTook)
	}
	r.scanBy(now.Add(every))
	if len(r.unwatched)+len(r.bad) > 0 {
		r.asideSoon()
	}
	if !r.polling && r.tree != nil {
		r.whyMixed() // there may be room for all of them by now
		r.tellMode()
	}
	r.f.status.set(func(st *FolderStatus) {
		st.LastScan, st.ScanTook = now, r.scanTook
		st.Dirs, st.Files, st.Ignored, st.IgnoredBy = s.dirs, s.files, s.ignored.total(), s.ignored.byRule()
	})
	// What is in a directory that cannot be listed is not noted yet.
	r.existingDone = r.asksExisting() && len(r.bad) == 0
	if r.f.w.scanned != nil {
		r.f.w.scanned()
	}
	r.tellTrouble()
}
