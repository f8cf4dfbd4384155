package e2e

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"scenario-drop/standin"
)

const partSize = 5 << 20

// errand is one file's way to Scenario, of which the daemon is killed in the middle.
type errand struct {
	name   string
	before func(s *studio) (sums []string) // what is imported before; nil: nothing
	save   func(s *studio) (sum string)    // the file itself; "" when its content is there already
	ops    []string                        // the requests that it makes
	parts  int
}

func errands() []errand {
	one := func(s *studio) []string { return []string{s.save(noise(1000, 1), "Characters", "one.png")} }
	return []errand{
		{name: "one part", parts: 1,
			save: func(s *studio) string { return s.save(noise(1000, 1), "Characters", "one.png") },
			ops:  []string{standin.OpCollections, standin.OpCollectionCreate, standin.OpCreate, standin.OpPart, standin.OpComplete, standin.OpGet}},
		{name: "many parts", parts: 3,
			save: func(s *studio) string { return s.save(noise(2*partSize+1000, 2), "Characters", "many.png") },
			ops:  []string{standin.OpCreate, standin.OpPart, standin.OpComplete, standin.OpGet}},
		{name: "duplicate", before: one,
			save: func(s *studio) string { s.save(noise(1000, 1), "Props", "copy.png"); return "" },
			ops:  []string{standin.OpCollectionCreate, standin.OpAsset, standin.OpLink, standin.OpTags}},
		{name: "version", before: one, parts: 1,
			save: func(s *studio) string { return s.save(noise(3000, 3), "Characters", "one.png") },
			ops:  []string{standin.OpCreate, standin.OpPart, standin.OpComplete, standin.OpGet}},
		{name: "moved away", parts: 1,
			save: func(s *studio) string { return s.save(noise(2000, 4), "Done", "moved.bin") },
			ops:  []string{standin.OpCreate, standin.OpPart, standin.OpComplete, standin.OpGet, standin.OpLink, standin.OpTags}},
		{name: "duplicate moved away",
			before: func(s *studio) []string { return []string{s.save(noise(2000, 4), "Models", "a.bin")} },
			save:   func(s *studio) string { s.save(noise(2000, 4), "Done", "moved.bin"); return "" },
			ops:    []string{standin.OpModel, standin.OpLink}},
	}
}

// killCase is one errand, and the instant at which the daemon is killed.
type killCase struct {
	errand
	op, when string
	part     int // of OpPart
}

func (k killCase) String() string {
	if k.op == standin.OpPart {
		return fmt.Sprintf("%s, %s part %d", k.name, k.when, k.part)
	}
	return fmt.Sprintf("%s, %s %s", k.name, k.when, k.op)
}

// The daemon is killed at every boundary of a request that a file needs, starts again,
// and Scenario holds every content exactly once.
func TestKilledAtEveryRequest(t *testing.T) {
	var all []killCase
	for _, e := range errands() {
		for _, op := range e.ops {
			for _, when := range []string{standin.Before, standin.Middle, standin.After} {
				if op != standin.OpPart {
					all = append(all, killCase{e, op, when, 0})
					continue
				}
				for n := range e.parts {
					all = append(all, killCase{e, op, when, n + 1})
				}
			}
		}
	}
	together(t, 8, all, killed)
}

// The same while it finds out that a collection of the config does not exist: the file
// ends with a reason, and goes on once the config is right.
func TestKilledAtAMissingCollection(t *testing.T) {
	for _, when := range []string{standin.Before, standin.Middle, standin.After} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{})
			keys := "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\n"
			s.configure("", map[string]string{"Characters": keys + "collection_ids = ['collection_deleted']"})
			first := s.start()
			s.server.Inject(standin.Fault{Op: standin.OpCollection, When: when, Do: standin.DoCall, Call: first.signalKill})
			sum := s.save(noise(1000, 1), "Characters", "one.png")
			until(t, "the daemon is killed", first.dead, func() string { return "it lives:\n" + first.output() })
			if out, code := s.command("once"); code != 3 || !strings.Contains(out, "collection_deleted") {
				t.Errorf("once ended with %d:\n%s", code, out)
			}
			s.exactlyOnce()
			s.configure("", map[string]string{"Characters": keys})
			if out, code := s.command("retry", "--failed"); code != 0 {
				t.Errorf("retry ended with %d:\n%s", code, out)
			}
			if out, code := s.command("once"); code != 0 {
				t.Errorf("once ended with %d:\n%s", code, out)
			}
			s.exactlyOnce(sum)
			s.intact()
		})
	}
}

