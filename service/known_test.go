package service

import (
	"context"
	"errors"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
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
	s.await(drop.Imported, "Characters", "imp.png")
	s.await(drop.Imported, "Characters", "new", "imp.png")
	stop()

	// What the daemon does at its end may take a second, which a busy machine exceeds.
	l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
	noError(t, err)
	_, err = l.Admit(t.Context(), []ledger.Observation{{Root: s.path("Characters"), Path: s.path("Characters", "new", "troll.png"),
		Fingerprint: file.Fingerprint{Size: 1}, State: drop.Ignored}})
	noError(t, err)
	u := newMaintenance(l, s.log())
	u.atEnd = time.Hour
	ended, end := context.WithCancel(t.Context())
	end()
	noError(t, errors.Join(u.Run(ended), l.Close()))
	ready("the end of maintenance")
	if res := s.once(); len(res.Counts) != 0 {
		t.Errorf("the pass after came to %+v", res)
	}
	s.exactlyOnce(sums...)
}
