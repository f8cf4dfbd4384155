package watcher

import (
	"cmp"
	"context"
	"os"
	"slices"
	"sync"
	"time"

	"scenario-drop/drop"
)

// Awaited is a file that was seen and is not finished yet.
type Awaited struct {
	Folder, Path string
	Size         int64       // bytes so far
	Since        time.Time   // when it was first seen
	Changed      time.Time   // when it changed last, as far as is known
	Reason       drop.Reason // what it waits for
	Detail       drop.Detail // what is missing of it, or what says that it is not finished; may be ""
	Until        time.Time   // Settling: when it counts as finished unless it changes; else zero
	Held         bool        // the sink was told of it
}

// AwaitedList is what the folders wait for. Files held for another reason than that they
// are being written are not in it: the sink has them.
type AwaitedList struct {
	Count int       // files
	Held  int       // of them, those of which the sink was told
	Bytes int64     // all their bytes so far
	Files []Awaited // the oldest of them
}

// PathStatus says when a path of a folder will be checked.
type PathStatus struct {
	Folder   FolderStatus // the folder that owns it; zero if none does
	File     *Awaited     // nil: it is not awaited
	Answered bool         // false: the folder is busy or unresponsive, and File may be wrong
}

// Bounds of what is told of awaited files.
const (
	awaitedListed = 20
	answerWithin  = 500 * time.Millisecond
)

// question is asked of the goroutine that owns a folder's state, so that nothing of it
// needs a lock; one in trouble leaves it unanswered.
type question struct {
	path   string // "": all files
	answer chan<- AwaitedList
}

// Awaited tells which files are awaited. A folder that does not answer in time is counted
// by what it said last.
func (w *Watcher) Awaited(ctx context.Context) AwaitedList {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	folders := w.list()
	lists := make([]AwaitedList, len(folders))
	var pending sync.WaitGroup
	for i, f := range folders {
		pending.Go(func() { lists[i], _ = f.ask(ctx, "") })
	}
	pending.Wait()
	var all AwaitedList
	for _, l := range lists {
		all.Count += l.Count
		all.Held += l.Held
		all.Bytes += l.Bytes
		all.Files = append(all.Files, l.Files...)
	}
	all.Files = oldest(all.Files)
	return all
}

// PathStatus tells of one path what it waits for.
func (w *Watcher) PathStatus(ctx context.Context, path string) PathStatus {
	var best *folder
	for _, f := range w.list() {
		if within(path, f.Path) && (best == nil || len(f.Path) > len(best.Path)) {
			best = f
		}
	}
	if best == nil {
		return PathStatus{}
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	list, answered := best.ask(ctx, path)
	out := PathStatus{Folder: best.status.get(w.now(), w.limits.stuck), Answered: answered}
	for i := range list.Files {
		if list.Files[i].Path == path {
			out.File = &list.Files[i]
		}
	}
	return out
}

// ask has the folder's goroutine answer. Without an answer until ctx ends, it returns what
// was told last.
func (f *folder) ask(ctx context.Context, path string) (list AwaitedList, answered bool) {
	answer := make(chan AwaitedList, 1)
	select {
	case f.questions <- question{path, answer}:
		select {
		case list = <-answer:
			return list, true
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
	f.answeredMu.Lock()
	defer f.answeredMu.Unlock()
	return f.answered, false
}

// answerAll answers the questions that were asked meanwhile.
func (r *run) answerAll() {
	for {
		select {
		case q := <-r.f.questions:
			r.answer(q)
		default:
			return
		}
	}
}

func (r *run) answer(q question) {
	var list AwaitedList
	now := r.now()
	if q.path != "" {
		if w, ok := r.queue.byPath[q.path]; ok {
			list.Files = []Awaited{r.awaited(w, now)}
		}
	} else {
		list = r.awaitedList(now)
	}
	r.measure(list.Files)
	if q.path == "" {
		r.f.answeredMu.Lock()
		r.f.answered = list
		r.f.answeredMu.Unlock()
	}
	q.answer <- list // there is room for one
}

func (r *run) awaitedList(now time.Time) (list AwaitedList) {
	for _, w := range r.queue.byPath {
		if w.reason != "" && !stillBeingWritten(w.reason) {
			continue
		}
		a := r.awaited(w, now)
		list.Count++
		list.Bytes += a.Size
		if a.Held {
			list.Held++
		}
		if list.Files = append(list.Files, a); len(list.Files) >= 8*awaitedListed { // now and then, not each time
			list.Files = oldest(list.Files)
		}
	}
	list.Files = oldest(list.Files)
	return list
}

// measure takes the size of files that change all the time: they are not checked before
// they pause.
func (r *run) measure(files []Awaited) {
	defer r.f.status.end()
	for i := range files {
		if a := &files[i]; a.Reason == drop.ReasonBeingWritten || stillBeingWritten(a.Reason) {
			r.f.status.begin(a.Path, r.now())
			if info, err := os.Lstat(a.Path); err == nil {
				a.Size = info.Size()
			}
		}
	}
}

// awaited tells what a file waits for at now.
func (r *run) awaited(w *waiting, now time.Time) Awaited {
	a := Awaited{Folder: r.f.Path, Path: w.path, Size: w.fp.Size, Since: w.first, Changed: w.unchanged, Held: w.reason != ""}
	d := w.last
	if minimum := w.unchanged.Add(r.policy.minimum()); d.reason == "" || now.Before(minimum) {
		// It has not been checked yet, or has changed since.
		d = r.policy.pending(observation{now: now, first: w.first, unchanged: w.unchanged}, minimum)
	}
	a.Reason, a.Detail = d.reason, d.detail
	if d.reason == drop.ReasonSettling {
		a.Until = d.at
	}
	return a
}

// oldest keeps the files that are awaited the longest.
func oldest(files []Awaited) []Awaited {
	slices.SortFunc(files, func(a, b Awaited) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Path, b.Path))
	})
	return files[:min(len(files), awaitedListed)]
}
