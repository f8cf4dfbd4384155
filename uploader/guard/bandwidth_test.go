package guard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// drain reads size bytes through the bandwidth and returns how long that took.
func (b *bandwidth) drain(ctx context.Context, size int, large bool, sent *int64) time.Duration {
	start := time.Now()
	r := b.reader(ctx, bytes.NewReader(make([]byte, size)), large)
	for {
		n, err := r.Read(make([]byte, 32<<10))
		*sent += int64(n)
		if err == io.EOF {
			return time.Since(start)
		}
	}
}

func TestSmallFilesGetHalfOfTheBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		limit := newBandwidth(func(time.Time) Limit { return Limit{Rate: 1 << 20} }, func() int64 { return 0 }, time.Now)
		ended := make(chan struct{})
		for range 8 {
			go func() {
				defer func() { ended <- struct{}{} }()
				var sent int64
				limit.drain(ctx, 4<<20, true, &sent)
			}()
		}
		time.Sleep(time.Second) // the large ones are well under way
		var sent int64
		if took := limit.drain(ctx, 512<<10, false, &sent); took > 1100*time.Millisecond {
			t.Errorf("512 KiB beside eight large parts took %v at 1 MiB/s, want about 1 s", took)
		}
		for range 8 {
			<-ended
		}
	})
}

func TestShareOfTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent int64
		limit := newBandwidth(func(time.Time) Limit { return Limit{Share: 25} }, func() int64 { return sent }, time.Now)
		// The line itself carries 4 MiB/s.
		line := func(d time.Duration) float64 {
			start, before := time.Now(), sent
			for time.Since(start) < d {
				limit.drain(context.Background(), 256<<10, true, &sent)
				time.Sleep(time.Second / 16)
			}
			return float64(sent-before) / time.Since(start).Seconds()
		}
		if free := line(trialLength); free < 3.9*(1<<20) {
			t.Fatalf("while the line is being measured, %.0f bytes a second", free)
		}
		if held := line(time.Minute); held < 0.8*(1<<20) || held > 1.1*(1<<20) {
			t.Errorf("a quarter of 4 MiB/s came to %.0f bytes a second", held)
		}
	})
}

func TestBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perSecond = 1 << 20
		start := time.Now()
		limit := newBandwidth(func(now time.Time) Limit {
			if now.Sub(start) > time.Hour {
				return Limit{} // the timetable's free time
			}
			return Limit{Rate: perSecond}
		}, func() int64 { return 0 }, time.Now)
		data := bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16)
		got, err := io.ReadAll(limit.reader(t.Context(), bytes.NewReader(data), false))
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("read %d bytes, %v", len(got), err)
		}
		if took := time.Since(start); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("10 MiB at 1 MiB a second took %v", took)
		}
		time.Sleep(2 * time.Hour)
		start = time.Now().Add(-2 * time.Hour)
		free := time.Now()
		io.Copy(io.Discard, limit.reader(t.Context(), bytes.NewReader(data), false))
		if took := time.Since(free); took > time.Second {
			t.Errorf("without a limit 10 MiB took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		start = time.Now()
		cancel()
		if _, err := io.Copy(io.Discard, limit.reader(ctx, bytes.NewReader(data), false)); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that ended: %v", err)
		}
	})
}
