package watcher

import (
	"container/heap"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// waiting is a file that is not finished yet.
type waiting struct {
	path        string
	fp          file.Fingerprint
	first       time.Time // when it was first seen
	unchanged   time.Time // since when it has been unchanged, at the latest
	began       time.Time // when the changes began of which that was the last
	read        time.Time // when another program was seen to have it open for reading; zero: never since it changed
	at          time.Time // when to check again
	dirty       bool      // an event came since it was last checked
	placeholder bool      // a placeholder
	last        decision  // what the last check came to

	reason   drop.Reason // as last told the sink; "" if it was not
	detail   drop.Detail
	reported file.Fingerprint

	place int // in the heap; -1 while it is being checked
}

// change notes that the file changed, at that time.
func (w *waiting) change(at time.Time) {
	w.began = w.beganAt(at)
	w.unchanged, w.read = at, time.Time{}
}

// beganAt is when the changes began of which the last was at that time: after a pause
// others begin.
func (w *waiting) beganAt(at time.Time) time.Time {
	if at.Sub(w.unchanged) > writingPause || at.Before(w.began) {
		return at
	}
	return w.began
}

// queue holds the files being waited for, by path and by the time of the next check. It
// is for one goroutine.
type queue struct {
	byPath map[string]*waiting
	due    byTime
	held   int // how many have a reason
}

func newQueue() *queue { return &queue{byPath: make(map[string]*waiting)} }

// add takes in a file that is not yet there.
func (q *queue) add(w *waiting) {
	q.byPath[w.path] = w
	heap.Push(&q.due, w)
}

// later sets when a file is checked again, and puts back one that next handed out.
func (q *queue) later(w *waiting, at time.Time) {
	w.at = at
	if w.place < 0 {
		heap.Push(&q.due, w)
		return
	}
	heap.Fix(&q.due, w.place)
}

// next hands out at most n files that are due. Each must go to later or drop then.
func (q *queue) next(now time.Time, n int) []*waiting {
	var out []*waiting
	for len(q.due) > 0 && len(out) < n && !q.due[0].at.After(now) {
		out = append(out, heap.Pop(&q.due).(*waiting))
	}
	return out
}

// drop forgets a file.
func (q *queue) drop(w *waiting) {
	q.setReason(w, "")
	delete(q.byPath, w.path)
	if w.place >= 0 {
		heap.Remove(&q.due, w.place)
	}
}

// setReason notes why a file is held; "" if it is not.
func (q *queue) setReason(w *waiting, r drop.Reason) {
	if w.reason != "" {
		q.held--
	}
	if w.reason = r; r != "" {
		q.held++
	}
}

// active is how many files are being waited for and not held.
func (q *queue) active() int { return len(q.byPath) - q.held }

// soonest is when the next check is due; ok is false if there is none.
func (q *queue) soonest() (at time.Time, ok bool) {
	if len(q.due) == 0 {
		return time.Time{}, false
	}
	return q.due[0].at, true
}

// byTime is a heap by the time of the next check.
type byTime []*waiting

func (h byTime) Len() int           { return len(h) }
func (h byTime) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h byTime) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is for container/heap.
func (h *byTime) Push(x any) {
	w := x.(*waiting)
	w.place = len(*h)
	*h = append(*h, w)
}

// Pop is for container/heap.
func (h *byTime) Pop() any {
	old := *h
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	w.place = -1
	return w
}
