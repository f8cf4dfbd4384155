package uploader

import (
	"testing"
	"time"
)

func TestCheckAgainAfter(t *testing.T) {
	for _, c := range []struct {
		looks int
		usual time.Duration
		want  time.Duration
	}{
		{0, 0, 20 * time.Millisecond},
		{0, 150 * time.Millisecond, 150 * time.Millisecond},
		{0, 3 * time.Second, 3 * time.Second},
		{0, time.Hour, 20 * time.Second},
		{1, 0, 100 * time.Millisecond},
		{2, 0, 200 * time.Millisecond},
		{1, 3 * time.Second, 1500 * time.Millisecond},
		{3, 3 * time.Second, 6 * time.Second},
		{8, 0, 12800 * time.Millisecond},
		{9, 0, 20 * time.Second},
		{1000, time.Hour, 20 * time.Second},
	} {
		if got := checkAgainAfter(c.looks, c.usual); got != c.want {
			t.Errorf("after %d looks at imports that usually take %v: wait %v, want %v", c.looks, c.usual, got, c.want)
		}
	}
}

// TestImportsLearn follows imports that take a time each, with looks that come late.
func TestImportsLearn(t *testing.T) {
	i, now, item := newImports(), time.Unix(0, 0), int64(0)
	follow := func(n int, takes, late time.Duration) (looks float64) {
		for range n {
			item++
			begun := now
			i.begin(item, begun)
			for tries := 0; ; tries++ {
				now = now.Add(checkAgainAfter(tries, i.usual()) + late)
				looks++
				if now.Sub(begun) >= takes {
					break
				}
				i.atWork(item, now)
			}
			i.end(item, now)
		}
		return looks / float64(n)
	}
	for _, c := range []struct {
		takes, late time.Duration
	}{
		{3 * time.Second, 0},
		{3 * time.Second, 300 * time.Millisecond},
		{10 * time.Millisecond, 0},
		{10 * time.Millisecond, 500 * time.Millisecond}, // there is much to do
		{700 * time.Millisecond, 10 * time.Millisecond},
		{0, time.Second},
		{15 * time.Second, 0},
	} {
		follow(200, c.takes, c.late) // and forgets what was before
		looks := follow(100, c.takes, c.late)
		if u, least, most := i.usual(), (c.takes-c.late)*8/10, max(c.takes*13/10, 2*minCheckWait); u < least || u > most || looks > 1.5 {
			t.Errorf("imports take %v, looks come %v late: it usually takes %v (want %v to %v), and %.2f looks (want 1.5)", c.takes, c.late, u, least, most, looks)
		}
	}
	i.begin(1, now)
	i.forget(1)
	if i.followed() != 0 {
		t.Errorf("%d imports are remembered that have ended", i.followed())
	}
}
