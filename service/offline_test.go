package service

import (
	"os"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// Where nothing runs nobody prepares anything: what a process that is gone had claimed is
// queued.
func TestStatusOfAClaimLeftBehind(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.must(os.Mkdir(s.config.DataDir, 0o700))
	l, err := ledger.Open(t.Context(), LedgerPath(s.config.DataDir), nil)
	s.must(err)
	_, err = l.Admit(t.Context(), []ledger.Observation{{Root: s.config.Watches[0].Path, Path: s.path("Characters", "orc.png"),
		Fingerprint: file.Fingerprint{Size: 1, ModTime: 1}, State: drop.Queued}})
	s.must(err)
	claimed, err := l.Claim(t.Context(), ledger.Claim{Owner: "gone", Until: time.Now().Add(time.Hour), MaxSize: 1000, Limit: 1})
	s.must(err)
	s.must(l.Close())
	if len(claimed) != 1 {
		t.Fatalf("%d items were claimed", len(claimed))
	}
	if now, err := OfflineSnapshot(t.Context(), s.config); err != nil || now.Counts[drop.Queued] != 1 || now.Counts[drop.Preparing] != 0 {
		t.Errorf("%v, %v", now.Counts, err)
	}
	var found []drop.State
	s.must(Preview(t.Context(), s.config, s.logger, false, func(f Finding) { found = append(found, f.State) }))
	if len(found) != 1 || found[0] != drop.Queued {
		t.Errorf("a preview finds %v", found)
	}
}
