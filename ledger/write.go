package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// writer runs every change of the ledger on its one writing connection. Changes that
// arrive while a transaction is being made durable share the next one (a group
// commit); one that fails leaves the others alone. A change is durable when do returns
// nil. It may be applied more than once, of which only the last counts.
type writer struct {
	db        *sql.DB
	health    *health
	publisher *publisher
	journal   journal
	lead      chan struct{} // holds a token while somebody leads a group
	commits   atomic.Int64  // transactions so far

	mu      sync.Mutex
	pending []*change
}

type change struct {
	apply func(*sql.Tx) error
	done  chan outcome
}

// outcome is how one change ended. A panic in it is handed back to the goroutine that
// asked for the change; whoever leads its group, and its neighbours, are not to suffer.
type outcome struct {
	err      error
	panicked string // with the stack; "" when it did not
}

func (o outcome) failed() bool { return o.err != nil || o.panicked != "" }

// maxGroup bounds how many changes share one transaction, and with it how many fail
// together should the commit fail.
const maxGroup = 256

func newWriter(db *sql.DB, h *health, wal string, p *publisher) *writer {
	return &writer{db: db, health: h, publisher: p, journal: journal{path: wal}, lead: make(chan struct{}, 1)}
}

// do applies one change durably. If ctx ends before the change has begun, nothing of
// it happens; once begun it is seen through.
func (w *writer) do(ctx context.Context, apply func(*sql.Tx) error) error {
	if w == nil {
		return errReadOnly
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.health.damageSeen(); err != nil {
		return err
	}
	c := &change{apply: apply, done: make(chan outcome, 1)}
	w.mu.Lock()
	w.pending = append(w.pending, c)
	w.mu.Unlock()
	for {
		select {
		case o := <-c.done:
			return o.result()
		case w.lead <- struct{}{}:
			w.commitNext()
		case <-ctx.Done():
			if w.withdraw(c) {
				return ctx.Err()
			}
			return (<-c.done).result()
		}
	}
}

func (o outcome) result() error {
	if o.panicked != "" {
		panic(o.panicked)
	}
	return o.err
}

// close waits for the group under way and closes the connection.
func (w *writer) close() error {
	w.lead <- struct{}{}
	defer func() { <-w.lead }()
	return w.db.Close()
}

// commitNext commits the next group, for whoever holds the lead, and gives it up.
func (w *writer) commitNext() {
	defer func() { <-w.lead }()
	runtime.Gosched() // whoever is about to ask for a change shares the group
	w.commit(w.take())
	w.journal.bound(w.db)
}

func (w *writer) take() []*change {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.pending), maxGroup)
	group := slices.Clone(w.pending[:n])
	w.pending = slices.Delete(w.pending, 0, n)
	return group
}

func (w *writer) withdraw(c *change) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.pending, c)
	if i < 0 {
		return false
	}
	w.pending = slices.Delete(w.pending, i, i+1)
	return true
}

func (w *writer) commit(group []*change) {
	if len(group) == 0 {
		return
	}
	outcomes := make([]outcome, len(group))
	// While there is trouble, only a transaction that did write something ends it.
	_, trouble := w.health.inTrouble()
	before := int64(0)
	if trouble {
		before = w.changes()
	}
	err := w.transact(group, outcomes)
	w.health.wrote(err, !trouble || w.changes() != before)
	for i, c := range group {
		o := outcomes[i]
		if err != nil && o.panicked == "" {
			o.err = err
		}
		c.done <- o
	}
}

// changes returns how many rows the connection has changed; -1 when that cannot be read.
func (w *writer) changes() (n int64) {
	if err := w.db.QueryRow("SELECT total_changes()").Scan(&n); err != nil {
		return -1
	}
	return n
}

// transact applies a group in one transaction. Hardly ever does a change fail, so it is
// tried without savepoints first, which would cost as much as the changes themselves.
func (w *writer) transact(group []*change, outcomes []outcome) error {
	err := w.inTransaction(func(tx *sql.Tx) error {
		for i, c := range group {
			if outcomes[i] = c.run(tx); outcomes[i].failed() {
				return errChangeFailed
			}
		}
		return nil
	})
	if !errors.Is(err, errChangeFailed) {
		return err
	}
	if len(group) == 1 {
		return nil // its outcome says it
	}
	return w.inTransaction(func(tx *sql.Tx) error { return w.applyApart(tx, group, outcomes) })
}

// errChangeFailed undoes a group because of one of its changes.
var errChangeFailed = errors.New("a change of the group failed")

// applyApart applies each change behind a savepoint of its own, so that those that fail
// leave the others alone.
func (w *writer) applyApart(tx *sql.Tx, group []*change, outcomes []outcome) error {
	for i, c := range group {
		if _, err := tx.Exec("SAVEPOINT one"); err != nil {
			return fmt.Errorf("savepoint: %w", err)
		}
		mark := w.publisher.mark()
		if outcomes[i] = c.run(tx); outcomes[i].failed() {
			w.publisher.rewind(mark)
			if _, err := tx.Exec("ROLLBACK TO one"); err != nil {
				// Some errors (a full disk) end the whole transaction in SQLite itself.
				return errors.Join(outcomes[i].err, fmt.Errorf("roll back: %w", err))
			}
		}
		if _, err := tx.Exec("RELEASE one"); err != nil {
			return fmt.Errorf("release: %w", err)
		}
	}
	return nil
}

func (w *writer) inTransaction(apply func(*sql.Tx) error) error {
	tx, err := w.db.Begin()
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	w.commits.Add(1)
	defer tx.Rollback()
	w.publisher.rewind(notedMoves{each: true})
	if err := apply(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	w.publisher.committed()
	return nil
}

func (c *change) run(tx *sql.Tx) (o outcome) {
	defer func() {
		if r := recover(); r != nil {
			o.panicked = fmt.Sprintf("%v\n\nin a change of the local database:\n%s", r, debug.Stack())
		}
	}()
	return outcome{err: c.apply(tx)}
}
