package watcher

import (
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	texts "scenario-drop/status"
	"scenario-drop/watcher/completeness"
)

func TestDecide(t *testing.T) {
	now := time.Now()
	const patience = 10 * time.Second
	auto := policyFor(Folder{SettleAuto: true}, false, patience)
	remote := policyFor(Folder{SettleAuto: true}, true, patience)
	zero := policyFor(Folder{Settle: 0}, false, patience)
	long := policyFor(Folder{Settle: 8 * time.Second}, false, patience)
	closedComplete := &probed{writer: file.No, state: completeness.Complete}
	closed := &probed{writer: file.No}
	completeOnly := &probed{state: completeness.Complete}
	unknown := &probed{}
	open := &probed{writer: file.Yes}
	openComplete := &probed{writer: file.Yes, state: completeness.Complete}
	read := &probed{writer: file.No, reader: file.Yes, state: completeness.Complete}
	download := &probed{writer: file.No, state: completeness.Complete, transfer: &companion{name: "x.png.aria2", program: "aria2"}}
	running := &probed{writer: file.Yes, transfer: &companion{name: "x.png.aria2", program: "aria2"}}
	database := &probed{writer: file.No, database: &companion{name: "x.aup3-wal"}}
	pointed := &probed{writer: file.No, pointer: "It is a Git LFS pointer."}
	unavailable := policyFor(Folder{SettleAuto: true, Removed: true}, false, patience)
	cut := &probed{writer: file.No, state: completeness.Incomplete, missing: "the PNG's end mark is missing"}

	for _, tt := range []struct {
		name        string
		policy      policy
		unchanged   time.Duration // how long it has been unchanged
		age         time.Duration // since it was first seen; at least unchanged
		size        int64
		placeholder bool
		probe       *probed
		want        action
		in          time.Duration // when the next check is due, counted from now
		reason      drop.Reason
	}{
		{"just changed", auto, 0, 0, 9, false, nil, wait, 200 * time.Millisecond, drop.ReasonSettling},
		{"almost settled", auto, 150 * time.Millisecond, 0, 9, false, nil, wait, 50 * time.Millisecond, drop.ReasonSettling},
		{"unchanged long enough to be opened", auto, 200 * time.Millisecond, 0, 9, false, nil, probe, 0, ""},
		{"closed and complete", auto, 200 * time.Millisecond, 0, 9, false, closedComplete, ready, 0, ""},
		{"closed, unknown format: waits on", auto, 200 * time.Millisecond, 0, 9, false, closed, wait, 800 * time.Millisecond, drop.ReasonSettling},
		{"closed, unknown format: done", auto, time.Second, 0, 9, false, closed, ready, 0, ""},
		{"complete, writers unknown: waits on", auto, 600 * time.Millisecond, 0, 9, false, completeOnly, wait, 400 * time.Millisecond, drop.ReasonSettling},
		{"complete, writers unknown: done", auto, time.Second, 0, 9, false, completeOnly, ready, 0, ""},
		{"nothing known: waits on", auto, time.Second, 0, 9, false, unknown, wait, time.Second, drop.ReasonSettling},
		{"nothing known: done", auto, 2 * time.Second, 0, 9, false, unknown, ready, 0, ""},
		{"old file", auto, 1000 * time.Hour, 0, 9, false, unknown, ready, 0, ""},

		{"network: not opened early", remote, time.Second, 0, 9, false, nil, wait, time.Second, drop.ReasonSettling},
		{"network: nothing known", remote, 4 * time.Second, 0, 9, false, unknown, wait, time.Second, drop.ReasonSettling},
		{"network: done", remote, 5 * time.Second, 0, 9, false, unknown, ready, 0, ""},

		{"settle 0: opened at once", zero, 0, 0, 9, false, nil, probe, 0, ""},
		{"settle 0: closed", zero, 0, 0, 9, false, closed, ready, 0, ""},
		{"settle 0: nothing known", zero, 0, 0, 9, false, unknown, ready, 0, ""},
		{"settle 0: open, asked again soon", zero, 0, 0, 9, false, open, wait, 20 * time.Millisecond, drop.ReasonStillOpen},
		{"settle 0: open, asked less often", zero, 2 * time.Second, 0, 9, false, open, wait, 500 * time.Millisecond, drop.ReasonStillOpen},
		{"settle 8 s overrides the table", long, 7 * time.Second, 0, 9, false, nil, wait, time.Second, drop.ReasonSettling},
		{"settle 8 s: done", long, 8 * time.Second, 0, 9, false, closedComplete, ready, 0, ""},
		{"settle 8 s: patience is longer", long, 20 * time.Second, 0, 9, false, cut, wait, time.Second, drop.ReasonLooksCutOff},

		{"open: patience", auto, 9 * time.Second, 0, 9, false, open, wait, time.Second, drop.ReasonStillOpen},
		{"open, written to a moment ago", auto, 9 * time.Second, time.Minute, 9, false, open, wait, time.Second, drop.ReasonBeingWritten},
		{"open: held", auto, 10 * time.Second, 0, 9, false, open, hold, 2500 * time.Millisecond, drop.ReasonStillOpen},
		{"open: held, checked every 5 s", auto, time.Hour, 0, 9, false, open, hold, 5 * time.Second, drop.ReasonStillOpen},
		{"another program has it to itself", auto, time.Minute, 0, 9, false, &probed{busy: true}, hold, 5 * time.Second, drop.ReasonStillOpen},
		{"cut off: patience", auto, time.Second, 0, 9, false, cut, wait, 250 * time.Millisecond, drop.ReasonLooksCutOff},
		{"cut off: held", auto, 10 * time.Second, 0, 9, false, cut, hold, 2500 * time.Millisecond, drop.ReasonLooksCutOff},
		{"cut off long ago: held, checked every 5 min", auto, 1000 * time.Hour, 0, 9, false, cut, hold, 5 * time.Minute, drop.ReasonLooksCutOff},
		{"kept open, complete: not known before the patience", auto, 9 * time.Second, 0, 9, false, open, wait, time.Second, drop.ReasonStillOpen},
		{"kept open, complete: waits on", auto, 12 * time.Second, 0, 9, false, openComplete, wait, 3 * time.Second, drop.ReasonStillOpen},
		{"kept open, complete: waits no longer than it has to", auto, 19 * time.Second, 0, 9, false, openComplete, wait, time.Second, drop.ReasonStillOpen},
		{"kept open, complete: done", auto, 20 * time.Second, 0, 9, false, openComplete, ready, 0, ""},
		{"kept open, complete, settle 8 s: three times the patience is longer", long, 40 * time.Second, 0, 9, false, openComplete, wait, 5 * time.Second, drop.ReasonStillOpen},

		{"read by another program", auto, 300 * time.Millisecond, 0, 9, false, read, wait, 75 * time.Millisecond, drop.ReasonBeingRead},
		{"read by another program for long: a viewer", auto, 10 * time.Second, 0, 9, false, read, ready, 0, ""},
		{"read by another program, settle 0: nobody waits", zero, 0, 0, 9, false, read, ready, 0, ""},
		{"removed afterwards: not opened early", unavailable, time.Second, 0, 9, false, nil, wait, time.Second, drop.ReasonSettling},
		{"removed afterwards: done", unavailable, 2 * time.Second, 0, 9, false, closedComplete, ready, 0, ""},

		{"a download: patience", auto, time.Second, 0, 9, false, download, wait, 250 * time.Millisecond, drop.ReasonTransferUnfinished},
		{"a download: held", auto, 10 * time.Second, 0, 9, false, download, hold, 2500 * time.Millisecond, drop.ReasonTransferUnfinished},
		{"a download that goes on", auto, 9 * time.Second, time.Minute, 9, false, running, wait, time.Second, drop.ReasonBeingWritten},
		{"a download that hangs: said as what it is", auto, time.Minute, time.Hour, 9, false, running, hold, 15 * time.Second, drop.ReasonTransferUnfinished},
		{"a database in use: held", auto, 10 * time.Second, 0, 9, false, database, hold, 2500 * time.Millisecond, drop.ReasonStillOpen},
		{"a pointer: patience", auto, time.Second, 0, 9, false, pointed, wait, 250 * time.Millisecond, drop.ReasonPointer},
		{"a pointer: held", auto, 10 * time.Second, 0, 9, false, pointed, hold, 2500 * time.Millisecond, drop.ReasonPointer},

		{"empty: patience", auto, time.Second, 0, 0, false, nil, wait, 250 * time.Millisecond, drop.ReasonEmpty},
		{"empty: held", auto, 10 * time.Second, 0, 0, false, nil, hold, 2500 * time.Millisecond, drop.ReasonEmpty},
		{"unreadable: patience", auto, time.Second, 0, 9, false, &probed{failed: drop.TextMayNotRead.With()}, wait, 250 * time.Millisecond, drop.ReasonUnreadable},
		{"unreadable: held", auto, time.Minute, 0, 9, false, &probed{failed: drop.TextMayNotRead.With()}, hold, 15 * time.Second, drop.ReasonUnreadable},
		{"placeholder: held at once, never opened", auto, 0, 0, 9, true, nil, hold, 2 * time.Second, drop.ReasonNotOnDisk},

		{"changing for a while", auto, 0, 59 * time.Second, 9, false, nil, wait, 200 * time.Millisecond, drop.ReasonBeingWritten},
		{"changing for long", auto, 0, time.Minute, 9, false, nil, hold, 200 * time.Millisecond, drop.ReasonKeepsChanging},
		{"came to rest after long", auto, 200 * time.Millisecond, time.Hour, 9, false, closedComplete, ready, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.policy.decide(observation{
				now: now, unchanged: now.Add(-tt.unchanged), first: now.Add(-max(tt.age, tt.unchanged)),
				size: tt.size, placeholder: tt.placeholder, probe: tt.probe,
			})
			if got.action != tt.want || got.reason != tt.reason {
				t.Fatalf("got action %d, reason %q; want %d, %q", got.action, got.reason, tt.want, tt.reason)
			}
			if (tt.want == wait || tt.want == hold) && got.at.Sub(now) != tt.in {
				t.Errorf("next check in %v, want %v", got.at.Sub(now), tt.in)
			}
			if tt.want == hold && !strings.HasSuffix(texts.Words(got.detail), ".") {
				t.Errorf("%q is not a sentence", got.detail)
			}
		})
	}
}

