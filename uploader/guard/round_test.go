package guard

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// carry sends small parts over a made-up line, and returns what the bound was at each end of one.
// A part takes latency, more where all that are in flight together are more than the line
// carries, and twice as long on a connection that is new.
func (s *slots) carry(t *testing.T, sent *atomic.Int64, parts int, size int64, latency time.Duration, perSecond float64) (bounds []int, took time.Duration) {
	start := time.Now()
	var all sync.WaitGroup
	connections := 0
	for range parts {
		all.Go(func() {
			if err := s.acquire(t.Context(), false); err != nil {
				t.Error(err)
				return
			}
			defer s.release(false)
			began := s.begin()
			s.mu.Lock()
			d := max(latency, time.Duration(float64(s.inFlight)*float64(size)/perSecond*float64(time.Second)))
			if s.inFlight > connections {
				connections++
				d += latency
			}
			s.mu.Unlock()
			for range 20 {
				time.Sleep(d / 20)
				sent.Add(size / 20)
				s.measure()
			}
			s.end(began, size, true)
			s.mu.Lock()
			bounds = append(bounds, s.climb.limit)
			s.mu.Unlock()
		})
	}
	all.Wait()
	return bounds, time.Since(start)
}

// The connections that a drop of small files needs are found within its first seconds, on lines
// of all kinds, and are not given up again.
func TestRounds(t *testing.T) {
	for _, c := range []struct {
		name        string
		parts       int
		size        int64
		latency     time.Duration
		perSecond   float64
		least, most int     // connections at the end
		share       float64 // of what the line carries, from the start to the end
	}{
		{"100 Mbit/s, 80 ms", 600, 200 << 10, 190 * time.Millisecond, 12e6, 14, 24, 0.9},
		{"1 Gbit/s, 80 ms", 3000, 200 << 10, 190 * time.Millisecond, 120e6, 64, 64, 0.4}, // the most there are
		{"a long line with loss", 600, 200 << 10, 700 * time.Millisecond, 1e12, 64, 64, 0},
		{"10 files, 2 Mbit/s", 10, 200 << 10, 100 * time.Millisecond, 250e3, 8, 8, 0.9},
		{"100 files, 5 Mbit/s", 100, 200 << 10, 100 * time.Millisecond, 600e3, 8, 12, 0.9},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int64
				s := newSlots(0, sent.Load, time.Now)
				bounds, took := s.carry(t, &sent, c.parts, c.size, c.latency, c.perSecond)
				if last := bounds[len(bounds)-1]; last < c.least || last > c.most {
					t.Errorf("%d connections, want %d to %d; they were %v", last, c.least, c.most, bounds)
				}
				share := float64(c.parts) * float64(c.size) / took.Seconds() / c.perSecond
				t.Logf("%v, %.2f of the line", took, share)
				if share < c.share {
					t.Errorf("%.2f of the line was used", share)
				}
			})
		})
	}
}

// A round in which a part failed, or large files take part, is no measure.
func TestNoRound(t *testing.T) {
	for name, disturb := range map[string]func(s *slots, p inRound){
		"a part that failed":  func(s *slots, p inRound) { s.end(p, 1<<20, false) },
		"a large file":        func(s *slots, p inRound) { s.large++; s.end(p, 1<<20, true) },
		"nobody waits":        func(s *slots, p inRound) { s.small = nil; s.end(p, 1<<20, true) },
		"a connection unused": func(s *slots, p inRound) { s.inFlight--; s.end(p, 1<<20, true) },
		"":                    func(s *slots, p inRound) { s.end(p, 1<<20, true) },
	} {
		now := time.Unix(1e9, 0)
		s := newSlots(0, func() int64 { return 0 }, func() time.Time { return now })
		s.inFlight, s.small = firstConnections, []chan struct{}{make(chan struct{})}
		var round []inRound
		for range 2 * firstConnections {
			round = append(round, s.begin())
		}
		now = now.Add(time.Second)
		for _, p := range round[:2*firstConnections-1] {
			s.end(p, 1<<20, true)
		}
		if s.climb.limit != firstConnections {
			t.Fatalf("%s: judged before the round's end", name)
		}
		disturb(s, round[2*firstConnections-1])
		if stepped := s.climb.limit != firstConnections; stepped != (name == "") {
			t.Errorf("with %q there are %d connections", name, s.climb.limit)
		}
	}
}
