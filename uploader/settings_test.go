package uploader

import (
	"math"
	"testing"
	"time"
)

func TestLaneFor(t *testing.T) {
	for _, test := range []struct {
		filesAtOnce  int
		small, large lane
	}{
		{1, lane{0, math.MaxInt64, true, 1}, lane{min: smallFile + 1, max: math.MaxInt64}},
		{2, lane{0, smallFile, true, 1}, lane{smallFile + 1, math.MaxInt64, false, 1}},
		{64, lane{0, smallFile, true, 56}, lane{smallFile + 1, math.MaxInt64, false, 8}},
	} {
		if got := laneFor(test.filesAtOnce, false); got != test.small {
			t.Errorf("%d files at once: small %+v, want %+v", test.filesAtOnce, got, test.small)
		}
		if got := laneFor(test.filesAtOnce, true); got != test.large {
			t.Errorf("%d files at once: large %+v, want %+v", test.filesAtOnce, got, test.large)
		}
	}
}

func TestConnectionsFixedWhileSomebodyWaits(t *testing.T) {
	c := newConnections(1, func() int64 { return 0 }, time.Now)
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
