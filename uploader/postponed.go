package uploader

import (
	"log/slog"
	"sync"
	"time"

	"scenario-drop/logging"
)

// The waits after failures, by what failed.
const (
	minServerWait, maxServerWait   = time.Second, 5 * time.Minute
	minCleanupWait, maxCleanupWait = 2 * time.Second, 9 * time.Minute // what comes after the import; less than maxWait
)

// postponements counts how often each file was postponed, for the line that says it was
// imported in the end. The counts are those of this uploader's life; it is safe for
// concurrent use.
type postponements struct {
	mu    sync.Mutex
	times map[int64]int // by item
}

// maxPostponements bounds the memory. An item that others replaced while it waited is never
// heard of again; of more, any one gives way.
const maxPostponements = 10_000

func newPostponements() *postponements { return &postponements{times: map[int64]int{}} }

// count counts one more and returns how many there were.
func (p *postponements) count(item int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times[item] == 0 && len(p.times) >= maxPostponements {
		for other := range p.times {
			delete(p.times, other)
			break
		}
	}
	p.times[item]++
	return p.times[item]
}

// over forgets an item that came to rest, and returns how often it was postponed.
func (p *postponements) over(item int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.times[item]
	delete(p.times, item)
	return n
}

// ledgerTrouble says in the log when the ledger cannot be used, and when it can again.
// It is safe for concurrent use.
type ledgerTrouble struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	since time.Time
	tries int // that failed, since then
}

const ledgerFailure = "ledger"

func (l *ledgerTrouble) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries == 0 {
		l.since = l.now()
	}
	l.tries++
	l.log.Error("the local database cannot be used; nothing is lost, and work resumes automatically when it can", logging.Failure(ledgerFailure), "why", err)
}

// works tells that something was written.
func (l *ledgerTrouble) works() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries == 0 {
		return
	}
	l.log.Info("the local database can be used again", logging.Recovery(ledgerFailure), "after", l.now().Sub(l.since).Round(time.Millisecond), "tries", l.tries)
	l.tries = 0
}
