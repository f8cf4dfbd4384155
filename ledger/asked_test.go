package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"scenario-drop/drop"
)

// What is asked of 100 000 files at once is answered at once, and done in batches: whoever
// else writes waits for a few transactions, never for all of it.
func TestRetryOfManyLetsOthersWrite(t *testing.T) {
	n := 100_000
	if underRace || testing.Short() {
		n = 5_000
	}
	l, _ := newLedger(t)
	fillLedger(t, l, drop.Failed, 0, n)
	before := l.write.commits.Load()
	if got, err := l.AskRetry(t.Context()); err != nil || got != n {
		t.Fatalf("asked: %d, %v; want %d", got, err, n)
	}
	if made := l.write.commits.Load() - before; made > 2 {
		t.Errorf("the answer took %d transactions", made)
	}
	var batches atomic.Int64
	done := make(chan error, 1)
	go func() { done <- l.DoAsked(t.Context(), func() { batches.Add(1) }) }()
	most, writes := int64(0), 0
	for over := false; !over; writes++ {
		before := l.write.commits.Load()
		must(t, l.Set(t.Context(), "beside", fmt.Sprint(writes)))
		most = max(most, l.write.commits.Load()-before)
		select {
		case err := <-done:
			must(t, err)
			over = true
		default:
		}
	}
	if most > 4 {
		t.Errorf("another change waited for %d transactions", most)
	}
	if batches.Load() < int64(n/rowsAtOnce) || writes < 10 {
		t.Errorf("%d batches, %d writes beside them", batches.Load(), writes)
	}
	if counts, err := l.Counts(t.Context()); err != nil || counts[drop.Queued] != n {
		t.Errorf("%v, %v", counts, err)
	}
}

// What was asked of all files outlasts the process that was asked, and is not done twice.
func TestAskedOutlastsARestart(t *testing.T) {
	clock := newClock()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), path, clock.now)
	must(t, err)
	fillLedger(t, l, drop.Failed, 0, 3*rowsAtOnce)
	must(t, errOf(l.AskRetry(t.Context())))
	ctx, cancel := context.WithCancel(t.Context())
	if err := l.DoAsked(ctx, cancel); err == nil {
		t.Fatal("it was not stopped after a batch")
	}
	counts, err := l.Counts(t.Context())
	must(t, err)
	if counts[drop.Queued] != rowsAtOnce || counts[drop.Failed] != 2*rowsAtOnce {
		t.Fatalf("stopped with %v", counts)
	}
	clock.advance(hour)
	again := found(t, l, "/r/0/0.png") // it failed again since
	force(t, l, again.ID, "state = 'failed', updated_at = ?", clock.now().UnixMilli())
	must(t, l.Close())
	l = openAt(t, path, clock)
	must(t, l.DoAsked(t.Context(), nil))
	counts, err = l.Counts(t.Context())
	must(t, err)
	if counts[drop.Failed] != 1 || counts[drop.Queued] != 3*rowsAtOnce-1 {
		t.Errorf("in the end %v", counts)
	}
	before := l.write.commits.Load()
	must(t, l.DoAsked(t.Context(), nil))
	if l.write.commits.Load() != before {
		t.Error("it was done twice")
	}
}
