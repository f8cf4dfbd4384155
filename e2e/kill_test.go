package e2e

import (
	"database/sql"
	"fmt"
	"testing"

	_ "modernc.org/sqlite"

	"scenario-drop/standin"
)

const partSize = 5 << 20

// The daemon is killed at every boundary of a request, starts again, and Scenario holds
// every content exactly once.
func TestKilledAtEveryRequest(t *testing.T) {
	for _, op := range []string{standin.OpCreate, standin.OpPart, standin.OpComplete, standin.OpGet, standin.OpAsset, standin.OpLink,
		standin.OpCollections, standin.OpCollectionCreate} {
		for _, when := range []string{standin.Before, standin.Middle, standin.After} {
			t.Run(op+" "+when, func(t *testing.T) {
				t.Parallel()
				s := newStudio(t, standin.Options{})
				s.configure("part_size = '5MiB'", map[string]string{
					"Characters": "kind = 'image'\nsettle = '0s'\ncollections = ['Characters']",
					"Props":      "kind = 'image'\nsettle = '0s'\ncollections = ['Props']",
					"Done":       "kind = 'model'\nsettle = '0s'\ncollections = ['Models']\nafter_upload = 'move'\nmove_to = 'Uploaded'",
				})
				many, one := noise(2*partSize+1000, 1), noise(1000, 2)
				sums := []string{
					s.save(many, "Characters", "many-parts.png"),
					s.save(one, "Characters", "one-part.png"),
					s.save(noise(2000, 3), "Done", "moved.bin"),
				}
				killed := s.start()
				s.server.Inject(standin.Fault{Op: op, When: when, Do: standin.DoKill, PID: killed.pid()})
				if op == standin.OpAsset {
					// Only a duplicate asks for an asset.
					s.imported(killed, sums...)
				}
				s.save(many, "Props", "duplicate.png")
				s.save(one, "Props", "duplicate-of-one.png")
				until(t, "the daemon is killed", killed.dead, func() string { return "it lives:\n" + killed.output() })
				if s.server.Account().Fired != 1 {
					t.Fatalf("it died by itself:\n%s", killed.output())
				}

				again := s.start()
				s.imported(again, sums...)
				version := s.save(noise(3000, 4), "Characters", "one-part.png")
				sums = append(sums, version)
				s.imported(again, sums...)
				s.settled(again)
				s.exactlyOnce(sums...)
				for _, name := range []string{"Characters", "Props", "Models"} {
					n := 0
					for _, c := range s.server.Account().Collections {
						if c.Name == name {
							n++
						}
					}
					if n != 1 {
						t.Errorf("there are %d collections %q, want 1", n, name)
					}
				}
				props, _ := s.server.Account().Collection("Props")
				if len(props.Assets) != 2 {
					t.Errorf("the duplicates' collection has %d assets, want 2", len(props.Assets))
				}
				again.kill()
				s.intact()
			})
		}
	}
}

// settled waits until the ledger has nothing on its way.
func (s *studio) settled(d *daemon) {
	s.t.Helper()
	db := s.ledger()
	defer db.Close()
	var n int
	until(s.t, "nothing is on its way", func() bool {
		err := db.QueryRow("SELECT count(*) FROM items WHERE state NOT IN ('held', 'imported', 'failed', 'ignored', 'superseded', 'gone')").Scan(&n)
		return err == nil && n == 0
	}, func() string { return fmt.Sprintf("%d items are\n%s", n, d.output()) })
}

// intact asserts that the ledger's file is whole.
func (s *studio) intact() {
	s.t.Helper()
	db := s.ledger()
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		s.t.Errorf("integrity_check: %q, %v", verdict, err)
	}
}

func (s *studio) ledger() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.path("data", "ledger.db")+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}
