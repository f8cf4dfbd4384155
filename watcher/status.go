package watcher

import (
	"fmt"
	"sync"
	"time"
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
	Why        string        `json:"why,omitempty"`        // why it is polled, as a sentence
	Filesystem string        `json:"filesystem,omitempty"` // its type, as the system calls it
	Err        string        `json:"error,omitempty"`      // what is wrong now, as a sentence; empty when all is well
	ErrSince   time.Time     `json:"error_since,omitzero"` // since when
	Scanning   bool          `json:"scanning"`             // a scan of the whole folder is going on
	LastScan   time.Time     `json:"last_scan,omitzero"`   // end of the last complete scan
	ScanTook   time.Duration `json:"scan_took_ns,omitempty"`
	NextScan   time.Time     `json:"next_scan,omitzero"`
	Dirs       int           `json:"dirs"`    // directories seen by the last complete scan, the folder itself included
	Files      int           `json:"files"`   // files seen by it that no rule leaves out
	Ignored    int           `json:"ignored"` // files and directories it passed over because of a rule
	Waiting    int           `json:"waiting"` // files being waited for to settle
	Held       int           `json:"held"`    // files held with a reason
}

// status is what a folder's goroutine tells about itself; others read it.
type status struct {
	mu      sync.Mutex
	now     FolderStatus
	doing   string    // the path being looked at
	started time.Time // since when; zero between looks
}

// set changes the status under its lock.
func (s *status) set(change func(*FolderStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
}

// begin and end frame what may hang: looking at a path. They let get say so meanwhile,
// since the goroutine concerned cannot.
func (s *status) begin(path string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing, s.started = path, now
}

func (s *status) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing, s.started = "", time.Time{}
}

// get tells the status at now. A look at the filesystem that has taken longer than stuck
// means that the folder does not answer.
func (s *status) get(now time.Time, stuck time.Duration) FolderStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.now
	if s.stuck(now, stuck) {
		out.Err = fmt.Sprintf("%s has not answered for %s. Is the disk or the network share still connected?",
			quote(s.doing), now.Sub(s.started).Round(time.Second))
		out.ErrSince = s.started
	}
	return out
}

// stuck reports whether a look has taken longer than most. It needs mu.
func (s *status) stuck(now time.Time, most time.Duration) bool {
	return !s.started.IsZero() && now.Sub(s.started) >= most
}

// hung returns which path has not answered for longer than most, and since when.
func (s *status) hung(now time.Time, most time.Duration) (path string, since time.Time, hung bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doing, s.started, s.stuck(now, most)
}
