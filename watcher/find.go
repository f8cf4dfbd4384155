package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/logging"
)

// observe takes in a file that a scan or an event came upon.
func (r *run) observe(path string, fp file.Fingerprint, placeholder bool) {
	now := r.now()
	if w, ok := r.queue.byPath[path]; ok {
		if !fp.SameVersion(w.fp) || placeholder != w.placeholder {
			w.fp, w.placeholder = fp, placeholder
			w.change(r.policy.unchangedSince(now, fp))
			r.soon(w)
		}
		return
	}
	w := &waiting{path: path, fp: fp, placeholder: placeholder, first: now, unchanged: r.policy.unchangedSince(now, fp)}
	w.began = w.unchanged
	w.at = w.unchanged.Add(r.policy.minimum())
	r.queue.add(w)
}

// soon checks a file again as soon as it can have settled.
func (r *run) soon(w *waiting) {
	if at := w.unchanged.Add(r.policy.minimum()); at.Before(w.at) {
		r.queue.later(w, at)
	}
}

// reportAgain has the sink told again of held files, as Retell asks, with a check of each now.
func (r *run) reportAgain() {
	again, toomany, _ := r.f.again.take()
	for _, h := range again {
		if w, ok := r.queue.byPath[h.path]; ok {
			w.reported = file.Fingerprint{}
			r.queue.later(w, r.now())
		}
	}
	if toomany {
		for _, w := range r.queue.byPath {
			w.reported = file.Fingerprint{}
		}
	}
}

// takeHints takes what events told since the last time.
func (r *run) takeHints() {
	r.reportAgain()
	found, lost, root := r.hints.take()
	asked, toomany, _ := r.f.asked.take()
	found, lost = append(found, asked...), lost || toomany
	now := r.now()
	if root {
		r.heartbeatAt = now
	}
	if lost {
		// Not at once, and not without end: a storm that overflows the queue is
		// likely to go on.
		if r.scanBy(now.Add(clamp(2*r.scanTook, 500*time.Millisecond, time.Minute))) {
			r.f.log.Info("events were lost; the folder is scanned to make up for them", logging.Failure(r.f.failureID("events")))
		}
	}
	if len(found) == 0 {
		return
	}
	gone := make(map[string]bool)
	r.reachedDir = "" // it may have been hidden, or shown, since
	defer r.f.status.end()
	for _, h := range found {
		r.f.status.begin(h.path, r.now())
		r.takeHint(h, now, gone)
	}
	if len(gone) > 0 && r.tree != nil {
		r.tree.forget(gone)
	}
}

func (r *run) takeHint(h hint, now time.Time, gone map[string]bool) {
	if of := besideOf(h.path); of != "" { // which may be finished by now
		if w, ok := r.queue.byPath[of]; ok {
			r.queue.later(w, now)
		}
	}
	if w, ok := r.queue.byPath[h.path]; ok {
		w.change(now)
		w.dirty = true
		r.soon(w)
		return
	}
	info, err := os.Lstat(h.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if r.tree != nil && r.tree.has(h.path) {
			gone[h.path] = true
		}
		delete(r.unwatched, h.path)
		r.wellDir(h.path)
	case errors.Is(err, fs.ErrPermission):
		r.scanFlat(filepath.Dir(h.path)) // which tries again until all of it may be checked
	case err != nil: // the next scan tells
	case !r.reached(h.path):
	case info.IsDir():
		if !h.made {
			return
		}
		why := r.f.rules.dir(h.path, info.Name()).refusal
		if why == notIgnored && file.Hidden(info) {
			why = isHidden
		}
		if why != notIgnored {
			r.countSoon(why, true, now)
			return
		}
		r.scan.push(job{path: h.path})
		r.confirmLater(h.path, now)
	default:
		why := typeRefusal(info.Mode())
		if why == notIgnored {
			why = r.f.rules.file(h.path, info.Name()).refusal
		}
		if why == notIgnored && file.Hidden(info) {
			why = isHidden
		}
		if why != notIgnored {
			if h.made {
				r.countSoon(why, false, now)
			}
			return
		}
		if r.queue.active() >= r.f.w.limits.hints {
			r.scanBy(now.Add(time.Second))
			return
		}
		r.observe(h.path, file.FromInfo(info), file.Placeholder(info))
	}
}

// reached is rules.reached, for which the same directory is asked about again and again.
func (r *run) reached(path string) bool {
	if dir := filepath.Dir(path); dir != r.reachedDir {
		r.reachedDir, r.isReached = dir, r.f.rules.reached(path).refusal == notIgnored && !hiddenBelow(r.f.Path, dir)
	}
	return r.isReached
}