// A file that waits is never forgotten: every wait and hold names a later moment.
func TestDecideAlwaysGoesOn(t *testing.T) {
	now := time.Now()
	for _, settle := range []time.Duration{-1, 0, time.Millisecond, time.Hour} {
		for _, unchanged := range []time.Duration{0, 1, time.Millisecond, time.Second, time.Minute, 100000 * time.Hour} {
			for _, placeholder := range []bool{false, true} {
				for _, p := range []*probed{nil, {}, {writer: file.Yes}, {busy: true}, {failed: drop.TextMayNotRead.With()}, {state: completeness.Incomplete}, {writer: file.No},
					{writer: file.Yes, state: completeness.Complete}, {reader: file.Yes}, {pointer: "x."}, {transfer: &companion{}}, {database: &companion{}}} {
					for _, size := range []int64{0, 1} {
						pol := policyFor(Folder{Settle: settle, SettleAuto: settle < 0}, false, time.Second)
						d := pol.decide(observation{now: now, unchanged: now.Add(-unchanged), first: now.Add(-unchanged), size: size, placeholder: placeholder, probe: p})
						if (d.action == wait || d.action == hold) && !d.at.After(now) {
							t.Errorf("settle %v, unchanged %v, placeholder %v, size %d, %+v: next check is not later", settle, unchanged, placeholder, size, p)
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

func TestUnchangedSince(t *testing.T) {
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
		if got := now.Sub(tt.policy.unchangedSince(now, tt.fp)); got != tt.want {
			t.Errorf("%s: unchanged for %v, want %v", tt.name, got, tt.want)
		}
	}
}

// The settle time grows with the size, and with how long the file took to be written.
func TestDecideGrows(t *testing.T) {
	now := time.Now()
	const patience = 10 * time.Second
	auto := policyFor(Folder{SettleAuto: true}, false, patience)
	unavailable := policyFor(Folder{SettleAuto: true, Removed: true}, false, patience)
	set := policyFor(Folder{Settle: 300 * time.Millisecond}, false, patience)
	for _, tt := range []struct {
		name   string
		policy policy
		size   int64
		wrote  time.Duration
		copied bool
		want   time.Duration // settle time until it is ready
	}{
		{"small", auto, 1 << 20, 100 * time.Millisecond, false, 200 * time.Millisecond},
		{"11 MiB", auto, 11 << 20, 0, false, 700 * time.Millisecond},
		{"61 MiB, a picture of 35 megapixels", auto, 61 << 20, 0, false, 3200 * time.Millisecond},
		{"50 GiB: bounded", auto, 50 << 30, time.Hour, false, 5200 * time.Millisecond},
		{"small, written for 8 s", auto, 9000, 8 * time.Second, false, 2200 * time.Millisecond},
		{"moved or copied here with an older time", auto, 61 << 20, 8 * time.Second, true, 200 * time.Millisecond},
		{"removed afterwards: small", unavailable, 9000, 0, false, 2 * time.Second},
		{"removed afterwards: double", unavailable, 11 << 20, 0, false, 3 * time.Second},
		{"removed afterwards: bounded", unavailable, 50 << 30, 0, false, 12 * time.Second},
		{"the config says how long", set, 50 << 30, time.Hour, false, 300 * time.Millisecond},
	} {
		s := observation{now: now, size: tt.size, wrote: tt.wrote, copied: tt.copied, probe: &probed{writer: file.No, state: completeness.Complete}}
		s.first, s.unchanged = now.Add(-tt.want+time.Millisecond), now.Add(-tt.want+time.Millisecond)
		if d := tt.policy.decide(s); d.action != wait || d.at.Sub(now) != time.Millisecond {
			t.Errorf("%s: a moment before, action %d in %v", tt.name, d.action, d.at.Sub(now))
		}
		s.first, s.unchanged = now.Add(-tt.want), now.Add(-tt.want)
		if d := tt.policy.decide(s); d.action != ready {
			t.Errorf("%s: action %d, in %v", tt.name, d.action, d.at.Sub(now))
		}
		s.read = now.Add(-50 * time.Millisecond) // a program that read it may be about to write it again
		if d := tt.policy.decide(s); d.action != wait || d.reason != drop.ReasonSettling || d.at.Sub(now) != tt.want-50*time.Millisecond {
			t.Errorf("%s, read a moment ago: action %d, in %v", tt.name, d.action, d.at.Sub(now))
		}
	}
}

// A modification time of 1970 is how rsync marks what was cut off.
func TestDecideEpoch(t *testing.T) {
	now := time.Now()
	auto := policyFor(Folder{SettleAuto: true}, false, 10*time.Second)
	for _, tt := range []struct {
		name      string
		unchanged time.Duration
		state     completeness.State
		want      action
		reason    drop.Reason
	}{
		{"cannot be told: patience", 5 * time.Second, completeness.CannotTell, wait, drop.ReasonTransferUnfinished},
		{"cannot be told: held", time.Minute, completeness.CannotTell, hold, drop.ReasonTransferUnfinished},
		{"cut off", time.Minute, completeness.Incomplete, hold, drop.ReasonLooksCutOff},
		{"complete: waits", 59 * time.Second, completeness.Complete, wait, drop.ReasonSettling},
		{"complete: done", time.Minute, completeness.Complete, ready, ""},
	} {
		d := auto.decide(observation{now: now, first: now.Add(-tt.unchanged), unchanged: now.Add(-tt.unchanged), size: 9, epoch: true, copied: true,
			probe: &probed{writer: file.No, state: tt.state}})
		if d.action != tt.want || d.reason != tt.reason {
			t.Errorf("%s: action %d, %q", tt.name, d.action, d.reason)
		}
	}
	for ns, want := range map[int64]bool{0: true, 999_999_999: true, int64(time.Second): false, -1: false, now.UnixNano(): false} {
		if epoch(file.Fingerprint{ModTime: ns}) != want {
			t.Errorf("%d ns after the beginning of 1970: %v", ns, !want)
		}
	}
}

// What is awaited says from the first moment what it is awaited for.
func TestDecideSaysWhatItSaw(t *testing.T) {
	now := time.Now()
	auto := policyFor(Folder{SettleAuto: true}, false, 10*time.Second)
	beside := &companion{name: "a.png.aria2", program: "aria2", bytes: 9}
	young := observation{now: now, first: now.Add(-5 * time.Second), unchanged: now.Add(-5 * time.Second), size: 9}
	for name, tt := range map[string]struct {
		probe *probed
		empty bool
		epoch bool
		want  drop.Detail
	}{
		"a note of a download":                 {probe: &probed{transfer: beside}, want: beside.downloading()},
		"an empty file with a download":        {empty: true, want: beside.downloading()},
		"a database in the middle of a change": {probe: &probed{database: beside}, want: drop.TextDatabaseInUse.With("beside", "a.png.aria2")},
		"cut off":                              {probe: &probed{state: completeness.Incomplete, missing: "its end is missing"}, want: drop.TextCutOff.With("what", "its end is missing")},
		"of 1970":                              {probe: &probed{state: completeness.CannotTell}, epoch: true, want: drop.TextDate1970.With()},
	} {
		s := young
		s.probe, s.epoch = tt.probe, tt.epoch
		if tt.empty {
			s.size, s.beside = 0, beside
		}
		if d := auto.decide(s); d.action != wait || d.detail != tt.want {
			t.Errorf("%s: action %d, because %q", name, d.action, d.detail)
		}
	}
}

// Changes that follow each other belong together; after a pause others begin.
func TestHowLongItWasWritten(t *testing.T) {
	start := time.Now()
	w := &waiting{unchanged: start, began: start}
	for _, after := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		w.change(start.Add(after))
	}
	if got := w.unchanged.Sub(w.began); got != 4*time.Second {
		t.Errorf("written for %v, want 4 s", got)
	}
	w.read = start
	w.change(start.Add(time.Hour))
	if w.unchanged.Sub(w.began) != 0 || !w.read.IsZero() {
		t.Errorf("an hour later: written for %v, read %v", w.unchanged.Sub(w.began), w.read)
	}
}
