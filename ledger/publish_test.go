package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"modernc.org/sqlite"

	"scenario-drop/drop"
)

// told is what a ledger told of.
type told struct {
	mu  sync.Mutex
	all []drop.EventData
}

func (r *told) publish(happened ...drop.EventData) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, happened...)
}

// take returns what was told since it was called last.
func (r *told) take() []drop.EventData {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

func tellingLedger(t *testing.T) (*Ledger, *told) {
	t.Helper()
	r := &told{}
	l, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), newClock().now, PublishTo(r.publish))
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	return l, r
}

func rawItems(t *testing.T, l *Ledger, n int, s drop.State) (ids []int64) {
	t.Helper()
	must(t, l.write.do(t.Context(), func(tx *sql.Tx) error {
		ids = nil
		for range n {
			ids = append(ids, rawItem(t, tx, s, ""))
		}
		return nil
	}))
	return ids
}

// Every legal move is told of once, after its commit and before its change returns; and none that
// was rolled back.
func TestEveryMoveIsPublished(t *testing.T) {
	l, r := tellingLedger(t)
	rollBack := errors.New("roll back")
	for _, from := range drop.States() {
		for _, to := range append([]drop.State{from}, moves[from]...) {
			if from == to && len(moves[from]) == 0 {
				continue
			}
			id := rawItems(t, l, 1, from)[0]
			want := drop.ItemMoved{Item: id, Path: "/r/n", Folder: "/r", From: from, To: to, Reason: "r", Detail: "d", Size: 1}
			made := drop.ItemMoved{Item: id, Path: "/r/n", Folder: "/r", To: from, Size: 1}
			if got := r.take(); !reflect.DeepEqual(got, []drop.EventData{made}) {
				t.Errorf("made as %s: told %+v, want %+v", from, got, made)
			}
			for _, end := range []error{rollBack, nil} {
				err := l.write.do(t.Context(), func(tx *sql.Tx) error {
					err := move{item: id, from: from, to: to, why: drop.Why{Reason: "r", Detail: "d"}}.apply(tx, 99)
					if got := r.take(); got != nil {
						t.Errorf("%s to %s: told %+v before the commit", from, to, got)
					}
					return errors.Join(err, end)
				})
				if !errors.Is(err, end) {
					t.Errorf("%s to %s: %v", from, to, err)
				}
				got := r.take()
				if end != nil && got != nil || end == nil && !reflect.DeepEqual(got, []drop.EventData{want}) {
					t.Errorf("%s to %s, ended with %v: told %+v, want %+v", from, to, end, got, want)
				}
			}
		}
	}
	id := rawItems(t, l, 1, drop.Queued)[0]
	r.take()
	must(t, l.apply(t.Context(), move{item: id, from: drop.Queued, to: drop.Queued}))
	if got := r.take(); got != nil {
		t.Errorf("nothing changed of it: told %+v", got)
	}
}

// Of changes that share a transaction those are told of that were committed, in their order,
// though some were applied twice; and of none where the commit fails.
func TestPublishedOfAGroup(t *testing.T) {
	l, r := tellingLedger(t)
	ids := rawItems(t, l, 4, drop.Queued)
	r.take()
	change := func(n int, end error) func(*sql.Tx) error {
		return func(tx *sql.Tx) error {
			return errors.Join(move{item: ids[n], from: drop.Queued, to: drop.Held}.apply(tx, 99), end)
		}
	}
	errs := grouped(t, l.write, change(0, nil), change(1, errors.New("fails")), change(2, nil))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Fatal(errs)
	}
	moved := map[int64]int{}
	for _, e := range r.take() {
		moved[e.(drop.ItemMoved).Item]++
	}
	if want := map[int64]int{ids[0]: 1, ids[2]: 1}; !reflect.DeepEqual(moved, want) {
		t.Errorf("told of %v, want %v", moved, want)
	}

	commits := true
	onConnection(t, l, func(c any) error {
		c.(*compiled).sqliteConn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if commits {
				return 0
			}
			return 1 // the commit becomes a rollback
		})
		return nil
	})
	commits = false
	if err := l.write.do(t.Context(), change(1, nil)); err == nil {
		t.Fatal("the commit did not fail")
	}
	if got := r.take(); got != nil {
		t.Errorf("the commit failed: told %+v", got)
	}
	commits = true
	must(t, l.write.do(t.Context(), change(3, nil)))
	if got := r.take(); len(got) != 1 || got[0].(drop.ItemMoved).Item != ids[3] {
		t.Errorf("after a commit that failed: told %+v", got)
	}
}

