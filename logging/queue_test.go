package logging_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario-drop/logging"
)

// moody is a writer that fails, or waits, while it is told to.
type moody struct {
	mu   sync.Mutex
	err  error
	wait chan struct{} // nil: does not wait
	text strings.Builder
}

func (m *moody) Write(p []byte) (int, error) {
	m.mu.Lock()
	wait := m.wait
	m.mu.Unlock()
	if wait != nil {
		<-wait
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return 0, m.err
	}
	return m.text.Write(p)
}

func (m *moody) set(err error, wait chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err, m.wait = err, wait
}

func (m *moody) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text.String()
}

func runQueue(t *testing.T, to *moody) (q *logging.Queue, end func()) {
	q = logging.NewQueue(to, func(lost int64) { fmt.Fprintf(q, "lost %d\n", lost) })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Run(ctx)
	}()
	return q, func() { cancel(); <-done }
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

func TestQueueGoesOnAfterAFullDisk(t *testing.T) {
	to := &moody{}
	to.set(errors.New("no space left on device"), nil)
	q, end := runQueue(t, to)
	for i := range 3 {
		if n, err := fmt.Fprintf(q, "%d\n", i); n != 2 || err != nil {
			t.Fatalf("the daemon is told: %d, %v", n, err)
		}
	}
	// The three were tried before the disk has room: only then is the count sure.
	waitFor(t, "the failing lines were tried", func() bool { return q.Waiting() == 0 })
	to.set(nil, nil)
	waitFor(t, "told what was lost", func() bool {
		fmt.Fprintln(q, "again")
		return strings.Contains(to.String(), "lost ")
	})
	end()
	if !strings.HasPrefix(to.String(), "again\n") {
		t.Errorf("got %q", to)
	}
}

func TestQueueNeverWaitsForAReader(t *testing.T) {
	to, reader := &moody{}, make(chan struct{})
	to.set(nil, reader)
	q, end := runQueue(t, to)
	for i := range 10_000 { // more than any queue has room for
		fmt.Fprintln(q, i)
	}
	to.set(nil, nil)
	close(reader)
	waitFor(t, "told what was lost", func() bool {
		fmt.Fprintln(q, "again")
		return strings.Contains(to.String(), "lost ")
	})
	end()
	if !strings.HasPrefix(to.String(), "0\n1\n2\n") {
		t.Errorf("the first lines are not there: %.40q", to)
	}
}

func TestQueueWritesAllAtItsEnd(t *testing.T) {
	to := &moody{}
	q, end := runQueue(t, to)
	for range 100 {
		fmt.Fprintln(q, "line")
	}
	end()
	if n := strings.Count(to.String(), "line\n"); n != 100 {
		t.Errorf("%d of 100 lines", n)
	}
}
