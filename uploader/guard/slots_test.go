package guard

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// line is a made-up line: what it carries with so many connections, in bytes a second.
type line func(connections int) float64

func TestHillClimb(t *testing.T) {
	each := func(perConnection, most float64) line {
		return func(n int) float64 { return min(float64(n)*perConnection, most) }
	}
	for _, c := range []struct {
		name        string
		line        line
		least, most int // connections after a while
	}{
		{"a long line with loss, where each connection is slow", each(300<<10, 12<<20), 32, 64},
		{"a short line that a few fill", each(2<<20, 6<<20), 8, 16},
		{"loopback, where one connection could do it all", each(1<<30, 1<<30), 8, 8},
		{"a slow line", each(1<<20, 100<<10), 8, 8},
		{"as many as can be", each(100<<10, 1<<40), 64, 64},
	} {
		k := hillClimb{limit: 8, min: 2, max: 64, factor: 2}
		for range 25 {
			k.judge(c.line(k.limit), false)
		}
		for k.from != 0 { // a step is being tried
			k.judge(c.line(k.limit), false)
		}
		if k.limit < c.least || k.limit > c.most {
			t.Errorf("%s: %d connections, want %d to %d", c.name, k.limit, c.least, c.most)
		}
	}
}

func TestHillClimbTrouble(t *testing.T) {
	k := hillClimb{limit: 32, min: 2, max: 64, factor: 2}
	for range 10 {
		k.trouble() // the parts that broke in one moment
	}
	if k.limit != 16 {
		t.Errorf("one trouble left %d of 32 connections, want 16", k.limit)
	}
	for range maxHold {
		k.judge(1<<20, false)
	}
	for range 20 {
		k.trouble()
		k.judge(1<<20, false)
		k.judge(1<<20, false)
		k.judge(1<<20, false)
	}
	if k.limit != 2 {
		t.Errorf("trouble without end left %d connections, want 2", k.limit)
	}
	fixed := hillClimb{limit: 5, min: 5, max: 5}
	fixed.trouble()
	for range 100 {
		fixed.judge(1<<10, false)
	}
	if fixed.limit != 5 {
		t.Errorf("a fixed number became %d", fixed.limit)
	}
}

// When a step did not pay and the bound comes down, the large parts that are under way
// still hold more connections than that. A small file does not wait for them.
func TestSmallPartsAfterTheBoundCameDown(t *testing.T) {
	c := newSlots(0, func() int64 { return 0 }, time.Now)
	c.climb.limit = 32
	for range 28 {
		if !c.grant(true) {
			t.Fatal("a large part got no connection")
		}
	}
	c.climb.limit = 16
	if c.grant(true) {
		t.Error("a large part got a connection beyond the bound")
	}
	for n := range reserved(16) {
		if !c.grant(false) {
			t.Errorf("%d small parts have a connection, and the next waits for large ones", n)
		}
	}
	if c.grant(false) {
		t.Error("small parts got more than their share beyond the bound")
	}
}

// As long as the parts of a step that was taken back are under way, what is carried says
// nothing of the bound, and the wait for the next step does not begin.
func TestNoMeasureWhileABoundIsExceeded(t *testing.T) {
	now, sent := time.Unix(1e9, 0), int64(0)
	c := newSlots(0, func() int64 { return sent }, func() time.Time { return now })
	c.climb.limit, c.climb.hold, c.climb.seen = 32, firstHold, settleIntervals
	c.inFlight, c.large = 56, 56
	c.big = []chan struct{}{make(chan struct{})}
	seconds := func(n int) {
		for range n {
			now, sent = now.Add(measureEvery), sent+10e6
			c.measure()
		}
	}
	seconds(20)
	if c.climb.hold != firstHold {
		t.Errorf("%d of %d intervals are left to wait", c.climb.hold, firstHold)
	}
	c.inFlight, c.large = 28, 28
	seconds(2)
	if c.climb.hold >= firstHold {
		t.Error("the wait does not go on once the bound is kept")
	}
}

// What a first second carries, before the connections have lost a packet, is more than
// they will carry later. It is no measure for the next step.
func TestHillClimbFromATransient(t *testing.T) {
	k := hillClimb{limit: 8, min: 2, max: 64, factor: 2}
	for n, before := 0, 0; n < 12; n++ {
		rate := float64(k.limit) * 300e3
		if k.limit != before {
			rate *= 3
		}
		rate = min(rate, 12.5e6) // what the line carries
		before = k.limit
		k.judge(rate, false)
	}
	if k.limit != 64 {
		t.Errorf("%d connections after 12 seconds, want 64", k.limit)
	}
}

func TestSmallPartsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		c := newSlots(4, func() int64 { return 0 }, time.Now)
		for range 3 {
			if err := c.acquire(ctx, true); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		wait := func(what string, large bool) {
			go func() {
				if c.acquire(ctx, large) == nil {
					got = append(got, what)
				}
			}()
			synctest.Wait()
		}
		wait("large 1", true) // the last connection is for small parts
		if len(got) != 0 {
			t.Fatalf("a large part took the connection kept for small ones: %v", got)
		}
		wait("small 1", false)
		wait("small 2", false)
		c.release(true)
		synctest.Wait()
		c.release(false)
		synctest.Wait()
		c.release(false)
		synctest.Wait()
		want := []string{"small 1", "small 2", "large 1"}
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("served in the order %v, want %v", got, want)
			}
		}
	})
}

func TestGiveUpWaiting(t *testing.T) {
	c := newSlots(1, func() int64 { return 0 }, time.Now)
	if err := c.acquire(context.Background(), false); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.acquire(ctx, false); err == nil {
		t.Error("a wait that was given up got a connection")
	}
	c.release(false)
	if err := c.acquire(context.Background(), true); err != nil || c.inFlight != 1 {
		t.Errorf("after it, acquire: %v with %d in flight", err, c.inFlight)
	}
}

func TestSlotsFixedWhileSomebodyWaits(t *testing.T) {
	c := newSlots(1, func() int64 { return 0 }, time.Now)
	if err := c.acquire(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() { got <- c.acquire(t.Context(), true) }()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		waiting = len(c.big)
		c.mu.Unlock()
	}
	c.fix(4) // nobody releases anything
	if err := <-got; err != nil {
		t.Fatal(err)
	}
	c.fix(1)
	c.release(true)
	c.release(true)
	if c.inFlight != 0 {
		t.Errorf("%d in flight after all were released", c.inFlight)
	}
}

// A first step that brought nothing is tried again soon for large files, whose drop goes on, and
// not within a drop of small ones.
func TestRestAfterTheFirstStep(t *testing.T) {
	for small, want := range map[bool]int{false: firstHold, true: maxHold} {
		h := hillClimb{limit: 8, min: 2, max: 64, factor: 2, quick: true}
		for h.limit == 8 {
			h.judge(1<<20, small)
		}
		for h.limit == 16 {
			h.judge(1<<20, small)
		}
		if h.limit != 8 || h.hold != want || h.quick {
			t.Errorf("small files %v: %+v, want to rest for %d intervals", small, h, want)
		}
	}
}
