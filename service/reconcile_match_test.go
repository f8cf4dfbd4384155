package service

import (
	"fmt"
	"os"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// After the ledger was lost, whether that is known or not, what Scenario holds is recognised
// by its bytes: nobody is asked, nothing is sent, and each file is the asset that it was.
func TestLostLedgerIsMatchedByBytes(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]standin.Behavior{
		"plain":               {},
		"converted":           {Converted: true, Originals: true},
		"elsewhere":           {RedirectDownloads: true},
		"no sizes, and known": {NoAssetSize: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{Behavior: play}, "Characters", "Props")
			var sums []string
			for i := range 20 {
				sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprint(i), "albedo.png"))
			}
			sums = append(sums, s.save(noise(500_000, 77), "Characters", "large.png"))
			if res := s.once(); res.Counts[drop.Imported] != len(sums) {
				t.Fatalf("%+v", res)
			}
			before := s.exactlyOnce(sums...)
			created := s.asked(standin.OpCreate)

			s.loseLedger()
			if play.NoAssetSize {
				s.knowOfLoss()
			}
			s.config.Watches[0].Collections = []string{"made since"}
			s.config.Watches[0].AfterUpload, s.config.Watches[0].MoveTo = "move", s.path("Uploaded")
			// Another content of a name and size that Scenario has.
			fresh := s.save(noise(1000, 99), "Props", "albedo.png")
			if res := s.once(); res.Counts[drop.Imported] != len(sums)+1 || res.NeedDecision != 0 {
				t.Fatalf("%+v", res)
			}
			after := s.exactlyOnce(append(sums, fresh)...)
			for _, sum := range sums {
				if after[sum].ID != before[sum].ID || len(after[sum].Collections) != 1 {
					t.Errorf("%s was %+v and is %+v", sum[:8], before[sum], after[sum])
				}
			}
			if n := s.asked(standin.OpCreate) - created; n != 1 {
				t.Errorf("%d uploads were made, want that of the new content", n)
			}
			if n := s.asked(standin.OpDownload); n > 2*len(sums) { // each once, and where it is sent to
				t.Errorf("%d downloads for %d assets", n, len(sums))
			}
			// What is proven is as good as sent: the files are moved.
			if _, err := os.Stat(s.path("Characters", "large.png")); err == nil {
				t.Error("a file whose content Scenario is known to hold was not moved")
			}
		})
	}
}

// Thousands of different files of one name and one size are sent on a first start, though
// Scenario has such assets already: none is asked about, each asset is fetched once, and the
// list is read once.
func TestSameNameAndSizeAreToldByBytes(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Textures")
	files := 5000
	if testing.Short() {
		files = 500
	}
	sums, there := s.texturesAtScenario(40)
	sums = append(sums, s.texturesToSend(files, 15, there)...)
	pages := s.asked(standin.OpAssets)
	if res := s.once(); res.Counts[drop.Imported] != files || res.NeedDecision != 0 || res.Stuck != 0 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sums...)
	if n := s.asked(standin.OpDownload); n != there {
		t.Errorf("%d downloads, want each of the %d assets once", n, there)
	}
	if n := s.asked(standin.OpAssets) - pages; n > 1 {
		t.Errorf("%d pages were read", n)
	}
}

// A restart in the middle of that fetches nothing again.
func TestWhatWasFetchedIsRemembered(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Textures")
	sums, there := s.texturesAtScenario(40)
	sums = append(sums, s.texturesToSend(400, 15, there)...)
	d, stop := s.run()
	s.until("some are imported", func() bool {
		now, err := d.Snapshot(t.Context())
		return err == nil && now.Counts[drop.Imported] > 50
	}, func() string { return fmt.Sprint(s.server.Account().Requests) })
	stop()
	if n := s.asked(standin.OpDownload); n != there {
		t.Errorf("%d downloads, want each of the %d assets once", n, there)
	}
	if res := s.once(); res.NeedDecision != 0 || res.Stuck != 0 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sums...)
	// What the first start made is listed, and not known for as long as its import is followed.
	if n := s.asked(standin.OpDownload); n > there+64 {
		t.Errorf("%d downloads, though the %d assets were fetched before", n, there)
	}
}

// texturesAtScenario makes assets that no ledger knows, of one name and size, and returns
// their contents.
func (s *studio) texturesAtScenario(n int) (sums []string, there int) {
	s.t.Helper()
	for i := range n {
		sums = append(sums, s.save(noise(300, uint64(i)), "Textures", fmt.Sprint(i), "albedo.png"))
	}
	if res := s.once(); res.Counts[drop.Imported] != n {
		s.t.Fatalf("%+v", res)
	}
	s.loseLedger()
	if err := os.RemoveAll(s.path("Textures")); err != nil {
		s.t.Fatal(err)
	}
	return sums, n
}

// texturesToSend saves files of that name and size, of which some are what Scenario has, and
// returns the contents of the others.
func (s *studio) texturesToSend(files, same, there int) (sums []string) {
	s.t.Helper()
	for i := range files {
		sum := s.save(noise(300, uint64(there-same+i)), "Textures", fmt.Sprint(i), "albedo.png")
		if i >= same {
			sums = append(sums, sum)
		}
	}
	return sums
}

// What was saved after the start does not wait for the list of what Scenario holds, however
// long that takes, nor for anything that is being compared.
func TestNewFilesDoNotWaitForTheList(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]standin.Fault{
		"the list":      {Op: standin.OpAssets, Do: standin.DoStall, Skip: 1, Times: -1},
		"the downloads": {Op: standin.OpDownload, Do: standin.DoStall, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{ImportDelay: -1}, "Characters")
			const files = 250 // more than files at once, and than two pages
			var sums []string
			for i := range files {
				sums = append(sums, s.save(noise(500, uint64(i)), "Characters", fmt.Sprintf("%d.png", i)))
			}
			if res := s.once(); res.Counts[drop.Imported] != files {
				t.Fatalf("%+v", res)
			}
			s.loseLedger()
			s.server.Inject(fault)
			d, _ := s.run()
			s.until("the old files wait", func() bool {
				return s.server.Account().Fired > 0
			}, func() string { return fmt.Sprint(s.server.Account().Requests) })
			sums = append(sums, s.save(noise(500, 1000), "Characters", "new.png"))
			s.await(drop.Imported, "Characters", "new.png")
			it := s.await(drop.Queued, "Characters", "0.png")
			if it.Reason != drop.ReasonReconciling || it.Detail == "" {
				t.Errorf("an old file is %s: %q", it.Reason, it.Detail)
			}
			s.server.ClearFaults()
			s.until("the old files are what they were", func() bool {
				now, err := d.Snapshot(t.Context())
				return err == nil && now.Counts[drop.Imported] == files+1
			}, func() string { return fmt.Sprint(s.server.Account().Requests) })
			s.exactlyOnce(sums...)
		})
	}
}

// Where an asset's bytes cannot be had, or too much would have to be fetched, a person is
// asked, and told why.
func TestWhatCannotBeComparedIsAsked(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Characters")
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	s.once()
	s.loseLedger()
	s.withhold()
	if res := s.once(); res.NeedDecision != 1 {
		t.Fatalf("%+v", res)
	}
	it, err := s.item("Characters", "a.png")
	if asset := s.exactlyOnce(sum)[sum].ID; err != nil || it.Reason != drop.ReasonPossibleDuplicate || len(it.Candidates) != 1 || it.Candidates[0] != asset {
		t.Errorf("%+v, %v", it, err)
	}
}
