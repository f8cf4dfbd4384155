//go:build soak

package service

import (
	"fmt"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// A tree of 20 000 files is copied in while the daemon runs: each content becomes one
// asset.
func TestTreeOfTwentyThousandFiles(t *testing.T) {
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Drop")
	s.config.Watches[0].Kind = "asset"
	s.run()
	const number = 20_000
	began := time.Now()
	for i := range number {
		s.save(fmt.Appendf(nil, "file %d", i), "Drop", fmt.Sprint(i/1000), fmt.Sprint(i/50%20), fmt.Sprintf("%d.bin", i))
	}
	copied := time.Since(began)
	for deadline := time.Now().Add(20 * time.Minute); len(s.server.Account().Assets) < number; time.Sleep(500 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after 20 minutes %d of %d are assets", len(s.server.Account().Assets), number)
		}
	}
	s.until("all is at rest", func() bool {
		l, err := ledger.OpenReadOnly(t.Context(), LedgerPath(s.config.DataDir))
		if err != nil {
			return false
		}
		defer l.Close()
		counts, err := l.Counts(t.Context())
		return err == nil && counts[drop.Imported] == number && len(counts) == 1
	}, s.told)
	t.Logf("copied in %v, all at Scenario after %v", copied.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	seen := map[string]int{}
	for _, a := range s.server.Account().Assets {
		seen[a.SHA256]++
	}
	for i := range number {
		if n := seen[sumOf(fmt.Appendf(nil, "file %d", i))]; n != 1 {
			t.Errorf("file %d is %d assets", i, n)
		}
	}
	if len(seen) != number {
		t.Errorf("there are %d contents at Scenario", len(seen))
	}
}
