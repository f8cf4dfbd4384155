package ledger

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
)

// A full disk stops the writing and loses nothing; room makes it go on by itself.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=700"); err != nil {
		t.Skipf("a small disk of its own needs root: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, 0)) })
	ballast := filepath.Join(dir, "ballast")
	must(t, os.WriteFile(ballast, bytes.Repeat([]byte{1}, 1<<20), 0o600))
	clock := newClock()
	l := openAt(t, filepath.Join(dir, "ledger.db"), clock)

	fill := func() (batches int, err error) {
		for ; batches < 10_000; batches++ {
			var s []Observation
			for n := range 20 {
				name := fmt.Sprintf("%d-%d-%d", clock.ms.Load(), batches, n)
				s = append(s, observation(name, int64(n)))
			}
			if _, err := l.Admit(t.Context(), s); err != nil {
				return batches, err
			}
		}
		return batches, nil
	}
	check := func(want int) {
		t.Helper()
		counts, err := l.Counts(t.Context())
		must(t, err)
		if counts[drop.Queued] != want {
			t.Errorf("%d items, want the %d that were admitted", counts[drop.Queued], want)
		}
		checkIntegrity(t, l)
	}
	first, err := fill()
	if !Unwritable(err) {
		t.Fatalf("after %d batches: %v, want an error that is Unwritable", first, err)
	}
	check(first * 20)
	if err := l.Set(t.Context(), "k", string(bytes.Repeat([]byte("v"), 1<<16))); !Unwritable(err) {
		t.Errorf("still full: %v", err)
	}
	// Nothing that is lost of a group is told to be done.
	good := 0
	for _, err := range grouped(t, l.write, set("a"), setLarge("b"), set("c")) {
		if err == nil {
			good++
		} else if !Unwritable(err) {
			t.Errorf("in a group: %v", err)
		}
	}
	if have := len(keys(t, l)); (good == 0) != (have == 0) {
		t.Errorf("%d changes are said to be done, and there is %q", good, keys(t, l))
	}
	check(first * 20)

	must(t, os.Remove(ballast))
	clock.advance(hour)
	must(t, l.Set(t.Context(), "k", "room"))
	second, err := fill()
	if second == 0 || !Unwritable(err) {
		t.Errorf("with room again: %d batches, then %v", second, err)
	}
	check((first + second) * 20)
}

func setLarge(key string) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO meta (key, value) VALUES (?, hex(zeroblob(1000000)))", key)
		return err
	}
}
