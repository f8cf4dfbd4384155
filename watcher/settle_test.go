package watcher

import (
	"strings"
	"testing"
	"time"

	"scenario-drop/file"
	"scenario-drop/watcher/whole"
)

func TestDecide(t *testing.T) {
	now := time.Now()
	const patience = 10 * time.Second
	auto := policyFor(Folder{SettleAuto: true}, false, patience)
	remote := policyFor(Folder{SettleAuto: true}, true, patience)
	zero := policyFor(Folder{Settle: 0}, false, patience)
	long := policyFor(Folder{Settle: 8 * time.Second}, false, patience)
	closedWhole := &probed{writer: file.No, state: whole.Complete}
	closed := &probed{writer: file.No}
	wholeOnly := &probed{state: whole.Complete}
	unknown := &probed{}
	open := &probed{writer: file.Yes, state: whole.Complete}
	cut := &probed{writer: file.No, state: whole.Incomplete, detail: "the PNG's end mark is missing"}

	for _, tt := range []struct {
		name   string
		policy policy
		quiet  time.Duration // how long it has been quiet
		age    time.Duration // since it was first seen; at least quiet
		size   int64
		away   bool
		probe  *probed
		want   action
		in     time.Duration // when the next look is due, counted from now
		reason Reason
	}{
		{"just changed", auto, 0, 0, 9, false, nil, wait, 200 * time.Millisecond, Settling},
		{"almost quiet", auto, 150 * time.Millisecond, 0, 9, false, nil, wait, 50 * time.Millisecond, Settling},
		{"quiet enough to be opened", auto, 200 * time.Millisecond, 0, 9, false, nil, probe, 0, ""},
		{"closed and whole", auto, 200 * time.Millisecond, 0, 9, false, closedWhole, ready, 0, ""},
		{"closed, unknown format: waits on", auto, 200 * time.Millisecond, 0, 9, false, closed, wait, 800 * time.Millisecond, Settling},
		{"closed, unknown format: done", auto, time.Second, 0, 9, false, closed, ready, 0, ""},
		{"whole, writers unknown: waits on", auto, 600 * time.Millisecond, 0, 9, false, wholeOnly, wait, 400 * time.Millisecond, Settling},
		{"whole, writers unknown: done", auto, time.Second, 0, 9, false, wholeOnly, ready, 0, ""},
		{"nothing known: waits on", auto, time.Second, 0, 9, false, unknown, wait, time.Second, Settling},
		{"nothing known: done", auto, 2 * time.Second, 0, 9, false, unknown, ready, 0, ""},
		{"old file", auto, 1000 * time.Hour, 0, 9, false, unknown, ready, 0, ""},

		{"network: not opened early", remote, time.Second, 0, 9, false, nil, wait, time.Second, Settling},
		{"network: nothing known", remote, 4 * time.Second, 0, 9, false, unknown, wait, time.Second, Settling},
		{"network: done", remote, 5 * time.Second, 0, 9, false, unknown, ready, 0, ""},

		{"settle 0: opened at once", zero, 0, 0, 9, false, nil, probe, 0, ""},
		{"settle 0: closed", zero, 0, 0, 9, false, closed, ready, 0, ""},
		{"settle 0: nothing known", zero, 0, 0, 9, false, unknown, ready, 0, ""},
		{"settle 0: open, asked again soon", zero, 0, 0, 9, false, open, wait, 20 * time.Millisecond, StillOpen},
		{"settle 0: open, asked less often", zero, 2 * time.Second, 0, 9, false, open, wait, 500 * time.Millisecond, StillOpen},
		{"settle 8 s overrides the table", long, 7 * time.Second, 0, 9, false, nil, wait, time.Second, Settling},
		{"settle 8 s: done", long, 8 * time.Second, 0, 9, false, closedWhole, ready, 0, ""},
		{"settle 8 s: patience is longer", long, 20 * time.Second, 0, 9, false, cut, wait, time.Second, LooksCutOff},

		{"open: patience", auto, 9 * time.Second, 0, 9, false, open, wait, time.Second, StillOpen},
		{"open, written to a moment ago", auto, 9 * time.Second, time.Minute, 9, false, open, wait, time.Second, BeingWritten},
		{"open: held", auto, 10 * time.Second, 0, 9, false, open, hold, 2500 * time.Millisecond, StillOpen},
		{"open: held, looked at every 5 s", auto, time.Hour, 0, 9, false, open, hold, 5 * time.Second, StillOpen},
		{"another program has it to itself", auto, time.Minute, 0, 9, false, &probed{busy: true}, hold, 5 * time.Second, StillOpen},
		{"cut off: patience", auto, time.Second, 0, 9, false, cut, wait, 250 * time.Millisecond, LooksCutOff},
		{"cut off: held", auto, 10 * time.Second, 0, 9, false, cut, hold, 2500 * time.Millisecond, LooksCutOff},
		{"cut off long ago: held, looked at every 5 min", auto, 1000 * time.Hour, 0, 9, false, cut, hold, 5 * time.Minute, LooksCutOff},
		{"empty: patience", auto, time.Second, 0, 0, false, nil, wait, 250 * time.Millisecond, Empty},
		{"empty: held", auto, 10 * time.Second, 0, 0, false, nil, hold, 2500 * time.Millisecond, Empty},
		{"unreadable: patience", auto, time.Second, 0, 9, false, &probed{failed: true, detail: "The file may not be read."}, wait, 250 * time.Millisecond, Unreadable},
		{"unreadable: held", auto, time.Minute, 0, 9, false, &probed{failed: true, detail: "The file may not be read."}, hold, 15 * time.Second, Unreadable},
		{"placeholder: held at once, never opened", auto, 0, 0, 9, true, nil, hold, 2 * time.Second, NotOnDisk},

		{"restless for a while", auto, 0, 59 * time.Second, 9, false, nil, wait, 200 * time.Millisecond, BeingWritten},
		{"restless for long", auto, 0, time.Minute, 9, false, nil, hold, 200 * time.Millisecond, KeepsChanging},
		{"came to rest after long", auto, 200 * time.Millisecond, time.Hour, 9, false, closedWhole, ready, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.policy.decide(sight{
				now: now, quiet: now.Add(-tt.quiet), first: now.Add(-max(tt.age, tt.quiet)),
				size: tt.size, away: tt.away, probe: tt.probe,
			})
			if got.action != tt.want || got.reason != tt.reason {
				t.Fatalf("got action %d, reason %q; want %d, %q", got.action, got.reason, tt.want, tt.reason)
			}
			if (tt.want == wait || tt.want == hold) && got.at.Sub(now) != tt.in {
				t.Errorf("next look in %v, want %v", got.at.Sub(now), tt.in)
			}
			if tt.want == hold && !strings.HasSuffix(got.detail, ".") {
				t.Errorf("%q is not a sentence", got.detail)
			}
		})
	}
}

