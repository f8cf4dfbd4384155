package events

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scenario-drop/drop"
)

func publish(h *Hub, from, to int) {
	for n := from; n <= to; n++ {
		h.Publish(drop.ItemsChanged{Count: n})
	}
}

func counts(all []drop.Event) (counts []int) {
	for _, e := range all {
		counts = append(counts, e.Data.(drop.ItemsChanged).Count)
	}
	return counts
}

func TestSince(t *testing.T) {
	start := time.UnixMicro(1_000_000)
	h := New(4, func() time.Time { return start })
	begin := h.Last()
	publish(h, 1, 3)
	for _, c := range []struct {
		name string
		from int64
		want []int
		lost bool
	}{
		{"the beginning", begin, []int{1, 2, 3}, false},
		{"the middle", begin + 2, []int{3}, false},
		{"the end", begin + 3, nil, false},
		{"another run, before", begin - 1, []int{1, 2, 3}, true},
		{"nothing", 0, []int{1, 2, 3}, true},
		{"another run, whose clock was ahead", begin + 4, []int{1, 2, 3}, true},
	} {
		got, next, lost := h.Since(c.from)
		if !slices.Equal(counts(got), c.want) || lost != c.lost || next != begin+3 {
			t.Errorf("%s: %v, next %d, lost %v; want %v, %d, %v", c.name, counts(got), next, lost, c.want, begin+3, c.lost)
		}
	}

	publish(h, 4, 6) // the ring keeps four
	if got, next, lost := h.Since(begin + 1); !slices.Equal(counts(got), []int{3, 4, 5, 6}) || !lost || next != begin+6 {
		t.Errorf("the ring moved on: %v, next %d, lost %v", counts(got), next, lost)
	}
	if got, _, lost := h.Since(begin + 2); !slices.Equal(counts(got), []int{3, 4, 5, 6}) || lost {
		t.Errorf("just kept: %v, lost %v", counts(got), lost)
	}
	for i, e := range h.ring {
		if e.ID%4 != int64(i) {
			t.Errorf("event %d is at %d", e.ID, i)
		}
	}
}

// A reader with a number of the run before sees that there was a restart, however many events
// that run had; also if the clock was put back between the two.
func TestNumbersGoOnOverARestart(t *testing.T) {
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	before := New(16, func() time.Time { return at })
	publish(before, 1, 1000)
	for _, later := range []time.Duration{time.Millisecond * 2, time.Hour, -time.Hour} {
		after := New(16, func() time.Time { return at.Add(later) })
		publish(after, 1, 3)
		if got, _, lost := after.Since(before.Last()); !lost || len(got) != 3 {
			t.Errorf("restarted %v later: lost %v, %v", later, lost, counts(got))
		}
	}
	if id := New(1, nil).Last(); id >= 1<<53 {
		t.Errorf("%d is not exact in JavaScript", id)
	}
}

// Wait ends with an event, at once if there is one, and with its context.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(4, nil)
		id := h.Last()
		ctx, cancel := context.WithCancel(t.Context())
		var ended [3]error
		var waiting sync.WaitGroup
		for i := range ended {
			waiting.Go(func() { ended[i] = h.Wait(ctx, id) })
		}
		synctest.Wait()
		h.Publish(drop.ItemsChanged{Count: 1})
		waiting.Wait()
		for _, err := range ended {
			if err != nil {
				t.Error(err)
			}
		}
		if err := h.Wait(ctx, id); err != nil {
			t.Errorf("there was an event already: %v", err)
		}
		if err := h.Wait(ctx, id-1); err != nil {
			t.Errorf("events are lost: %v", err)
		}
		waiting.Go(func() { ended[0] = h.Wait(ctx, h.Last()) })
		synctest.Wait()
		cancel()
		waiting.Wait()
		if !errors.Is(ended[0], context.Canceled) {
			t.Errorf("its context ended: %v", ended[0])
		}
	})
}

// Many publish while readers of every speed read: each reader sees the events in order, each
// once, and none missing unless it is told so; a reader that never reads holds nobody up.
func TestManyAtOnce(t *testing.T) {
	const publishers, each = 8, 500
	h := New(64, nil)
	begin := h.Last()
	leave := h.Join() // and never reads
	defer leave()
	var publishing, reading sync.WaitGroup
	for range publishers {
		publishing.Go(func() { publish(h, 1, each) })
	}
	for range 4 {
		reading.Go(func() {
			for id := begin; id < begin+publishers*each; {
				if err := h.Wait(t.Context(), id); err != nil {
					t.Error(err)
					return
				}
				got, next, lost := h.Since(id)
				if lost {
					id = next - int64(len(got))
				}
				for _, e := range got {
					if id++; e.ID != id {
						t.Errorf("event %d follows %d", e.ID, id-1)
						return
					}
				}
				if id != next {
					t.Errorf("read up to %d, told %d", id, next)
					return
				}
			}
		})
	}
	publishing.Wait()
	reading.Wait()
	if h.Last() != begin+publishers*each {
		t.Errorf("%d events, want %d", h.Last()-begin, publishers*each)
	}
}

func TestAwaitReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(4, nil)
		awaits := func() bool { // whether it is still waited for
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return h.AwaitReader(ctx) != nil
		}
		if !awaits() {
			t.Error("nobody reads")
		}
		first, second := h.Join(), h.Join()
		first()
		if awaits() {
			t.Error("one reads still")
		}
		second()
		if !awaits() {
			t.Error("nobody reads any more")
		}
		h.Join()
		if awaits() {
			t.Error("somebody reads again")
		}
	})
}

func TestNoHub(t *testing.T) {
	var h *Hub
	h.Publish(drop.ItemsChanged{Count: 1})
}

func BenchmarkPublish(b *testing.B) {
	h := New(Kept, nil)
	b.ReportAllocs()
	for b.Loop() {
		h.Publish(drop.ItemMoved{Item: 1, Path: "/watch/a.png", To: "queued"})
	}
}