// hiddenBelow reports whether the system marks dir as hidden, or a directory between root and
// it.
func hiddenBelow(root, dir string) bool {
	for ; file.MarksHidden && len(dir) > len(root); dir = filepath.Dir(dir) {
		if info, err := os.Lstat(dir); err == nil && file.Hidden(info) {
			return true
		}
	}
	return false
}

// scanFlat lists a directory again, unless that is about to be done or it is tried again
// anyhow.
func (r *run) scanFlat(dir string) {
	_, bad := r.bad[dir]
	if n := len(r.scan.stack); bad || n > 0 && r.scan.stack[n-1].path == dir {
		return
	}
	r.scan.push(job{path: dir, flat: true})
}

// scanBy makes sure that the whole folder is scanned at that time or sooner. It reports
// whether that brought a scan forward.
func (r *run) scanBy(at time.Time) bool {
	if !r.rescanAt.IsZero() && !at.Before(r.rescanAt) {
		return false
	}
	r.rescanAt = at
	return true
}

// checkDue checks the files that are due, and tells the sink. It reports whether there
// were any.
func (r *run) checkDue(ctx context.Context) (bool, error) {
	due := r.queue.next(r.now(), r.f.w.limits.batch)
	if len(due) == 0 {
		return false, nil
	}
	r.f.status.begin(due[0].path, r.now())
	results := checkAll(due, r.f.w.limits.probes, func(w *waiting) checked {
		l := w.check(r.f.Path, r.policy, r.now)
		r.f.status.begin(r.f.Path, r.now()) // one that is answered shows that the share is alive
		return l
	})
	r.f.status.end()

	var (
		found []Candidate
		done  []*waiting
		fail  error
	)
	for i, w := range due {
		l := &results[i]
		if w.fp, w.placeholder, w.last = l.fp, l.placeholder, l.decision; !l.unchanged.Equal(w.unchanged) {
			w.change(l.unchanged)
		}
		w.read = l.read
		w.dirty = w.dirty && !l.seen
		switch {
		case l.gone:
			fail = errors.Join(fail, r.lost(ctx, w))
		case l.action == ready:
			found = append(found, Candidate{Folder: r.f.Path, Path: w.path, Fingerprint: w.fp})
			done = append(done, w)
		case l.action == hold:
			r.queue.later(w, l.at)
			fail = errors.Join(fail, r.hold(ctx, w, l.reason, l.detail))
		default:
			r.queue.later(w, l.at)
		}
	}
	if len(found) > 0 {
		if err := r.f.w.sink.Ready(ctx, found); err != nil {
			for _, w := range done {
				r.queue.later(w, r.now())
			}
			return true, errors.Join(fail, fmt.Errorf("hand on finished files: %w", err))
		}
		for _, w := range done {
			r.queue.drop(w)
		}
	}
	return true, fail
}

// hold tells the sink of an unfinished file, unless it knows.
func (r *run) hold(ctx context.Context, w *waiting, reason drop.Reason, detail drop.Detail) error {
	stillWritten := stillBeingWritten(reason) && w.reported != file.Fingerprint{}
	if w.reason == reason && w.detail == detail && (stillWritten || w.reported.SameVersion(w.fp)) {
		return nil
	}
	err := r.f.w.sink.Held(ctx, Held{Folder: r.f.Path, Path: w.path, Fingerprint: w.fp, Reason: reason, Detail: detail})
	if errors.Is(err, ErrNotAwaited) {
		r.queue.drop(w)
		return nil
	}
	if err != nil {
		return fmt.Errorf("note a file that is not finished: %w", err)
	}
	r.queue.setReason(w, reason)
	w.detail, w.reported = detail, w.fp
	if r.queue.held > r.f.w.limits.held {
		r.queue.drop(w) // the sink knows of it; the next scan comes upon it again
	}
	return nil
}

// lost forgets a file that is not there any more.
func (r *run) lost(ctx context.Context, w *waiting) error {
	if w.reason != "" {
		err := r.f.w.sink.Held(ctx, Held{Folder: r.f.Path, Path: w.path, Fingerprint: w.fp, Reason: drop.ReasonGone,
			Detail: drop.TextNotThere.With()})
		if err != nil {
			r.queue.later(w, r.now())
			return fmt.Errorf("note a file that is gone: %w", err)
		}
	}
	r.queue.drop(w)
	r.hints.put(w.path, true) // a directory may have taken its place
	return nil
}
