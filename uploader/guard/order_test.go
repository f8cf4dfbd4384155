package guard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/scenario"
)

// fakeHost is storage that is there or not.
type fakeHost struct {
	down   atomic.Bool
	status chan int // nil: each part is stored at once; else what comes of it
	came   atomic.Int64
}

func (h *fakeHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.came.Add(1); h.down.Load() {
		return nil, errors.New("no route")
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	status := http.StatusOK
	if h.status != nil {
		status = <-h.status
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Etag": {`"e"`}, "Retry-After": {"60"}}, Body: io.NopCloser(strings.NewReader(""))}, nil
}

func guarded(h http.RoundTripper, o StorageOptions) *Storage {
	return NewStorage(scenario.NewStorage(scenario.StorageOptions{Transport: h}), o)
}

// part is one whose opening is counted.
func part(size int, opened *atomic.Int64) Part {
	return Part{URL: "http://127.0.0.1:1/part", Size: int64(size), Open: func(context.Context) (io.ReadCloser, error) {
		opened.Add(1)
		return io.NopCloser(bytes.NewReader(make([]byte, size))), nil
	}}
}

// While the breaker is open nothing of what comes later is held: no slot is taken, no file is
// opened, and other hosts' requests wait for nothing.
func TestNothingIsHeldBehindTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &fakeHost{}
		h.down.Store(true)
		s := guarded(h, StorageOptions{Connections: 1})
		var opened atomic.Int64
		if _, err := s.PutPart(t.Context(), part(1, &opened)); Decide(err, 1) != Retry {
			t.Fatalf("PutPart = %v", err)
		}
		opened.Store(0)
		got := make(chan error, 3)
		for range cap(got) {
			go func() { _, err := s.PutPart(t.Context(), part(1, &opened)); got <- err }()
		}
		synctest.Wait()
		if s.slots.held() != 0 || opened.Load() != 0 || s.slots.waiting() != 0 {
			t.Errorf("behind the breaker %d slots are held, %d are waited for, and %d files are open", s.slots.held(), s.slots.waiting(), opened.Load())
		}
		h.down.Store(false)
		for range cap(got) {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
	})
}

// A part that waits for a slot has no file open. If the breaker opens meanwhile it gives the slot
// back as soon as it has it, and waits for the breaker again.
func TestTheBreakerOpensWhileASlotIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &fakeHost{status: make(chan int)}
		s := guarded(h, StorageOptions{Connections: 1})
		var opened atomic.Int64
		first, done := make(chan error, 1), make(chan error, 2)
		go func() { _, err := s.PutPart(t.Context(), part(1, new(atomic.Int64))); first <- err }()
		synctest.Wait()
		for range cap(done) {
			go func() { _, err := s.PutPart(t.Context(), part(1, &opened)); done <- err }()
		}
		synctest.Wait()
		if s.slots.waiting() != 2 || opened.Load() != 0 {
			t.Fatalf("%d parts wait for the slot, and %d of them have their file open", s.slots.waiting(), opened.Load())
		}
		h.status <- http.StatusServiceUnavailable
		if err := <-first; Decide(err, 1) != Retry {
			t.Fatalf("PutPart = %v", err)
		}
		synctest.Wait()
		if s.slots.held() != 0 || s.slots.waiting() != 0 || opened.Load() != 0 || h.came.Load() != 1 {
			t.Errorf("with the breaker open %d slots are held, %d are waited for, and %d files are open", s.slots.held(), s.slots.waiting(), opened.Load())
		}
		start := time.Now()
		for range cap(done) {
			h.status <- http.StatusOK
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the breaker was waited for %v, want a minute", took)
		}
		if s.slots.held() != 0 {
			t.Errorf("%d slots were not given back", s.slots.held())
		}
	})
}

