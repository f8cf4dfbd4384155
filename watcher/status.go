package watcher

import (
	"sync"
	"time"

	"scenario-drop/drop"
)

// Mode is how a folder's changes are noticed.
type Mode string

// The modes of a folder.
const (
	ModeEvents  Mode = "events"  // the operating system tells, a scan now and then makes sure
	ModePolling Mode = "polling" // by scanning again and again
	ModeMixed   Mode = "mixed"   // events for most directories, some are polled
)

// FolderStatus is the state of one watched folder at one moment.
type FolderStatus struct {
	Path       string        `json:"path"`
	Mode       Mode          `json:"mode"`
	Why        drop.Detail   `json:"why,omitempty"`        // why it is polled
	Filesystem string        `json:"filesystem,omitempty"` // its type, as the system calls it
	Remote     bool          `json:"remote"`               // it is on a network share
	Err        drop.Detail   `json:"error,omitempty"`      // what is wrong now; empty when all is well
	ErrSince   time.Time     `json:"error_since,omitzero"` // since when
	Scanning   bool          `json:"scanning"`             // a scan of the whole folder is going on
	LastScan   time.Time     `json:"last_scan,omitzero"`   // end of the last complete scan
	ScanTook   time.Duration `json:"scan_took_ns,omitempty"`
	NextScan   time.Time     `json:"next_scan,omitzero"`
	Dirs       int           `json:"dirs"`    // directories seen by the last complete scan, the folder itself included
	Files      int           `json:"files"`   // files seen by it that no rule ignores
	Ignored    int           `json:"ignored"` // files and directories it passed over because of a rule

	IgnoredBy map[drop.Reason]IgnoredCount `json:"ignored_by,omitempty"` // the same by rule; not to be changed

	Waiting int `json:"waiting"` // files being waited for to settle
	Held    int `json:"held"`    // files held with a reason
}

// status is what a folder's goroutine tells about itself; others read it.
type status struct {
	mu    sync.Mutex
	now   FolderStatus
	doing [workers]doing
}

// remote is FolderStatus.Remote.
func (s *status) remote() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.Remote
}

// doing is a check under way. It has a lock of its own, for there are very many checks.
type doing struct {
	mu      sync.Mutex
	dir     string    // the directory being checked, or …
	name    string    // … what is being checked in it
	started time.Time // since when; zero: nothing is

	_ [64]byte // none shares a line of a cache with the next worker's
}

func (d *doing) set(dir, name string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dir, d.name, d.started = dir, name, now
}

// set changes the status under its lock.
func (s *status) set(change func(*FolderStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
}

// begin and end frame what may hang: checking a path. They let get say so meanwhile,
// since the goroutine concerned cannot.
func (s *status) begin(path string, now time.Time) { s.doing[0].set(path, "", now) }
func (s *status) end()                             { s.endOne(0) }

// beginOne and endOne are begin and end for those who check side by side, numbered from 0.
func (s *status) beginOne(worker int, dir, name string, now time.Time) {
	s.doing[worker].set(dir, name, now)
}
func (s *status) endOne(worker int) { s.doing[worker].set("", "", time.Time{}) }

// get tells the status at now. A check of the filesystem that has taken longer than stuck
// means that the folder does not answer.
func (s *status) get(now time.Time, stuck time.Duration) FolderStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.now
	if path, since, unresponsive := s.unresponsive(now, stuck); unresponsive {
		out.Err = drop.TextNotAnswered.With("path", path, "for", now.Sub(since).Round(time.Second).String())
		out.ErrSince = since
	}
	return out
}

// unresponsive returns which path has not answered for longer than most, and since when: of
// several, the one that was begun first.
func (s *status) unresponsive(now time.Time, limit time.Duration) (path string, since time.Time, unresponsive bool) {
	for i := range s.doing {
		d := &s.doing[i]
		d.mu.Lock()
		if !d.started.IsZero() && (since.IsZero() || d.started.Before(since)) {
			since, path = d.started, d.dir
			if d.name != "" {
				path = join(d.dir, d.name)
			}
		}
		d.mu.Unlock()
	}
	return path, since, !since.IsZero() && now.Sub(since) >= limit
}
