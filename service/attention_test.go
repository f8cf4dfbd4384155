package service

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// What failed or is held counts whenever that came about, some of it is named, and what was
// taken away, or is in no watch folder any more, counts no longer. A folder that is not there
// tells nothing of its files.
func TestNeedsAttention(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "in", "away")
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hold := func(root, name string) string {
		path := filepath.Join(root, name)
		if _, err := l.Admit(t.Context(), []ledger.Observation{{Root: root, Path: path, State: drop.Held, Reason: drop.ReasonEmpty}}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const n = maxAttention + 10
	for i := range n {
		s.save(nil, "in", fmt.Sprint(i))
		hold(s.path("in"), fmt.Sprint(i))
	}
	taken := hold(s.path("in"), "taken away")
	hold(s.path("away"), "there, for all we know")
	hold(s.path("unwatched"), "not ours any more")
	if err := os.Remove(s.path("away")); err != nil {
		t.Fatal(err)
	}
	a, err := needAttention(t.Context(), l, s.config, time.Now().Add(time.Hour))
	if err != nil || a.Held != n+1 || a.Failed != 0 || a.Before != n+1 || len(a.Files) != maxAttention {
		t.Errorf("%d held, %d failed, %d before, %d named, %v", a.Held, a.Failed, a.Before, len(a.Files), err)
	}
	if it, err := l.Find(t.Context(), taken); err != nil || it.State != drop.Gone {
		t.Errorf("the file that was taken away is %s, %v", it.State, err)
	}
	if a, err := needAttention(t.Context(), l, s.config, time.Now().Add(-time.Hour)); err != nil || a.Before != 0 {
		t.Errorf("%d before, %v", a.Before, err)
	}
}
