package uploader

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/internal/testkit/fakescenario"
)

// open opens a file for writing, as a program does that keeps it open.
func (r *rig) open(path string) *os.File {
	r.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	r.must(err)
	return f
}

// A file that a program has open for writing waits until it is closed; unless it is complete by its format and at
// rest, or a person wants it sent as it is: then its bytes are compared with what was sent.
func TestOpenForWriting(t *testing.T) {
	later := func(o *Options) {
		o.Complete = func(string, io.ReaderAt, int64) bool { return true }
		o.Now = func() time.Time { return time.Now().AddDate(100, 0, 0) }
	}
	for _, c := range []struct {
		name    string
		options func(*Options)
		forced  bool
		changes bool // while it is sent

		state  drop.State
		reason drop.Reason
	}{
		{name: "open", state: drop.Queued, reason: drop.ReasonStillOpen},
		{name: "open, and complete", options: later, state: drop.Imported},
		{name: "open, and only said to be complete a moment ago", options: func(o *Options) {
			o.Complete = func(string, io.ReaderAt, int64) bool { return true }
		}, state: drop.Queued, reason: drop.ReasonStillOpen},
		{name: "open, and cut off", options: func(o *Options) {
			later(o)
			o.Complete = func(string, io.ReaderAt, int64) bool { return false }
		}, state: drop.Queued, reason: drop.ReasonStillOpen},
		{name: "a person wants it", forced: true, state: drop.Imported},
		{name: "a person wants it, and it changes", forced: true, changes: true, state: drop.Queued, reason: drop.ReasonStartedOver},
	} {
		t.Run(c.name, func(t *testing.T) {
			run(t, setup{options: c.options}, func(r *rig) {
				it := r.saved("a.png", medium)
				f := r.open(it.Path)
				if c.changes { // as through a mapping, which no time tells of
					r.Fail(fakescenario.Failure{Op: fakescenario.Part, Call: func() {
						_, err := f.WriteAt([]byte("changed"), medium/2)
						r.must(err)
						r.must(os.Chtimes(it.Path, time.Unix(0, it.Fingerprint.ModTime), time.Unix(0, it.Fingerprint.ModTime)))
					}})
				}
				it = r.claim()[0]
				it.Forced = c.forced
				r.u.work(r.Context(), it, func() {})
				r.stands(it, c.state, c.reason)
				if c.changes && r.Count(fakescenario.Complete) > 0 {
					t.Error("what was sent is not what the file holds, and was completed")
				}
				r.must(f.Close())
				if c.reason == drop.ReasonStillOpen && c.options == nil {
					time.Sleep(time.Minute)
					r.work()
					r.stands(it, drop.Imported, "")
				}
			})
		})
	}
}

// An imported file that a program has open is neither moved nor trashed until it is closed.
func TestOpenBeforeTheCleanup(t *testing.T) {
	run(t, setup{rule: func(r *Rule) { r.After, r.MoveTo = Move, filepath.Join(r.Root, "Uploaded") }}, func(r *rig) {
		it := r.saved("a.png", small)
		var f *os.File
		r.Fail(fakescenario.Failure{Op: fakescenario.Complete, Call: func() { f = r.open(it.Path) }})
		r.work()
		r.stands(it, drop.CleaningUp, drop.ReasonStillOpen)
		r.must(f.Close())
		r.later(maxPostponeWait)
		r.stands(it, drop.Imported, drop.ReasonMoved)
	})
}

// Where the lease ran out while a file was sent (the machine slept), and another took the file up, the first
// completes nothing: there is one asset.
func TestLeaseThatLapsed(t *testing.T) {
	for name, size := range map[string]int{"small": small, "medium": medium, "large": large} {
		t.Run(name, func(t *testing.T) {
			run(t, setup{}, func(r *rig) {
				content := r.png(size)
				it := r.save("a.png", content)
				first := r.u
				mine := r.claim()[0]
				r.Fail(fakescenario.Failure{Op: fakescenario.Part, Call: func() {
					time.Sleep(leaseTime + time.Second)
					r.start(nil)
					r.work()
					r.stands(it, drop.Imported, "")
				}})
				first.work(r.Context(), mine, func() {})
				r.stands(it, drop.Imported, "")
				r.asset(it, content)
				if n := r.Count(fakescenario.Complete); n != 1 {
					t.Errorf("%d uploads were completed", n)
				}
			})
		})
	}
}
