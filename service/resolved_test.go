package service

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// Files that failed or were held and were taken away while nothing ran, or since the daemon
// scanned, need nobody; nor do those of a folder that the config names no more. Nothing is known
// of those in a folder that is away.
func TestRemovedFileNeedsNobody(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "in", "away")
	if err := os.Mkdir(s.config.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	const n = resolvedPage + 20 // more than one pass asks for
	s.inLedger(func(l *ledger.Ledger) error {
		var all []ledger.Observation
		hold := func(folder, name string) {
			all = append(all, ledger.Observation{Root: s.path(folder), Path: s.path(folder, name), State: drop.Held, Reason: drop.ReasonPossibleDuplicate})
		}
		for i := range n {
			hold("in", fmt.Sprint("was here ", i))
		}
		hold("away", "there, for all we know")
		hold("unwatched", "not ours any more")
		_, err := l.Admit(t.Context(), all)
		return err
	})
	if err := os.Remove(s.path("away")); err != nil {
		t.Fatal(err)
	}
	if got, err := OfflineSnapshot(t.Context(), s.config); err != nil || got.Counts[drop.Held] != n+1 || got.NeedDecision != n+1 {
		t.Errorf("without a daemon %d are held, %d ask, %v; want %d", got.Counts[drop.Held], got.NeedDecision, err, n+1)
	}
	d, stop := s.run()
	defer stop()
	s.until("only the file of the folder that is away counts", func() bool {
		got, err := d.Snapshot(t.Context())
		return err == nil && got.Counts[drop.Held] == 1 && got.NeedDecision == 1
	}, func() string {
		got, err := d.Snapshot(t.Context())
		return fmt.Sprintf("%v, %d ask, %v", got.Counts, got.NeedDecision, err)
	})
	if it, err := d.ledger.Find(t.Context(), filepath.Join(s.path("in"), "was here 0")); err != nil || it.State != drop.Gone {
		t.Errorf("what was taken away is %s, %v", it.State, err)
	}
}
