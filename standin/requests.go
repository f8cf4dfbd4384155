package standin

import (
	"maps"
	"sync"
)

// requests counts what arrives, and knows when all of it is answered.
type requests struct {
	mu      *sync.Mutex
	idle    *sync.Cond
	closed  bool
	inside  int
	count   map[string]int
	now     map[string]int
	peak    map[string]int
	refused int // by the rate limit
}

func newRequests() requests {
	mu := new(sync.Mutex)
	return requests{mu: mu, idle: sync.NewCond(mu), count: map[string]int{}, now: map[string]int{}, peak: map[string]int{}}
}

// enter counts a request in; false once the server has ended.
func (q *requests) enter(op string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.inside++
	q.count[op]++
	q.now[op]++
	q.peak[op] = max(q.peak[op], q.now[op])
	return true
}

func (q *requests) leave(op string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inside--
	q.now[op]--
	q.idle.Broadcast()
}

func (q *requests) limited() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.refused++
}

// closeAndWait lets nobody in any more and waits for those inside.
func (q *requests) closeAndWait() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for q.inside > 0 {
		q.idle.Wait()
	}
}

func (q *requests) snapshot() (count, peak map[string]int, refused int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.count), maps.Clone(q.peak), q.refused
}
