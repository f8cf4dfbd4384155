package uploader

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Transfer is a file on its way, for whoever shows it.
type Transfer struct {
	Item    int64
	Path    string
	Size    int64 // bytes
	Sent    int64 // bytes, those acknowledged before a restart included
	Doing   string
	Started time.Time
}

// progress keeps the transfers that go on; it is safe for concurrent use.
type progress struct {
	mu  sync.Mutex
	now map[int64]*transferState
}

type transferState struct {
	Transfer
	sent atomic.Int64
}

func newProgress() *progress { return &progress{now: map[int64]*transferState{}} }

func (p *progress) begin(item int64, path string, size int64, at time.Time) *transferState {
	t := &transferState{Transfer: Transfer{Item: item, Path: path, Size: size, Started: at}}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now[item] = t
	return t
}

func (p *progress) end(item int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.now, item)
}

func (p *progress) doing(t *transferState, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.Doing = what
}

func (p *progress) snapshot() []Transfer {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Transfer
	for _, t := range p.now {
		one := t.Transfer
		one.Sent = t.sent.Load()
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Transfer) int { return int(a.Item - b.Item) })
	return all
}
