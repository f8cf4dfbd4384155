package service

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/standin"
)

// copyTree copies a directory, as a backup program does.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// A ledger of last week in the place of this week's, put back alone, from its backups, or with
// all of its data directory: what was sent since is told by its bytes, and stays one asset.
func TestOlderLedgerSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for name, putBack := range map[string]func(t *testing.T, s *studio, kept string){
		"the local database": func(t *testing.T, s *studio, kept string) {
			b, err := os.ReadFile(filepath.Join(kept, "ledger.db"))
			noError(t, err)
			noError(t, os.WriteFile(LedgerPath(s.config.DataDir), b, 0o600))
		},
		"a backup": func(t *testing.T, s *studio, _ string) {
			all, err := filepath.Glob(filepath.Join(s.config.DataDir, "backups", "*.db"))
			noError(t, err)
			b, err := os.ReadFile(all[0])
			noError(t, err)
			noError(t, os.WriteFile(LedgerPath(s.config.DataDir), b, 0o600))
		},
		"the data directory": func(t *testing.T, s *studio, kept string) { copyTree(t, kept, s.config.DataDir) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{ImportDelay: -1}, "Characters")
			var said logged
			s.logger = slog.New(slog.NewTextHandler(&said, nil))
			kept := s.path("kept")
			sums := []string{s.save(noise(1000, 1), "Characters", "last week.png")}
			s.once()
			s.inLedger(func(l *ledger.Ledger) error { _, err := l.Backup(t.Context()); return err })
			copyTree(t, s.config.DataDir, kept)
			for i := range 3 {
				sums = append(sums, s.save(noise(1000, uint64(10+i)), "Characters", fmt.Sprintf("this week %d.png", i)))
			}
			if res := s.once(); res.Counts[drop.Imported] != 3 {
				t.Fatalf("%+v", res)
			}
			before := s.exactlyOnce(sums...)
			created := s.asked(standin.OpCreate)

			putBack(t, s, kept)
			sums = append(sums, s.save(noise(1000, 20), "Characters", "new.png"))
			// Interrupted in the middle, it is no less careful.
			s.server.Inject(standin.Fault{Op: standin.OpAssets, Do: standin.DoStall})
			_, stop := s.run()
			s.until("the list is asked for", func() bool { return s.server.Account().Fired == 1 }, func() string { return "" })
			stop()
			s.server.ClearFaults()
			if res := s.once(); res.Counts[drop.Imported] != 4 || res.NeedDecision != 0 {
				t.Fatalf("%+v", res)
			}
			after := s.exactlyOnce(sums...)
			for sum, asset := range before {
				if after[sum].ID != asset.ID {
					t.Errorf("%s became %s", asset.ID, after[sum].ID)
				}
			}
			if n := s.asked(standin.OpCreate) - created; n != 1 {
				t.Errorf("%d uploads were made, want that of the new file", n)
			}
			if tells := strings.Contains(said.String(), "an older copy of the local database"); tells != (name != "the data directory") {
				t.Errorf("the log tells of an older ledger: %v", tells)
			}
		})
	}
}

// logged is a log that may be written from any goroutine.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

var _ io.Writer = (*logged)(nil)

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Where only bytes that cannot be had could tell, what changed since the ledger was last up
// to date is asked about if it matches something made since, and nothing else is.
func TestGapAsksAboutMatchesOnly(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Characters")
	s.save(noise(1000, 1), "Characters", "a.png")
	s.once()
	kept := s.path("kept")
	copyTree(t, s.config.DataDir, kept)
	s.save(noise(1000, 2), "Characters", "b.png")
	s.once()
	copyTree(t, kept, s.config.DataDir)
	s.save(noise(1000, 3), "Characters", "c.png")
	s.withhold()
	if res := s.once(); res.NeedDecision != 1 || res.Counts[drop.Imported] != 1 {
		t.Errorf("%+v", res)
	}
	if it, err := s.item("Characters", "b.png"); err != nil || !it.Asks() {
		t.Errorf("%+v, %v", it, err)
	}
}

// The usual night costs next to nothing: with no new file no request, else one page of the list,
// however large the project is, and what is saved after the start costs none.
func TestNightOffIsCheap(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Characters")
	for i := range 350 { // pages of a hundred
		s.save(noise(300, uint64(i)), "Characters", fmt.Sprintf("%d.png", i))
	}
	if res := s.once(); res.Counts[drop.Imported] != 350 {
		t.Fatalf("%+v", res)
	}
	// They were made before what is checked: an hour is allowed for clocks that are wrong.
	s.server.Age(3 * time.Hour)

	pages := s.asked(standin.OpAssets)
	s.once()
	if n := s.asked(standin.OpAssets) - pages; n != 0 {
		t.Errorf("%d pages were read with nothing new", n)
	}
	for i := range 20 {
		s.save(noise(300, uint64(1000+i)), "Characters", fmt.Sprintf("night %d.png", i))
	}
	s.run()
	for i := range 20 {
		s.await(drop.Imported, "Characters", fmt.Sprintf("night %d.png", i))
	}
	if n := s.asked(standin.OpAssets) - pages; n > 1 {
		t.Errorf("%d pages were read for the files of a night", n)
	}
	pages = s.asked(standin.OpAssets)
	s.save(noise(300, 2000), "Characters", "morning.png")
	s.await(drop.Imported, "Characters", "morning.png")
	if n := s.asked(standin.OpAssets) - pages; n != 0 {
		t.Errorf("%d pages were read for a file saved after the start", n)
	}
	if n := s.asked(standin.OpDownload); n != 0 {
		t.Errorf("%d downloads", n)
	}
}
