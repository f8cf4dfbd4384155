package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
)

// grouped runs changes so that they share one transaction, and returns their errors.
func grouped(t *testing.T, w *writer, changes ...func(*sql.Tx) error) []error {
	t.Helper()
	w.lead <- struct{}{} // somebody is committing
	errs := make([]error, len(changes))
	var waiting sync.WaitGroup
	for i, c := range changes {
		waiting.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("panicked: %v", r)
				}
			}()
			errs[i] = w.do(context.Background(), c)
		})
	}
	waitPending(t, w, len(changes))
	<-w.lead
	waiting.Wait()
	return errs
}

func waitPending(t *testing.T, w *writer, n int) {
	t.Helper()
	for range 10_000 {
		w.mu.Lock()
		have := len(w.pending)
		w.mu.Unlock()
		if have == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d changes never came to wait", n)
}

func set(key string) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO meta (key, value) VALUES (?, 'x')", key)
		return err
	}
}

func keys(t *testing.T, l *Ledger) string {
	t.Helper()
	return strings.Join(strings.Fields(strings.ReplaceAll(rowsOf(t, l.read, "SELECT key AS k FROM meta WHERE key <> '"+unreconciledKey+"' AND NOT "+opening+" ORDER BY key"), "k=", "")), " ")
}

// One change of a group that fails, in whatever way, leaves its neighbours alone.
func TestGroupWithAFailure(t *testing.T) {
	mine := errors.New("mine")
	for name, bad := range map[string]func(*sql.Tx) error{
		"an error": func(tx *sql.Tx) error {
			if err := set("bad")(tx); err != nil {
				return err
			}
			return mine
		},
		"an error with rows open": func(tx *sql.Tx) error {
			if err := set("bad")(tx); err != nil {
				return err
			}
			rows, err := tx.Query("SELECT key FROM meta")
			if err != nil {
				return err
			}
			defer rows.Close()
			rows.Next()
			return mine
		},
		"a constraint": func(tx *sql.Tx) error {
			if err := set("bad")(tx); err != nil {
				return err
			}
			return set("bad")(tx)
		},
		"a panic": func(tx *sql.Tx) error {
			if err := set("bad")(tx); err != nil {
				return err
			}
			panic("at the disco")
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := newLedger(t)
			errs := grouped(t, l.write, set("a"), set("b"), bad, set("c"))
			for i, err := range errs {
				if (err != nil) != (i == 2) {
					t.Errorf("change %d: %v", i, err)
				}
			}
			if name == "a panic" && !strings.Contains(errs[2].Error(), "at the disco") {
				t.Errorf("the panic came back as %v", errs[2])
			}
			if name == "an error" && errs[2] != mine {
				t.Errorf("the error came back as %v", errs[2])
			}
			if got := keys(t, l); got != "a b c" {
				t.Errorf("committed %q", got)
			}
			must(t, l.write.do(t.Context(), set("d"))) // the writer goes on
		})
	}
}

// A transaction that ends under its group fails all of it, and leaves nothing.
func TestGroupLosesItsTransaction(t *testing.T) {
	l, _ := newLedger(t)
	errs := grouped(t, l.write, set("a"), func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT OR ROLLBACK INTO meta (key, value) SELECT 'x', 'x' UNION ALL SELECT 'x', 'x'")
		return err
	}, set("b"))
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if failed != 3 || keys(t, l) != "" {
		t.Errorf("errors %v, committed %q; want none of the three", errs, keys(t, l))
	}
	must(t, l.write.do(t.Context(), set("d")))
}

func TestGroupLargerThanOneTransaction(t *testing.T) {
	l, _ := newLedger(t)
	var changes []func(*sql.Tx) error
	for n := range 2*maxGroup + 3 {
		changes = append(changes, set(fmt.Sprint(n)))
	}
	must(t, errors.Join(grouped(t, l.write, changes...)...))
	if n := len(strings.Fields(keys(t, l))); n != len(changes) {
		t.Errorf("%d committed, want %d", n, len(changes))
	}
}

func TestContextEndsBeforeTheChange(t *testing.T) {
	l, _ := newLedger(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 { // a choice between two ready channels would be random
		if err := l.Set(ended, "ended", "x"); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
	}

	ending, cancel := context.WithCancel(t.Context())
	l.write.lead <- struct{}{}
	result := make(chan error, 1)
	go func() { result <- l.Set(ending, "ending", "x") }()
	waitPending(t, l.write, 1)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	<-l.write.lead
	must(t, l.Set(t.Context(), "other", "x"))
	if got := keys(t, l); got != "other" {
		t.Errorf("committed %q", got)
	}
}

// A change that has begun is seen through, and its caller told so.
func TestContextEndsDuringTheChange(t *testing.T) {
	l, _ := newLedger(t)
	ctx, cancel := context.WithCancel(t.Context())
	must(t, l.write.do(ctx, func(tx *sql.Tx) error {
		cancel()
		return set("begun")(tx)
	}))
	if got := keys(t, l); got != "begun" {
		t.Errorf("committed %q", got)
	}
}

func TestConcurrentWritersAreDurable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), path, nil)
	must(t, err)
	var writing sync.WaitGroup
	for w := range 8 {
		writing.Go(func() {
			for n := range 25 {
				name := fmt.Sprintf("%d-%d", w, n)
				if queued, err := l.Admit(t.Context(), []Observation{observation(name, int64(n))}); err != nil || queued != 1 {
					t.Errorf("%s: %d, %v", name, queued, err)
				}
				if _, err := l.Find(t.Context(), inRoot(name)); err != nil { // readers see it at once
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	writing.Wait()
	must(t, l.Close())
	l = openAt(t, path, newClock())
	counts, err := l.Counts(t.Context())
	must(t, err)
	if counts[drop.Queued] != 8*25 {
		t.Errorf("%d items after reopening, want %d", counts[drop.Queued], 8*25)
	}
}

func TestCloseWaitsForTheChangeUnderWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(t.Context(), path, nil)
	must(t, err)
	begun, goOn := make(chan struct{}), make(chan struct{})
	changed, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		changed <- l.write.do(context.Background(), func(tx *sql.Tx) error {
			close(begun)
			<-goOn
			return set("late")(tx)
		})
	}()
	<-begun
	go func() { closed <- l.Close() }()
	select {
	case err := <-closed:
		t.Errorf("closed (%v) while a change was under way", err)
	case <-time.After(50 * time.Millisecond): // only a failure could be missed by being slow
	}
	close(goOn)
	must(t, <-changed)
	must(t, <-closed)
	if err := l.Set(t.Context(), "after", "x"); err == nil {
		t.Error("a change after Close succeeded")
	}
	l = openAt(t, path, newClock())
	if got := keys(t, l); got != "late" {
		t.Errorf("committed %q", got)
	}
}
