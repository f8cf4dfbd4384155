package watcher

import (
	"fmt"
	"testing"
	"time"

	"scenario-drop/file"
	"scenario-drop/watcher/completeness"
)

// One decision about a file, in each of the situations that most files go through.
func BenchmarkDecide(b *testing.B) {
	p := policyFor(Folder{SettleAuto: true}, false, 10*time.Second)
	now := time.Now()
	for _, c := range []struct {
		name      string
		unchanged time.Duration
		probe     *probed
		want      action
	}{
		{"just-written", 50 * time.Millisecond, nil, wait},
		{"settled", 300 * time.Millisecond, nil, probe},
		{"complete", 300 * time.Millisecond, &probed{writer: file.No, state: completeness.Complete}, ready},
		{"says-nothing", 300 * time.Millisecond, &probed{writer: file.No}, wait},
		{"cut-off", time.Minute, &probed{writer: file.No, state: completeness.Incomplete, missing: "its end is missing"}, hold},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := observation{now: now, first: now.Add(-c.unchanged), unchanged: now.Add(-c.unchanged), size: 200 << 10, probe: c.probe}
			b.ReportAllocs()
			for b.Loop() {
				if d := p.decide(s); d.action != c.want {
					b.Fatalf("action %d, want %d", d.action, c.want)
				}
			}
		})
	}
}

// A queue with so many waiting files: all are taken in, checked twice in batches as
// they fall due, and dropped.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{1_000, 16_384} {
		b.Run(fmt.Sprintf("waiting=%d", n), func(b *testing.B) {
			names := make([]string, n)
			for i := range names {
				names[i] = fmt.Sprintf("/r/%d/%d.png", i/500, i)
			}
			start := time.Now()
			batch := defaultLimits().batch
			b.ReportAllocs()
			for b.Loop() {
				q := newQueue()
				for i, name := range names {
					// In no order, as events come.
					q.add(&waiting{path: name, at: start.Add(time.Duration(i*7919%n) * time.Microsecond)})
				}
				for check := 1; check <= 2; check++ {
					now := start.Add(time.Duration(check) * time.Minute)
					for due := q.next(now, batch); len(due) > 0; due = q.next(now, batch) {
						for _, w := range due {
							if check == 1 {
								q.later(w, now.Add(time.Second))
							} else {
								q.drop(w)
							}
						}
					}
				}
				if q.active() != 0 {
					b.Fatalf("%d files are left", q.active())
				}
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "files/s")
		})
	}
}