func onConnection(t *testing.T, l *Ledger, do func(c any) error) {
	t.Helper()
	conn, err := l.write.db.Conn(context.Background())
	must(t, err)
	if err := conn.Raw(do); err != nil && !errors.Is(err, driver.ErrBadConn) {
		t.Error(err)
	}
	_ = conn.Close() // it may be a bad one
}

// Very many moves of one transaction are told of as one, and so are items that were forgotten;
// whatever moves after them is told of again.
func TestManyChanged(t *testing.T) {
	l, r := tellingLedger(t)
	for _, n := range []int{maxMoves, maxMoves + 1, 5 * maxMoves} {
		rawItems(t, l, n, drop.Failed)
		got := r.take()
		if n <= maxMoves && len(got) != n || n > maxMoves && !reflect.DeepEqual(got, []drop.EventData{drop.ItemsChanged{Count: n}}) {
			t.Errorf("%d made: %d told, the first %+v", n, len(got), got[0])
		}
	}
	id := rawItems(t, l, 1, drop.Queued)[0]
	if got := r.take(); len(got) != 1 {
		t.Errorf("after many: told %+v", got)
	}
	must(t, l.exec(t.Context(), "forget", "DELETE FROM items WHERE id = ?", id))
	if got := r.take(); !reflect.DeepEqual(got, []drop.EventData{drop.ItemsChanged{Count: 1}}) {
		t.Errorf("forgotten: told %+v", got)
	}

	held := make([]Observation, rowsAtOnce+100)
	for i := range held {
		held[i] = observation(fmt.Sprintf("%d.png", i), int64(i))
		held[i].State, held[i].Reason = drop.Held, "unreadable"
	}
	admit(t, l, held...)
	r.take()
	n, err := l.Retry(t.Context(), nil)
	must(t, err)
	sum := 0
	for _, e := range r.take() {
		switch e := e.(type) {
		case drop.ItemsChanged:
			sum += e.Count
		case drop.ItemMoved:
			sum++
		}
	}
	if n != len(held) || sum != n {
		t.Errorf("%d are tried again: told of %d", n, sum)
	}
}

// If database/sql opens another connection, its changes are told of as before.
func TestPublishedOnAnotherConnection(t *testing.T) {
	l, r := tellingLedger(t)
	id := rawItems(t, l, 1, drop.Queued)[0]
	r.take()
	onConnection(t, l, func(any) error { return driver.ErrBadConn })
	must(t, l.apply(t.Context(), move{item: id, from: drop.Queued, to: drop.Held}))
	if got := r.take(); len(got) != 1 || got[0].(drop.ItemMoved).To != drop.Held {
		t.Errorf("told %+v", got)
	}
}

// A path that is no UTF-8 is told with its bytes.
func TestPublishedPath(t *testing.T) {
	l, r := tellingLedger(t)
	path := inRoot("a\xff.png")
	admit(t, l, Observation{Root: root, Path: path, Fingerprint: fp(1), State: drop.Queued})
	got := r.take()
	if len(got) != 1 || string(got[0].(drop.ItemMoved).PathBytes) != path {
		t.Errorf("told %+v", got)
	}
}

// What keeps the ledger from being written is told when it begins and when it ends.
func TestTroubleIsPublished(t *testing.T) {
	l, r := tellingLedger(t)
	other, err := open(l.path, "rw", nil)
	must(t, err)
	defer other.Close()
	_, err = l.write.db.Exec("PRAGMA busy_timeout = 1")
	must(t, err)
	lock, err := other.Begin()
	must(t, err)
	for range 2 {
		if err := l.Probe(t.Context()); !Unwritable(err) {
			t.Fatal(err)
		}
	}
	got := r.take()
	if e, ok := got[0].(drop.LocalDatabaseChanged); !ok || len(got) != 1 || e.Writable || e.Trouble == "" {
		t.Errorf("told %+v", got)
	}
	must(t, lock.Rollback())
	must(t, l.Probe(t.Context()))
	must(t, l.Probe(t.Context()))
	if got := r.take(); fmt.Sprint(got) != fmt.Sprint([]drop.EventData{drop.LocalDatabaseChanged{Writable: true}}) {
		t.Errorf("told %+v", got)
	}
}