func killed(t *testing.T, k killCase) {
	s := newStudio(t, standin.Options{})
	s.configure("part_size = '5MiB'", map[string]string{
		"Characters": "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Characters']",
		"Props":      "kind = 'image'\nother_kinds = 'send'\nsettle = '0s'\ncollections = ['Props']\ntags = ['prop']",
		"Models":     "kind = 'model'\nsettle = '0s'\ncollections = ['Models']",
		"Done":       "kind = 'model'\nsettle = '0s'\ncollections = ['Done']\ntags = ['done', 'wip']\nafter_upload = 'move'\nmove_to = 'Uploaded'",
	})
	var sums []string
	files := 1
	first := s.start()
	if k.before != nil {
		sums = k.before(s)
		files += len(sums)
		s.imported(first, sums...)
		s.took(first, len(sums))
	}
	s.server.Inject(standin.Fault{Op: k.op, When: k.when, Part: k.part, Do: standin.DoCall, Call: first.signalKill})
	if sum := k.save(s); sum != "" {
		sums = append(sums, sum)
	}
	until(t, "the daemon is killed", first.dead, func() string { return "it lives:\n" + first.output() })
	if s.server.Account().Fired != 1 {
		t.Fatalf("it died by itself:\n%s", first.output())
	}

	again := s.start()
	s.imported(again, sums...)
	s.took(again, files)
	s.exactlyOnce(sums...)
	s.inCollections()
	again.kill()
	s.intact()
}

// inCollections asserts that every file of the watch folders is in the collection of
// its folder's name, which is there once, and has that folder's tags, and that what was to be
// moved was.
func (s *studio) inCollections() {
	s.t.Helper()
	account := s.server.Account()
	for _, name := range []string{"Characters", "Props", "Models", "Done"} {
		files := 0 // at least: the older of two versions is held too
		for _, dir := range []string{s.path(name), s.path(name, "Uploaded")} {
			entries, err := os.ReadDir(dir)
			if err != nil && !os.IsNotExist(err) {
				s.t.Fatal(err)
			}
			for _, e := range entries {
				if !e.IsDir() {
					files++
				}
			}
		}
		n := 0
		for _, c := range account.Collections {
			if c.Name == name {
				n++
			}
		}
		c, _ := account.Collection(name)
		if held := len(c.Assets) + len(c.Models); held < files || n > 1 {
			s.t.Errorf("%d collections %s hold %d of %d files", n, name, held, files)
		}
	}
	for name, tags := range map[string]int{"Props": 1, "Done": 2} {
		c, _ := account.Collection(name)
		for _, e := range slices.Concat(account.Assets, account.Models) {
			if slices.Contains(e.Collections, c.ID) && len(e.Tags) != tags {
				s.t.Errorf("%s of %s has the tags %q, want %d", e.Name, name, e.Tags, tags)
			}
		}
	}
	if left, err := filepath.Glob(s.path("Done", "*.bin")); err != nil || len(left) > 0 {
		s.t.Errorf("not moved away: %v, %v", left, err)
	}
	if moved, err := filepath.Glob(s.path("Done", "Uploaded", "*")); err != nil || len(moved) > 1 {
		s.t.Errorf("moved away: %v, %v", moved, err)
	}
}

// settled waits until the ledger has nothing on its way.
func (s *studio) settled(d *daemon) {
	s.t.Helper()
	s.took(d, 0)
}

// took waits until the ledger knows this many items or more and has nothing on its way.
func (s *studio) took(d *daemon, items int) {
	s.t.Helper()
	db := s.ledger()
	defer db.Close()
	var all, active int
	until(s.t, "nothing is on its way", func() bool {
		err := db.QueryRow("SELECT count(*), count(CASE WHEN state NOT IN ('held', 'imported', 'failed', 'ignored', 'superseded', 'gone') THEN 1 END) FROM items").Scan(&all, &active)
		return err == nil && all >= items && active == 0 || d.dead()
	}, func() string { return fmt.Sprintf("%d of %d items are\n%s", active, all, d.output()) })
	if d.dead() {
		s.t.Fatalf("the daemon died:\n%s", d.output())
	}
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
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, "ledger.db")+"?mode=ro")
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}
