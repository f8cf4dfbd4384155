package uploader

import (
	"testing"
	"time"
)

func TestLookAgainAfter(t *testing.T) {
	for _, c := range []struct {
		looks int
		usual time.Duration
		want  time.Duration
	}{
		{0, 0, 20 * time.Millisecond},
		{0, 200 * time.Millisecond, 150 * time.Millisecond},
		{0, 4 * time.Second, 3 * time.Second},
		{0, time.Hour, 20 * time.Second},
		{1, 0, 100 * time.Millisecond},
		{2, 0, 200 * time.Millisecond},
		{1, 4 * time.Second, 1500 * time.Millisecond},
		{3, 4 * time.Second, 6 * time.Second},
		{8, 0, 12800 * time.Millisecond},
		{9, 0, 20 * time.Second},
		{1000, time.Hour, 20 * time.Second},
	} {
		if got := lookAgainAfter(c.looks, c.usual); got != c.want {
			t.Errorf("after %d looks at imports that usually take %v: wait %v, want %v", c.looks, c.usual, got, c.want)
		}
	}
}

func TestImportsLearn(t *testing.T) {
	i, now := newImports(), time.Unix(0, 0)
	for n := range int64(50) {
		i.begin(n, now)
		now = now.Add(3 * time.Second)
		i.end(n, now)
	}
	if u := i.usual(); u < 2900*time.Millisecond || u > 3*time.Second {
		t.Errorf("after many imports of 3 s, the usual time is %v", u)
	}
	for n := range int64(50) {
		i.begin(n, now)
		i.end(n, now.Add(lookAgainAfter(0, i.usual()))) // seen at the first look
	}
	if u := i.usual(); u > time.Second {
		t.Errorf("imports became quick, and the usual time is still %v", u)
	}
	i.begin(1, now)
	i.forget(1)
	if len(i.since) != 0 {
		t.Errorf("%d imports are remembered that have ended", len(i.since))
	}
}
