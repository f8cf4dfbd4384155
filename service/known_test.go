package service

import (
	"testing"

	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// What the next scan asks of the ledger is ready when a pass has ended, and when the daemon
// has, and then nothing that is known is found anew.
func TestKnownIsReadyForTheNextStart(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	ready := func(after string) {
		t.Helper()
		l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
		noError(t, err)
		defer l.Close()
		if n, err := l.KeepKnown(t.Context()); n != 0 || err != nil {
			t.Errorf("after %s, %d folders were still to be made ready; %v", after, n, err)
		}
		if known, err := l.Known(t.Context(), s.path("Characters")); err != nil || len(known) == 0 {
			t.Errorf("after %s, known are %v, %v", after, known, err)
		}
	}
	sums := []string{s.save(noise(5000, 1), "Characters", "orc.png"), s.save(noise(5000, 2), "Characters", "sub", "elf.png")}
	s.once()
	ready("a pass")
	_, stop := s.run()
	sums = append(sums, s.save(noise(5000, 3), "Characters", "imp.png"), s.save(noise(5000, 4), "Characters", "new", "imp.png"))
	s.await(ledger.Imported, "Characters", "imp.png")
	s.await(ledger.Imported, "Characters", "new", "imp.png")
	stop()
	ready("the daemon's end")
	if res := s.once(); len(res.Counts) != 0 {
		t.Errorf("the pass after came to %+v", res)
	}
	s.exactlyOnce(sums...)
}
