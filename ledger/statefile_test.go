package ledger

import (
	"os"
	"strings"
	"testing"
	"time"

	"scenario-drop/file"
)

// marked makes a ledger with damage that is found by a check of every page only, and a state
// file that says that the database is as it was closed, and was checked then.
func marked(t *testing.T) (path string, clock *testClock) {
	t.Helper()
	path, clock = worked(t, false)
	scribble(t, path, sizeOf(t, path)/2/4096*4096, noise(3*4096, 3))
	last := closedState(path, clock.now())
	if last.checkedLast == 0 {
		t.Skip("the times of files tell too little here")
	}
	must(t, writeState(path, last))
	return path, clock
}

// A ledger is not checked again within a day, as long as nobody wrote to it since
// it was closed; in any other case it is.
func TestCheckedOnceADay(t *testing.T) {
	t.Parallel()
	rewrite := func(t *testing.T, path, text string) { must(t, os.WriteFile(statePath(path), []byte(text), 0o600)) }
	for _, c := range []struct {
		name   string
		change func(t *testing.T, path string, clock *testClock)
		looks  bool
	}{
		{"at once", func(*testing.T, string, *testClock) {}, false},
		{"within a day", func(_ *testing.T, _ string, clock *testClock) { clock.advance(day - time.Minute) }, false},
		{"after a day", func(_ *testing.T, _ string, clock *testClock) { clock.advance(day) }, true},
		{"the clock was put back", func(_ *testing.T, _ string, clock *testClock) { clock.advance(-time.Minute) }, true},
		{"written to", func(t *testing.T, path string, _ *testClock) { scribble(t, path, sizeOf(t, path)-1, []byte{0}) }, true},
		{"written to, its modification time put back", func(t *testing.T, path string, _ *testClock) {
			info, err := os.Stat(path)
			must(t, err)
			scribble(t, path, sizeOf(t, path)-1, []byte{0})
			must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
		}, true},
		{"another file in its place", func(t *testing.T, path string, _ *testClock) {
			info, err := os.Stat(path)
			must(t, err)
			b, err := os.ReadFile(path)
			must(t, err)
			must(t, os.Remove(path))
			must(t, os.WriteFile(path, b, 0o600))
			must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
		}, true},
		{"left in use", func(t *testing.T, path string, _ *testClock) { rewrite(t, path, stateInUse) }, true},
		{"closed by an older version", func(t *testing.T, path string, _ *testClock) { rewrite(t, path, stateClosed) }, true},
		{"no state file", func(t *testing.T, path string, _ *testClock) { must(t, os.Remove(statePath(path))) }, true},
		{"half a state file", func(t *testing.T, path string, _ *testClock) {
			b, err := os.ReadFile(statePath(path))
			must(t, err)
			rewrite(t, path, string(b[:len(b)-3]))
		}, true},
		{"more than a state file", func(t *testing.T, path string, _ *testClock) {
			b, err := os.ReadFile(statePath(path))
			must(t, err)
			rewrite(t, path, string(b)+"\n")
		}, true},
		{"something in its journal", func(t *testing.T, path string, _ *testClock) {
			must(t, os.WriteFile(path+"-wal", []byte("x"), 0o600))
		}, true},
		{"an empty journal, as readers leave it", func(t *testing.T, path string, _ *testClock) {
			must(t, os.WriteFile(path+"-wal", nil, 0o600))
		}, false},
		{"a journal of the other kind", func(t *testing.T, path string, _ *testClock) {
			must(t, os.WriteFile(path+"-journal", []byte("x"), 0o600))
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path, clock := marked(t)
			c.change(t, path, clock)
			l, err := Open(t.Context(), path, clock.now)
			if err == nil {
				must(t, l.Close())
			}
			if (err != nil) != c.looks || err != nil && !Damaged(err) {
				t.Errorf("opening gave %v; it should be looked through: %v", err, c.looks)
			}
		})
	}
}

// What a close writes down says when the last check was, not when it was closed.
func TestCloseSaysWhenItWasChecked(t *testing.T) {
	path, clock := worked(t, false)
	first, err := readState(path)
	must(t, err)
	if !first.closed || first.checkedLast == 0 {
		t.Skip("the times of files tell too little here")
	}
	again := func(change bool) state {
		l, err := Open(t.Context(), path, clock.now)
		must(t, err)
		if now, err := readState(path); err != nil || now != (state{known: true, generation: l.generation}) {
			t.Errorf("while it is open, its state is %+v, %v", now, err)
		}
		if change {
			must(t, l.Set(t.Context(), "k", num(clock.now().Unix())))
		}
		must(t, l.Close())
		last, err := readState(path)
		must(t, err)
		info, err := os.Stat(path)
		must(t, err)
		if fp := file.FromInfo(info); last.size != fp.Size || last.modified != fp.ModTime || last.changed != fp.ChangeTime {
			t.Errorf("its state is %+v, the file is %+v", last, fp)
		}
		return last
	}
	if last := again(false); last.checkedLast != first.checkedLast || last.generation <= first.generation {
		t.Errorf("its state became %+v from %+v, though nothing was changed", last, first)
	}
	clock.advance(hour)
	if last := again(true); last.checkedLast != first.checkedLast || last.modified == first.modified {
		t.Errorf("after a change its state is %+v, before %+v", last, first)
	}
	clock.advance(day)
	if last := again(false); last.checkedLast != clock.now().UnixMilli() {
		t.Errorf("after a day its state is %+v, the time %d", last, clock.now().UnixMilli())
	}
}

// Of a state file that was not wholly written, no more is believed than was so by then.
func TestHalfAStateFile(t *testing.T) {
	path := t.TempDir() + "/ledger.db"
	long := state{known: true, closed: true, size: 4096, modified: 1.7e18 + 1, changed: 1.7e18 + 2, checkedLast: 1.7e12}
	for n := range len(long.text()) {
		torn := []byte(stateInUse)
		torn = append([]byte(long.text()[:n]), torn[min(n, len(torn)):]...)
		must(t, os.WriteFile(statePath(path), torn, 0o600))
		got, err := readState(path)
		must(t, err)
		if want := (state{known: true, closed: string(torn) == stateClosed}); got != want {
			t.Errorf("%q is read as %+v", torn, got)
		}
		padded := append([]byte(long.text()[:n]), make([]byte, len(long.text())-n)...) // its length came first
		must(t, os.WriteFile(statePath(path), padded, 0o600))
		if got, err := readState(path); err != nil || got != (state{known: true}) {
			t.Errorf("%q is read as %+v, %v", padded, got, err)
		}
	}
	for _, s := range []state{long, {known: true}, {known: true, closed: true}} {
		must(t, writeState(path, s))
		if got, err := readState(path); err != nil || got != s {
			t.Errorf("%+v is read as %+v, %v", s, got, err)
		}
	}
	if b, err := os.ReadFile(statePath(path)); err != nil || strings.Count(string(b), "\n") != 1 {
		t.Errorf("of a longer one is left %q, %v", b, err)
	}
}