// The file is opened behind all other waits; only the bandwidth is waited for with it, and with
// the slot.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &fakeHost{}
		s := guarded(h, StorageOptions{Connections: 1, Bandwidth: func(time.Time) Limit { return Limit{Rate: bandwidthBurst} }})
		var order []string
		p := Part{URL: "http://127.0.0.1:1/part", Size: 3 * bandwidthBurst, Open: func(context.Context) (io.ReadCloser, error) {
			if s.slots.held() != 1 {
				t.Errorf("the file is opened with %d slots", s.slots.held())
			}
			order = append(order, "opened")
			return body{bytes.NewReader(make([]byte, 3*bandwidthBurst)), func() {
				if s.slots.held() != 1 {
					t.Error("the file is closed after its slot was given back")
				}
				order = append(order, "closed")
			}}, nil
		}}
		start := time.Now()
		s.breaker.leave(pass{}, &scenario.Error{Class: scenario.RateLimited, RetryAfter: time.Minute})
		if _, err := s.PutPart(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < time.Minute+2*time.Second || took > time.Minute+4*time.Second {
			t.Errorf("a minute behind the breaker and three seconds of bandwidth took %v", took)
		}
		if !slices.Equal(order, []string{"opened", "closed"}) || s.slots.held() != 0 {
			t.Errorf("%v, and %d slots are held", order, s.slots.held())
		}
	})
}

// A file that cannot be opened says nothing of the host: its error comes back as it is, and the
// next part is let through.
func TestOpenFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &fakeHost{}
		s := guarded(h, StorageOptions{Connections: 1})
		gone := errors.New("the file is gone")
		p := part(1, new(atomic.Int64))
		p.Open = func(context.Context) (io.ReadCloser, error) { return nil, gone }
		h.down.Store(true)
		var opened atomic.Int64
		s.PutPart(t.Context(), part(1, &opened))
		h.down.Store(false)
		if _, err := s.PutPart(t.Context(), p); err != gone { // as the probe
			t.Errorf("PutPart = %v", err)
		}
		if _, open := s.Outage(); !open {
			t.Error("a file that could not be opened closed the breaker")
		}
		if _, err := s.PutPart(t.Context(), part(1, &opened)); err != nil || s.slots.held() != 0 {
			t.Errorf("the part after it: %v, and %d slots are held", err, s.slots.held())
		}
	})
}

// Requests to the API that had a turn while the breaker was open wait for the breaker again.
func TestNoTurnOutlivesAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := NewAPI(nil, Options{})
		a.rate.learn(true)
		a.rate.limiter.SetLimit(1)
		var came atomic.Int64
		done := make(chan error, 20)
		request := func(context.Context) error { came.Add(1); return nil }
		for range cap(done) {
			go func() { done <- a.Once(t.Context(), request) }()
		}
		time.Sleep(500 * time.Millisecond)
		before := came.Load()
		a.breaker.leave(pass{}, &scenario.Error{Class: scenario.Network, RetryAfter: 10 * time.Second})
		time.Sleep(9 * time.Second)
		if n := came.Load() - before; n != 0 {
			t.Errorf("%d requests were made though the breaker is open", n)
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// use is how many slots are held, and how many small parts wait for one.
func (s *slots) use() (held, waiting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inFlight, len(s.small)
}

// held is how many slots are held.
func (s *slots) held() int {
	n, _ := s.use()
	return n
}

// waiting is how many small parts wait for a slot.
func (s *slots) waiting() int {
	_, n := s.use()
	return n
}

// body calls what it is told when it is closed.
type body struct {
	io.Reader
	closed func()
}

func (b body) Close() error { b.closed(); return nil }

// That storage has a part is told while its slot is still held, once, and of no part that it does not have.
func TestAcknowledgedBeforeTheSlotIsGiven(t *testing.T) {
	for status, want := range map[int]int{http.StatusOK: 1, http.StatusForbidden: 0} {
		synctest.Test(t, func(t *testing.T) {
			h := &fakeHost{status: make(chan int, 1)}
			h.status <- status
			s := guarded(h, StorageOptions{Connections: 1})
			told := 0
			p := part(1, new(atomic.Int64))
			p.Acknowledged = func() {
				if told++; s.slots.held() != 1 {
					t.Error("the slot has been given back")
				}
			}
			if _, err := s.PutPart(t.Context(), p); (err == nil) != (want == 1) || told != want {
				t.Errorf("%d: told %d times, %v", status, told, err)
			}
		})
	}
}
