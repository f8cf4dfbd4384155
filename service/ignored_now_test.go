package service

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// ignoredNow is a studio whose ledger has files that are held: some that the rules ignore
// now, one that they take, one where files are moved to, which was asked for by its name, and one
// that waits for the person's word.
func ignoredNow(t *testing.T) (s *studio, want map[string]drop.Reason) {
	s = newStudio(t, standin.Options{}, "in")
	s.config.Watches[0].Exclude = []string{"wip/**"}
	s.config.Watches[0].AfterUpload, s.config.Watches[0].MoveTo = "move", s.path("in", "Uploaded")
	if err := os.MkdirAll(s.config.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	want = map[string]drop.Reason{"hero.xmp": drop.ReasonUnlessIncluded, "brief.gdoc": drop.ReasonBuiltIn, ".hero.png": drop.ReasonHidden, "wip/hero.png": drop.ReasonExcluded,
		"Song.logicx/take.wav": drop.ReasonBuiltIn, "hero.png": "", "Uploaded/hero.png": "", "wip/asked.png": ""}
	s.inLedger(func(l *ledger.Ledger) error {
		var all []ledger.Observation
		for name := range want {
			path := s.path("in", filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				return err
			}
			reason := drop.ReasonEmpty
			if strings.Contains(name, "asked") {
				reason = drop.ReasonPossibleDuplicate
			}
			all = append(all, ledger.Observation{Root: s.path("in"), Path: path, State: drop.Held, Reason: reason})
		}
		_, err := l.Admit(t.Context(), all)
		return err
	})
	return s, want
}

// checkIgnoredNow compares the ledger with what is wanted: the rule that ended each, "" for held.
func checkIgnoredNow(t *testing.T, s *studio, l *ledger.Ledger, want map[string]drop.Reason) {
	t.Helper()
	for name, rule := range want {
		it, err := l.Find(t.Context(), s.path("in", filepath.FromSlash(name)))
		state := drop.Ignored
		if rule == "" {
			state = drop.Held
		}
		if err != nil || it.State != state || rule != "" && (it.Reason != rule || it.Detail == "") {
			t.Errorf("%s is %s (%s: %s), %v; want %s %s", name, it.State, it.Reason, it.Detail, err, state, rule)
		}
	}
}

// Files that failed or were held, and that the rules ignore since an edit or a newer version of
// the program, need nobody: not while the daemon runs …
func TestIgnoredNowNeedsNobody(t *testing.T) {
	t.Parallel()
	s, want := ignoredNow(t)
	d, stop := s.run()
	defer stop()
	s.until("only what is not ignored counts", func() bool {
		got, err := d.Snapshot(t.Context())
		return err == nil && got.Counts[drop.Held] == 3
	}, func() string {
		got, err := d.Snapshot(t.Context())
		return fmt.Sprintf("%v, %v", got.Counts, err)
	})
	checkIgnoredNow(t, s, d.ledger, want)
}

// … nor after a pass of once.
func TestIgnoredNowNeedsNobodyInOnce(t *testing.T) {
	t.Parallel()
	s, want := ignoredNow(t)
	s.inLedger(func(l *ledger.Ledger) error {
		a, err := needAttention(t.Context(), l, s.config, time.Now().Add(time.Hour))
		if a.Held != 3 || a.Before != 3 || len(a.Files) != 3 {
			t.Errorf("%d held, %d before, %d named; want 3 each", a.Held, a.Before, len(a.Files))
		}
		checkIgnoredNow(t, s, l, want)
		return err
	})
}

// What is ignored no longer is taken again.
func TestIgnoredNoLonger(t *testing.T) {
	t.Parallel()
	s, _ := ignoredNow(t)
	if err := os.WriteFile(s.path("in", "wip", "later.txt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.inLedger(func(l *ledger.Ledger) error {
		path := s.path("in", "wip", "later.txt")
		fp, _, err := file.Lstat(s.path("in"), path)
		if err == nil {
			_, err = l.Admit(t.Context(), []ledger.Observation{{Root: s.path("in"), Path: path, Fingerprint: fp, State: drop.Held, Reason: drop.ReasonUnreadable}})
		}
		if err == nil {
			_, err = needAttention(t.Context(), l, s.config, time.Now())
		}
		return err
	})
	s.config.Watches[0].Exclude = nil
	_, stop := s.run()
	defer stop()
	s.await(drop.Imported, "in", "wip", "later.txt")
}
