package watcher

import (
	"testing"
	"time"

	"scenario-drop/file"
	"scenario-drop/watcher/completeness"
)

// Where times are kept in whole seconds a file waits until another save would show.
func TestDecideWithCoarseTimes(t *testing.T) {
	now := time.Now()
	local := policyFor(Folder{SettleAuto: true}, false, time.Minute)
	zero := policyFor(Folder{Settle: 0}, false, time.Minute)
	remote := policyFor(Folder{SettleAuto: true}, true, time.Minute)
	best := &probed{writer: file.No, state: completeness.Complete}
	for _, tt := range []struct {
		name      string
		policy    policy
		unchanged time.Duration
		want      action
		in        time.Duration
	}{
		{"closed and complete: waits on", local, 500 * time.Millisecond, wait, 1500 * time.Millisecond},
		{"closed and complete: done", local, 2 * time.Second, ready, 0},
		{"settle 0 waits too", zero, time.Second, wait, time.Second},
		{"settle 0: done", zero, 2 * time.Second, ready, 0},
		{"network waits as long anyhow", remote, 2 * time.Second, ready, 0},
	} {
		got := tt.policy.decide(observation{now: now, unchanged: now.Add(-tt.unchanged), first: now.Add(-tt.unchanged), size: 9, coarse: true, probe: best})
		if got.action != tt.want || tt.want == wait && got.at.Sub(now) != tt.in {
			t.Errorf("%s: action %d in %v", tt.name, got.action, got.at.Sub(now))
		}
	}
}

func TestCoarseTimes(t *testing.T) {
	const complete, fine = int64(1_700_000_002_000_000_000), int64(1_700_000_002_000_000_001)
	for _, tt := range []struct {
		fp   file.Fingerprint
		want bool
	}{
		{file.Fingerprint{ModTime: complete, ChangeTime: complete}, true},
		{file.Fingerprint{ModTime: complete}, true}, // Windows tells no change time
		{file.Fingerprint{ModTime: complete, ChangeTime: fine}, false},
		{file.Fingerprint{ModTime: fine, ChangeTime: complete}, false},
		{file.Fingerprint{ModTime: fine}, false},
	} {
		if got := tt.fp.WholeSeconds(); got != tt.want {
			t.Errorf("%+v: %v", tt.fp, got)
		}
	}
}
