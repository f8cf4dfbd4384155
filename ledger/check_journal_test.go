package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

const windowsModes = runtime.GOOS == "windows"

// killed returns the path of a ledger as a process that was killed leaves it, with a
// journal of several transactions, the last one of many pages.
func killed(t *testing.T) (path string, clock *testClock) {
	t.Helper()
	at, clock := worked(t, false) // has something in its database too
	l := openAt(t, at, clock)
	for n := range 10 {
		must(t, l.Set(t.Context(), num(int64(n)), string(bytes.Repeat([]byte{'v'}, 5000))))
	}
	admitMany(t, l, "many", 300)
	path = filepath.Join(t.TempDir(), "ledger.db")
	copyLedger(t, l.Path(), path, -1)
	must(t, os.WriteFile(statePath(path), []byte(stateInUse), 0o600))
	return path, clock
}

// A journal that was scribbled over has lost commits that were durable; one that was torn
// by a power cut has lost only what nobody was told is done.
func TestScribbledJournal(t *testing.T) {
	frame := int64(frameHeader + 4096)
	lastCommits := func(b []byte) (last, before int64) { // the offsets of the last two commits
		for at := int64(journalHeader); at+frame <= int64(len(b)); at += frame {
			if binary.BigEndian.Uint32(b[at+4:]) != 0 {
				last, before = at, last
			}
		}
		return last, before
	}
	for name, c := range map[string]struct {
		change func(b []byte) []byte
		broken bool
	}{
		"untouched":           {func(b []byte) []byte { return b }, false},
		"header":              {func(b []byte) []byte { copy(b, noise(32, 1)); return b }, true},
		"header zeroed":       {func(b []byte) []byte { clear(b[:32]); return b }, true},
		"first frame":         {func(b []byte) []byte { copy(b[journalHeader+frameHeader+7:], noise(900, 2)); return b }, true},
		"header of a frame":   {func(b []byte) []byte { copy(b[journalHeader+2*frame:], noise(frameHeader, 3)); return b }, true},
		"middle":              {func(b []byte) []byte { copy(b[len(b)/4:], noise(20_000, 4)); return b }, true},
		"middle zeroed":       {func(b []byte) []byte { clear(b[len(b)/4 : len(b)/4+10_000]); return b }, true},
		"cut in a frame":      {func(b []byte) []byte { return b[:len(b)/2+77] }, false},
		"cut in the header":   {func(b []byte) []byte { return b[:20] }, false},
		"last commit torn":    {func(b []byte) []byte { clear(b[len(b)-3000:]); return b }, false},
		"torn in its middle":  {func(b []byte) []byte { _, at := lastCommits(b); clear(b[at+frame : at+3*frame]); return b }, false},
		"the commit before":   {func(b []byte) []byte { _, at := lastCommits(b); clear(b[at+frameHeader : at+frame]); return b }, true},
		"rest of an old one":  {func(b []byte) []byte { return append(b, noise(int(10*frame), 5)...) }, false},
		"nothing but a frame": {func(b []byte) []byte { return b[:journalHeader+frame] }, false},
	} {
		t.Run(name, func(t *testing.T) {
			path, clock := killed(t)
			wal, err := os.ReadFile(path + "-wal")
			must(t, err)
			must(t, os.WriteFile(path+"-wal", c.change(wal), 0o600))
			l, err := Open(t.Context(), path, clock.now)
			if Damaged(err) != c.broken || !c.broken && err != nil {
				t.Fatalf("damaged: %v, want %v: %v", Damaged(err), c.broken, err)
			}
			if err == nil {
				checkIntegrity(t, l)
				must(t, l.Close())
			}
		})
	}
}

// The journal stays small while some read all the time, so that SQLite never finds a
// moment without readers by itself.
func TestJournalIsBoundedBesideReaders(t *testing.T) {
	l, _ := newLedger(t)
	admitMany(t, l, "many", 500)
	ctx := t.Context()
	var stop atomic.Bool
	ended := make(chan error, 2)
	for range 2 {
		go func() { // one begins before the other ends
			next := func() (func() error, error) {
				rows, err := l.read.QueryContext(ctx, "SELECT id FROM items")
				if err == nil {
					rows.Next()
				}
				return func() error { return errors.Join(rows.Err(), rows.Close()) }, err
			}
			end, err := next()
			for err == nil && !stop.Load() {
				time.Sleep(60 * time.Millisecond) // longer than it is from one change to the next
				var then func() error
				if then, err = next(); err == nil {
					err, end = end(), then
				}
			}
			if end != nil {
				err = errors.Join(err, end())
			}
			ended <- err
		}()
	}
	largest, written := int64(0), int64(0)
	for n := range int64(150) {
		value := string(bytes.Repeat([]byte{byte('a' + n%26)}, 500_000)) // SQLite writes only what differs
		must(t, l.Set(ctx, "k", value))
		written += int64(len(value))
		largest = max(largest, sizeOf(t, l.Path()+"-wal"))
	}
	stop.Store(true)
	for range 2 {
		must(t, <-ended)
	}
	t.Logf("the journal had up to %d MiB while %d MiB were written", largest>>20, written>>20)
	if most := int64(maxJournal + maxJournal/2); largest > most {
		t.Errorf("the journal had %d bytes, want at most %d, while %d were written", largest, most, written)
	}
	// And it becomes small again.
	for n := range 5 {
		must(t, l.Set(ctx, "k", num(int64(n))))
	}
	if size := sizeOf(t, l.Path()+"-wal"); size > minJournal+1<<20 {
		t.Errorf("with nobody reading, it keeps %d bytes", size)
	}
}

// A ledger of which only the journal is bad never passes for a sound one in the middle of
// its recovery: the database alone would, and knows less.
func TestCrashInTheMiddleOfARecoveryFromABadJournal(t *testing.T) {
	t.Parallel()
	steps := len(newRestoring("x", time.Now).steps())
	for done := range steps {
		t.Run(num(int64(done)), func(t *testing.T) {
			t.Parallel()
			path, clock := killed(t)
			scribble(t, path+"-wal", sizeOf(t, path+"-wal")/4, noise(20_000, 4))
			for _, step := range newRestoring(path, clock.now).steps()[:done] {
				must(t, step(t.Context()))
			}
			if l, err := Open(t.Context(), path, clock.now); !Damaged(err) {
				t.Errorf("after %d steps: %v", done, err)
				must(t, l.Close())
			}
		})
	}
}
