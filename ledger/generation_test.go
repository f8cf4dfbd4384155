package ledger

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
)

// old keeps copies of a ledger's files, to be put back later.
func keepFiles(t *testing.T, path string, names ...string) (putBack func()) {
	t.Helper()
	kept := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(path + name)
		must(t, err)
		kept[path+name] = b
	}
	return func() {
		t.Helper()
		for name, b := range kept {
			must(t, os.WriteFile(name, b, 0o600))
		}
	}
}

// A ledger that is put in the place of a newer one is known for it by the state file,
// whenever the copy was made; one that was only closed, killed or restarted is not.
func TestOlderLedgerPutBack(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		// makes a copy, and goes on to work
		work  func(t *testing.T, path string, open func() *Ledger) (putBack func())
		older bool
	}{
		"nothing put back": {func(t *testing.T, path string, open func() *Ledger) func() { return func() {} }, false},
		"a copy of the closed ledger": {func(t *testing.T, path string, open func() *Ledger) func() {
			putBack := keepFiles(t, path, "")
			l := open()
			must(t, l.Set(t.Context(), "k", "v"))
			must(t, l.Close())
			return putBack
		}, true},
		"a copy of the closed ledger, and nothing was done since": {func(t *testing.T, path string, open func() *Ledger) func() {
			return keepFiles(t, path, "")
		}, false},
		"a copy of the closed ledger, and nothing was written since": {func(t *testing.T, path string, open func() *Ledger) func() {
			putBack := keepFiles(t, path, "")
			must(t, open().Close())
			return putBack
		}, true},
		"a backup of the same run": {func(t *testing.T, path string, open func() *Ledger) func() {
			l := open()
			must(t, l.Set(t.Context(), "k", "v"))
			made, err := l.Backup(t.Context())
			if err != nil || !made {
				t.Fatal(made, err)
			}
			all, err := backups(path)
			must(t, err)
			b, err := os.ReadFile(all[len(all)-1].path)
			must(t, err)
			must(t, l.closeFiles()) // killed
			return func() { must(t, os.WriteFile(path, b, 0o600)) }
		}, true},
		"all of the data directory": {func(t *testing.T, path string, open func() *Ledger) func() {
			putBack := keepFiles(t, path, "", "-state")
			l := open()
			must(t, l.Set(t.Context(), "k", "v"))
			must(t, l.Close())
			return putBack
		}, false}, // nothing tells; see TestGap
		"killed": {func(t *testing.T, path string, open func() *Ledger) func() {
			must(t, open().closeFiles())
			must(t, open().closeFiles())
			return func() {}
		}, false},
		"killed before the state file was written": {func(t *testing.T, path string, open func() *Ledger) func() {
			putBack := keepFiles(t, path, "-state")
			must(t, open().closeFiles())
			return putBack
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, now := filepath.Join(t.TempDir(), "ledger.db"), start
			open := func() *Ledger {
				t.Helper()
				now = now.Add(time.Hour)
				l, err := Open(t.Context(), path, func() time.Time { return now })
				must(t, err)
				return l
			}
			l := open()
			if l.Older() {
				t.Error("a new ledger is older than another")
			}
			must(t, l.Close())
			c.work(t, path, open)()
			for _, again := range []bool{false, true} {
				l = open()
				d, err := l.Unreconciled(t.Context())
				must(t, err)
				if l.Older() != (c.older && !again) || d.Lost != c.older {
					t.Errorf("older: %v, its doubt %+v, again: %v", l.Older(), d, again)
				}
				if c.older && !again && !d.Before.Equal(now) {
					t.Errorf("its doubt %+v, at %v", d, now)
				}
				must(t, l.Close())
			}
		})
	}
}

// Each start leaves a gap since the ledger was last up to date, which ends when no file from
// before it is on its way; until then a restart does not make it shorter.
func TestGap(t *testing.T) {
	t.Parallel()
	path, now := filepath.Join(t.TempDir(), "ledger.db"), time.Date(2030, 1, 2, 3, 0, 0, 0, time.UTC)
	open := func(after time.Duration) *Ledger {
		t.Helper()
		now = now.Add(after)
		l, err := Open(t.Context(), path, func() time.Time { return now })
		must(t, err)
		return l
	}
	gapOf := func(l *Ledger) (since, until time.Duration, open bool) {
		t.Helper()
		all, err := l.UnreconciledList(t.Context())
		must(t, err)
		if len(all) < 2 {
			return 0, 0, false
		}
		return now.Sub(all[1].Since), now.Sub(all[1].Before), true
	}
	l := open(0)
	if _, _, open := gapOf(l); open {
		t.Error("a new ledger has a gap")
	}
	must(t, l.Close())
	l = open(10 * time.Hour) // off for the night
	if since, until, open := gapOf(l); !open || since != 10*time.Hour || until != 0 {
		t.Errorf("%v, %v, %v", since, until, open)
	}
	waits := observation("a", 1)
	waits.Fingerprint.ChangeTime = now.Add(-time.Hour).UnixNano()
	admit(t, l, waits)
	if settled, err := l.Settle(t.Context()); err != nil || settled {
		t.Errorf("settled: %v, %v", settled, err)
	}
	must(t, l.closeFiles()) // killed
	l = open(time.Hour)
	if since, until, open := gapOf(l); !open || since != 11*time.Hour || until != 0 {
		t.Errorf("after a kill: %v, %v, %v", since, until, open)
	}
	it, err := l.Find(t.Context(), waits.Path)
	must(t, err)
	must(t, l.End(t.Context(), it, "", drop.Ignored, drop.Why{Reason: "x", Detail: "x"}))
	for range 2 {
		if settled, err := l.Settle(t.Context()); err != nil || !settled {
			t.Errorf("settled: %v, %v", settled, err)
		}
	}
	if _, _, open := gapOf(l); open {
		t.Error("the gap is open, though it is settled")
	}
	now = now.Add(time.Hour)
	must(t, l.Close())
	l = open(time.Minute)
	defer l.Close()
	if since, _, open := gapOf(l); !open || since != time.Minute {
		t.Errorf("after a good end: %v, %v", since, open)
	}
}
