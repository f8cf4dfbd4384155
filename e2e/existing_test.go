package e2e

import (
	"fmt"
	"os"
	"testing"
	"time"

	"scenario-drop/standin"
)

// noted returns how many files the ledger has noted as having been there before, and whether the
// moment is written down.
func (s *studio) noted() (n int, moment bool) {
	s.t.Helper()
	if _, err := os.Stat(s.data + "/ledger.db"); err != nil {
		return 0, false
	}
	db := s.ledger()
	defer db.Close()
	moments := 0
	err := db.QueryRow("SELECT (SELECT count(*) FROM existing), (SELECT count(*) FROM items WHERE reason = 'existing')").Scan(&moments, &n)
	return n, err == nil && moments == 1 // it may be made only now
}

// The daemon is killed again and again in its first scan of a folder with existing = "skip": nothing that
// was there is ever sent, and all that is saved in between is, once.
func TestKilledWhileNotingWhatWasThere(t *testing.T) {
	const dirs, each = 60, 100
	s := newStudio(t, standin.Options{})
	s.configure("", map[string]string{"Characters": "kind = 'asset'\nsettle = '0s'\nexisting = 'skip'"})
	for d := range dirs {
		for f := range each {
			s.save(fmt.Appendf(nil, "old %d %d", d, f), "Characters", fmt.Sprint("dir", d), fmt.Sprint(f, ".txt"))
		}
	}
	var sums []string
	kills := 0
	for before := -1; before < dirs*each && kills < 8; kills++ {
		d := s.start()
		n, moment := 0, false
		until(t, "more is noted", func() bool { n, moment = s.noted(); return moment && n > before || d.dead() },
			func() string { return fmt.Sprintf("%d noted:\n%s", n, d.output()) })
		d.kill()
		before, _ = s.noted()
		time.Sleep(50 * time.Millisecond) // the kernel's clock for the times of files ticks more slowly than ours
		sums = append(sums, s.save(noise(1000, uint64(kills)), "Characters", fmt.Sprint("dir", kills), fmt.Sprint("new", kills, ".bin")))
		sums = append(sums, s.save(noise(1000, uint64(100+kills)), "Characters", fmt.Sprint("dir", kills), "50.txt")) // an old one
	}
	last := s.start()
	s.imported(last, sums...)
	until(t, "all is noted", func() bool { n, _ := s.noted(); return n == dirs*each-kills },
		func() string { n, _ := s.noted(); return fmt.Sprintf("%d noted\n%s", n, last.output()) })
	s.exactlyOnce(sums...)
	last.kill()
	s.intact()
	t.Logf("%d kills", kills)
}
