package service

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// halfSent is a daemon in the middle of sending every file of the folder Characters/Orcs.
func halfSent(t *testing.T) (s *studio, sums []string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a folder with an open file in it cannot be renamed there")
	}
	s = newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].OnChange = "new"
	s.config.Upload.PartSize = partSize
	s.server.Inject(standin.Fault{Op: standin.OpPart, Part: 2, Do: standin.DoStall, Times: -1})
	const files = 3
	for i := range files {
		sums = append(sums, s.save(noise(partSize+1000, uint64(i)), "Characters", "Orcs", "deep", fmt.Sprintf("%d.png", i)))
	}
	s.run()
	s.until("every file is half sent", func() bool { return s.server.Account().Fired == files }, s.told)
	return s, sums
}

// A folder renamed while its files are sent: each content comes to Scenario once, from
// under its new name, and the old names say what became of them.
func TestFolderRenamedWhileSent(t *testing.T) {
	t.Parallel()
	s, sums := halfSent(t)
	if err := os.Rename(s.path("Characters", "Orcs"), s.path("Characters", "Orks")); err != nil {
		t.Fatal(err)
	}
	s.server.ClearFaults()
	for i := range sums {
		s.await(drop.Imported, "Characters", "Orks", "deep", fmt.Sprintf("%d.png", i))
		s.await(drop.Gone, "Characters", "Orcs", "deep", fmt.Sprintf("%d.png", i))
	}
	s.exactlyOnce(sums...)
	s.reasonsGiven()
}

// A folder moved out while its files are sent: nothing half comes of them.
func TestFolderMovedOutWhileSent(t *testing.T) {
	t.Parallel()
	s, sums := halfSent(t)
	if err := os.Rename(s.path("Characters", "Orcs"), s.path("elsewhere")); err != nil {
		t.Fatal(err)
	}
	stays := s.save(noise(1000, 9), "Characters", "stays.png")
	s.server.ClearFaults()
	s.await(drop.Imported, "Characters", "stays.png")
	for i := range sums {
		s.await(drop.Gone, "Characters", "Orcs", "deep", fmt.Sprintf("%d.png", i))
	}
	s.exactlyOnce(stays)
	s.reasonsGiven()

	// And back: it is sent as if it were new.
	if err := os.Rename(s.path("elsewhere"), s.path("Characters", "Orcs")); err != nil {
		t.Fatal(err)
	}
	for i := range sums {
		s.await(drop.Imported, "Characters", "Orcs", "deep", fmt.Sprintf("%d.png", i))
	}
	s.exactlyOnce(append(sums, stays)...)
}

// A folder moved in, with folders below, while others are being sent, is found whole;
// what is saved into it later too.
func TestFolderMovedInWhileSending(t *testing.T) {
	t.Parallel()
	s, sums := halfSent(t)
	for i := range 20 {
		sums = append(sums, s.save(noise(1000, 100+uint64(i)), "elsewhere", fmt.Sprint(i%4), "deep", fmt.Sprintf("%d.png", i)))
	}
	if err := os.Rename(s.path("elsewhere"), s.path("Characters", "Elves")); err != nil {
		t.Fatal(err)
	}
	sums = append(sums, s.save(noise(1000, 200), "Characters", "Elves", "3", "deep", "later.png"))
	s.server.ClearFaults()
	s.until("every content is at Scenario", func() bool { return len(s.server.Account().BySHA256()) == len(sums) }, s.told)
	s.until("all is at rest", s.atRest, s.told)
	s.exactlyOnce(sums...)
	s.reasonsGiven()
}

// Hard links are names of one file. Two names share an asset; a name made while the file
// is sent, as a backup makes it, does not start the upload anew; a file whose old name is
// removed is at Scenario once.
func TestHardLinks(t *testing.T) {
	t.Parallel()
	s, sums := halfSent(t)
	at := func(i int) string { return s.path("Characters", "Orcs", "deep", fmt.Sprintf("%d.png", i)) }
	for from, to := range map[string]string{
		at(0): s.path("backup.png"),                      // outside
		at(1): s.path("Characters", "second name.png"),   // a second name inside
		at(2): s.path("Characters", "only name now.png"), // a rename in two steps
	} {
		if err := os.Link(from, to); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Remove(at(2)); err != nil {
		t.Fatal(err)
	}
	s.server.ClearFaults()
	for _, name := range [][]string{{"Orcs", "deep", "0.png"}, {"Orcs", "deep", "1.png"}, {"second name.png"}, {"only name now.png"}} {
		s.await(drop.Imported, append([]string{"Characters"}, name...)...)
	}
	s.until("all is at rest", s.atRest, s.told)
	s.exactlyOnce(sums...)
	s.reasonsGiven()
	begun := 0
	for _, u := range s.server.Account().Uploads {
		if slices.Contains([]string{"0.png", "1.png", "second name.png"}, u.FileName) {
			begun++
		}
	}
	if begun != 2 {
		t.Errorf("%d uploads were begun for the two files that got a second name, want 2", begun)
	}
}
