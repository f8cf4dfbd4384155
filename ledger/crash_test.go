package ledger

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
)

// way takes a file all the way, change by change, and calls after with each done.
func way(t *testing.T, l *Ledger, clock *testClock, after func(what string)) {
	t.Helper()
	ctx := t.Context()
	admit(t, l, observation("a.png", 1), observation("copy of a.png", 2))
	after("admit")
	items := claimAll(t, l, "w")
	it, copied := items[0], items[1]
	after("claim")
	_, _, err := l.Announce(ctx, it, "w", contentOf(1))
	must(t, err)
	after("announce")
	must(t, l.WaitFor(ctx, copied, "w", it.ID, clock.now().Add(hour)))
	after("wait")
	u, err := l.UploadCreated(ctx, it, "w", Upload{Remote: "u", PartSize: 600, Parts: 2})
	must(t, err)
	it.State, it.Upload = drop.Uploading, u
	after("upload created")
	for n := 1; n <= 2; n++ {
		sendParts(t, l, it, "w", n)
		after("part sent")
	}
	claimContent(t, l, it, "w", contentOf(1))
	after("content claimed")
	must(t, l.Completing(ctx, it, "w"))
	it.State = drop.Completing
	after("completing")
	must(t, l.Importing(ctx, it, "w", clock.now()))
	it.State = drop.Importing
	after("importing")
	must(t, l.CheckAgain(ctx, it, clock.now(), drop.Why{Reason: "slow", Detail: "It takes long."}))
	after("looked")
	must(t, l.AssetMade(ctx, it, "", "asset"))
	after("asset made")
	_, err = l.WantMembership(ctx, contentOf(1).Scope, "asset", []string{"c1", "c2"})
	must(t, err)
	after("membership wanted")
	must(t, l.Joined(ctx, contentOf(1).Scope, "asset", "c1"))
	after("joined")
	for _, it := range claimAll(t, l, "w") {
		after("claim")
		if it.State == drop.Preparing {
			claimContent(t, l, it, "w", contentOf(1))
			after("content claimed")
			must(t, l.Duplicate(ctx, it, "w", "asset"))
			it.State = drop.Linking
			after("duplicate")
		}
		must(t, l.CleaningUp(ctx, it, "w"))
		it.State = drop.CleaningUp
		after("cleaning_up")
		must(t, l.Done(ctx, it, "w", drop.Why{}))
		after("done")
	}
	must(t, l.RememberCollections(ctx, contentOf(1).Scope, map[string]string{"C": "c1"}))
	after("collection remembered")
}

// copyLedger takes the files as a crash would leave them, the journal's first wal bytes
// only (-1: all of it).
func copyLedger(t *testing.T, from, to string, wal int64) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		b, err := os.ReadFile(from + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		must(t, err)
		if suffix == "-wal" && wal >= 0 {
			b = b[:wal]
		}
		must(t, os.WriteFile(to+suffix, b, 0o600))
	}
}

func checkIntegrity(t *testing.T, l *Ledger) {
	t.Helper()
	for _, pragma := range []string{"integrity_check", "foreign_key_check"} {
		want := map[string]string{"integrity_check": " integrity_check=ok\n"}[pragma]
		if got := rowsOf(t, l.read, "PRAGMA "+pragma); got != want {
			t.Errorf("%s: %s", pragma, got)
		}
	}
}

// What was committed is there after a crash at any step, without a byte more or less.
func TestCrashAfterEachStep(t *testing.T) {
	l, clock := newLedger(t)
	steps := 0
	way(t, l, clock, func(what string) {
		steps++
		want := dump(t, l.read)
		at := filepath.Join(t.TempDir(), "ledger.db")
		copyLedger(t, l.Path(), at, -1)
		after, err := Open(t.Context(), at, clock.now)
		if err != nil {
			t.Fatalf("step %d, %s: %v", steps, what, err)
		}
		defer after.Close()
		checkIntegrity(t, after)
		if got := dump(t, after.read); got != want {
			t.Errorf("step %d, %s: after the crash\n%s\nwant\n%s", steps, what, got, want)
		}
	})
	if steps < 20 {
		t.Errorf("only %d steps", steps)
	}
}

// A journal that was cut anywhere, in the middle of a write too, gives the state after
// some change, never a part of one.
func TestCrashInTheMiddleOfAWrite(t *testing.T) {
	l, clock := newLedger(t)
	size := func() int64 {
		info, err := os.Stat(l.Path() + "-wal")
		must(t, err)
		return info.Size()
	}
	type point struct {
		wal  int64
		dump string
	}
	points := []point{{size(), dump(t, l.read)}}
	way(t, l, clock, func(string) { points = append(points, point{size(), dump(t, l.read)}) })
	rng := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		cut := rng.Int64N(size() + 1)
		at := filepath.Join(t.TempDir(), "ledger.db")
		copyLedger(t, l.Path(), at, cut)
		must(t, os.Remove(at+"-shm")) // a power cut leaves none that fits
		after, err := Open(t.Context(), at, clock.now)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		checkIntegrity(t, after)
		want := points[0].dump // the first changes make the tables
		for _, p := range points {
			if p.wal <= cut {
				want = p.dump
			}
		}
		if got := dump(t, after.read); got != want {
			t.Errorf("cut at %d of %d:\n%s\nwant\n%s", cut, size(), got, want)
		}
		must(t, after.Close())
	}
}

// A process that is killed has lost nothing of what it was told is done.
func TestKilled(t *testing.T) {
	const child = "SCENARIO_DROP_TEST_LEDGER"
	if path := os.Getenv(child); path != "" {
		writeUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), child+"="+path)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	var done []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "done "); ok {
			if done = append(done, name); len(done) == 150 {
				must(t, cmd.Process.Kill())
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if len(done) < 150 {
		t.Fatalf("the process ended by itself after %d changes", len(done))
	}
	l := openAt(t, path, newClock())
	checkIntegrity(t, l)
	for _, name := range done {
		if it, err := l.Find(t.Context(), inRoot(name)); err != nil || it.State != drop.Queued {
			t.Errorf("%s was done: %+v, %v", name, it, err)
		}
	}
}

func writeUntilKilled(t *testing.T, path string) {
	l, err := Open(t.Context(), path, nil)
	must(t, err)
	var writing sync.WaitGroup
	var line sync.Mutex
	for w := range 4 {
		writing.Go(func() {
			for n := range 100_000 {
				name := fmt.Sprintf("%d-%d", w, n)
				if _, err := l.Admit(t.Context(), []Observation{observation(name, int64(n))}); err != nil {
					t.Error(err)
					return
				}
				line.Lock()
				fmt.Println("done " + name)
				line.Unlock()
			}
		})
	}
	writing.Wait()
}

// The write of a migration that fails leaves the version before it.
func TestMigrationThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.Exec("CREATE TABLE uploads (x)") // in the way of the first migration
	must(t, err)
	must(t, db.Close())
	for range 2 {
		if _, err := Open(t.Context(), path, time.Now); err == nil || !strings.Contains(err.Error(), "0001_ledger.sql") {
			t.Errorf("error %v, want one that names the migration", err)
		}
	}
	if _, err := OpenReadOnly(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half of it is there: %v", err)
	}
}
