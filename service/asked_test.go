package service

import (
	"fmt"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// A retry of all failed files is answered with their number, and done beside everything
// else; one that nobody had time for is done at the next start.
func TestRetryOfAllGoesOnByItself(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.server.Inject(standin.Fault{Op: standin.OpCreate, Do: standin.DoStatus, Status: 422, Times: -1})
	var sums []string
	const n = 20
	for i := range n {
		sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprintf("%d.png", i)))
	}
	if res := s.once(); res.Counts[drop.Failed] != n {
		t.Fatalf("%+v", res)
	}
	d, stop := s.run()
	if got, err := d.Retry(t.Context(), nil); err != nil || got != n {
		t.Errorf("asked: %d, %v", got, err)
	}
	s.until("they are tried, and fail again", func() bool {
		value, err := d.ledger.Get(t.Context(), "retry_asked")
		counts, cerr := d.ledger.Counts(t.Context())
		return err == nil && cerr == nil && value == "" && counts[drop.Failed] == n
	}, func() string { counts, err := d.ledger.Counts(t.Context()); return fmt.Sprint(counts, err) })
	stop()

	s.inLedger(func(l *ledger.Ledger) error {
		_, err := l.AskRetry(t.Context())
		return err
	})
	s.server.ClearFaults()
	if res := s.once(); res.Counts[drop.Imported] != n {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sums...)
}