// A file that waits is never forgotten: every wait and hold names a later moment.
func TestDecideAlwaysGoesOn(t *testing.T) {
	now := time.Now()
	for _, settle := range []time.Duration{-1, 0, time.Millisecond, time.Hour} {
		for _, quiet := range []time.Duration{0, 1, time.Millisecond, time.Second, time.Minute, 100000 * time.Hour} {
			for _, away := range []bool{false, true} {
				for _, p := range []*probed{nil, {}, {writer: file.Yes}, {busy: true}, {failed: true}, {state: whole.Incomplete}, {writer: file.No}} {
					for _, size := range []int64{0, 1} {
						pol := policyFor(Folder{Settle: settle, SettleAuto: settle < 0}, false, time.Second)
						d := pol.decide(sight{now: now, quiet: now.Add(-quiet), first: now.Add(-quiet), size: size, away: away, probe: p})
						if (d.action == wait || d.action == hold) && !d.at.After(now) {
							t.Errorf("settle %v, quiet %v, away %v, size %d, %+v: next look is not later", settle, quiet, away, size, p)
						}
						if d.action == probe && p != nil {
							t.Errorf("asks for a probe it has")
						}
					}
				}
			}
		}
	}
}

func TestQuietSince(t *testing.T) {
	now := time.Now()
	at := func(ago time.Duration) int64 { return now.Add(-ago).UnixNano() }
	local := policyFor(Folder{SettleAuto: true}, false, time.Second)
	remote := policyFor(Folder{SettleAuto: true}, true, time.Second)
	for _, tt := range []struct {
		name   string
		policy policy
		fp     file.Fingerprint
		want   time.Duration
	}{
		{"old", local, file.Fingerprint{ModTime: at(time.Hour), ChangeTime: at(time.Hour)}, time.Hour},
		{"old name given to new bytes: the change time counts", local, file.Fingerprint{ModTime: at(1000 * time.Hour), ChangeTime: at(time.Millisecond)}, time.Millisecond},
		{"no change time (Windows)", local, file.Fingerprint{ModTime: at(time.Hour)}, time.Hour},
		{"in the future", local, file.Fingerprint{ModTime: at(-time.Hour), ChangeTime: at(time.Hour)}, 0},
		{"server's clock may be behind", remote, file.Fingerprint{ModTime: at(time.Minute), ChangeTime: at(time.Minute)}, 0},
		{"old on a server", remote, file.Fingerprint{ModTime: at(time.Hour), ChangeTime: at(time.Hour)}, time.Hour},
	} {
		if got := now.Sub(tt.policy.quietSince(now, tt.fp)); got != tt.want {
			t.Errorf("%s: quiet for %v, want %v", tt.name, got, tt.want)
		}
	}
}
