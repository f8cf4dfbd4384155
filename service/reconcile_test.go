package service

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// loseLedger removes everything that the product knows, its backups included.
func (s *studio) loseLedger() {
	s.t.Helper()
	if err := os.RemoveAll(s.config.DataDir); err != nil {
		s.t.Fatal(err)
	}
}

// knowOfLoss makes a ledger that knows that the one before is lost.
func (s *studio) knowOfLoss() {
	s.t.Helper()
	s.inLedger(func(l *ledger.Ledger) error {
		return l.SetUnreconciled(s.t.Context(), ledger.Unreconciled{Before: time.Now(), Lost: true})
	})
}

func (s *studio) inLedger(change func(l *ledger.Ledger) error) {
	s.t.Helper()
	if err := os.MkdirAll(s.config.DataDir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	l, err := ledger.Open(s.t.Context(), LedgerPath(s.config.DataDir), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := change(l); err != nil {
		s.t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// withhold has Scenario hand out no asset's bytes, so that a person has to decide what only
// looks like a file.
func (s *studio) withhold() {
	s.server.Inject(standin.Fault{Op: standin.OpDownload, Do: standin.DoStatus, Status: 403, Times: -1})
}

// asked returns how often the server was asked for something.
func (s *studio) asked(op string) int { return s.server.Account().Requests[op] }

// awaitDecision waits until so many files wait for an answer and nothing moves.
func (s *studio) awaitDecision(d *Daemon, want int) {
	s.t.Helper()
	asking, waiting := 0, 0
	s.until(fmt.Sprintf("%d files wait for an answer", want), func() bool {
		now, err := d.Snapshot(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		asking, waiting = now.NeedDecision, now.Waiting()
		return asking == want && waiting == 0
	}, func() string { return fmt.Sprintf("%d do, %d are on their way", asking, waiting) })
}

// After the ledger was lost without anybody knowing, and where Scenario hands out no bytes to
// compare with, nothing is sent that Scenario seems to hold: the files wait for the user's
// word, quietly, and are then what they were.
func TestLostLedgerAsksAndLinks(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.withhold()
	s.config.Watches[0].Collections = []string{"Characters"}
	s.config.Watches[1].CollectionIDs = []string{s.server.AddCollection("props")}
	const files = 30
	var sums []string
	names := map[string][]string{}
	for i := range files {
		place := []string{"Characters", fmt.Sprintf("%d.png", i)}
		if i%3 == 0 {
			place[0] = "Props"
		}
		sum := s.save(noise(1000+i, uint64(i)), place...)
		sums, names[sum] = append(sums, sum), place
	}
	if res := s.once(); res.Counts[drop.Imported] != files || res.NeedDecision != 0 {
		t.Fatalf("%+v", res)
	}
	before := s.exactlyOnce(sums...)
	created, listed := s.asked(standin.OpCreate), s.asked(standin.OpAssets)

	s.loseLedger()
	saved := s.save(noise(5000, 99), "Characters", "made while it was lost.png") // Scenario does not have it
	d, stop := s.run()
	sums = append(sums, saved)
	s.await(drop.Imported, "Characters", "made while it was lost.png")
	s.awaitDecision(d, files)
	if n := s.asked(standin.OpCreate); n != created+1 {
		t.Errorf("%d uploads were created anew, want that of the new file only", n-created)
	}
	if n := s.asked(standin.OpAssets); n != listed+2 {
		t.Errorf("the assets were listed %d times, want once for each collection", n-listed)
	}
	for sum, place := range names {
		it, err := s.item(place...)
		if err != nil || it.Reason != drop.ReasonPossibleDuplicate || !strings.Contains(status.Words(it.Detail), before[sum].ID) || !it.Reason.Has(drop.ActionUseExisting) {
			t.Errorf("%v: %q %q, %v", place, it.Reason, it.Detail, err)
		}
	}

	// They stay quiet, over scans and over restarts.
	all := func() (n int) {
		for _, count := range s.server.Account().Requests {
			n += count
		}
		return n
	}
	was := all()
	if n, err := d.Retry(t.Context(), nil); err != nil || n != 0 { // scans, too
		t.Errorf("retry of everything let %d files go, %v", n, err)
	}
	stop()
	for range 2 {
		if res := s.once(); res.NeedDecision != files || len(res.Counts) != 0 {
			t.Errorf("%+v", res)
		}
	}
	d, _ = s.run()
	s.awaitDecision(d, files)
	if now := all(); now != was {
		t.Errorf("%d requests were made for files that wait: %v", now-was, s.server.Account().Requests)
	}

	// A new version of one is sent as any other, as is one that the user names.
	changed := s.save(noise(7000, 98), "Characters", "1.png")
	s.await(drop.Imported, "Characters", "1.png")
	sums = append(sums, changed)
	if n, err := d.Retry(t.Context(), []string{s.path("Characters", "2.png")}); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	sent := s.await(drop.Imported, "Characters", "2.png")
	if sum := fmt.Sprintf("%x", sent.SHA256); len(s.server.Account().BySHA256()[sum]) != 2 {
		t.Error("what the user wants sent was not sent")
	} else if !s.server.Delete(sent.Asset) {
		t.Error("it cannot be deleted again")
	}

	if a, err := d.LinkExisting(t.Context(), nil); err != nil || a != (ledger.LinkedExisting{Queued: files - 2}) {
		t.Fatalf("adopt: %+v, %v", a, err)
	}
	uploads := len(s.server.Account().Uploads)
	for sum, place := range names {
		if place[1] == "1.png" || place[1] == "2.png" {
			continue
		}
		it := s.await(drop.Imported, place...)
		if it.Asset != before[sum].ID || fmt.Sprintf("%x", it.SHA256) != sum || it.Reason != drop.ReasonLinkedExisting {
			t.Errorf("%v is %s (%s), want %s", place, it.Asset, it.Reason, before[sum].ID)
		}
	}
	// What was adopted is known by its content.
	s.save(noise(1005, 5), "Props", "a copy.png")
	if it := s.await(drop.Imported, "Props", "a copy.png"); it.Asset != before[sums[5]].ID {
		t.Errorf("the copy is %s", it.Asset)
	}
	if n := len(s.server.Account().Uploads); n != uploads {
		t.Errorf("%d uploads were made", n-uploads)
	}
	s.exactlyOnce(sums...)
}

// When it is known that a ledger is lost and Scenario cannot be asked what it holds,
// nothing is sent but what the user names. When nothing is known of a loss, all is sent.
func TestLostLedgerWithoutAList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		play  standin.Behavior
		fault *standin.Fault
	}{
		"no such call":          {play: standin.Behavior{NoAssetList: true}},
		"not with this key":     {fault: &standin.Fault{Op: standin.OpAssets, Do: standin.DoStatus, Status: 403, Times: -1}},
		"an answer of no sense": {fault: &standin.Fault{Op: standin.OpAssets, Do: standin.DoStatus, Status: 418, Times: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{Behavior: c.play}, "Characters")
			if c.fault != nil {
				s.server.Inject(*c.fault)
			}
			const files = 5
			var sums []string
			for i := range files {
				sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprintf("%d.png", i)))
			}
			if res := s.once(); res.Counts[drop.Imported] != files {
				t.Fatalf("a first start: %+v", res)
			}
			s.loseLedger()
			s.knowOfLoss()
			if res := s.once(); res.Counts[drop.Held] != files || res.NeedDecision != files {
				t.Errorf("after the loss: %+v", res)
			}
			it, err := s.item("Characters", "0.png")
			if err != nil || it.Reason != drop.ReasonCannotReconcile || !strings.Contains(status.Words(it.Detail), "cannot be found out") || !it.Reason.Has(drop.ActionUploadAgain) {
				t.Errorf("%q %q, %v", it.Reason, it.Detail, err)
			}
			// Everything again is not sent, but compared again, to the same end.
			if n, err := RetryOffline(t.Context(), s.config, nil); err != nil || n != files {
				t.Errorf("retry of everything: %d, %v", n, err)
			}
			if res := s.once(); res.NeedDecision != files {
				t.Errorf("%+v", res)
			}
			if a, err := LinkExistingOffline(t.Context(), s.config.DataDir, nil); err != nil || a != (ledger.LinkedExisting{Unknown: files}) {
				t.Errorf("adopt: %+v, %v", a, err)
			}
			s.exactlyOnce(sums...)
			if n, err := RetryOffline(t.Context(), s.config, []string{s.path("Characters", "3.png")}); err != nil || n != 1 {
				t.Errorf("retry of one: %d, %v", n, err)
			}
			if res := s.once(); res.Counts[drop.Imported] != 1 || res.NeedDecision != files-1 {
				t.Errorf("%+v", res)
			}
			if n := len(s.server.Account().Assets); n != files+1 {
				t.Errorf("%d assets, want one more than before", n)
			}
		})
	}
}

// A key that is refused altogether is no answer about the list.
func TestLostLedgerAndARefusedKey(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.save(noise(1000, 1), "Characters", "a.png")
	s.knowOfLoss()
	s.config.Scenario.Credentials.Secret = "wrong"
	if res := s.once(); res.Unreachable == "" || res.NeedDecision != 0 || res.Waiting != 1 {
		t.Errorf("%+v", res)
	}
}

// A user's first start over files from before sends them, whatever else the project has.
func TestFirstStartSendsWhatIsThere(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Elsewhere")
	for i := range 120 { // more than a page
		s.save(noise(1000, uint64(i)), "Elsewhere", fmt.Sprintf("other-%d.png", i))
	}
	if res := s.once(); res.Counts[drop.Imported] != 120 {
		t.Fatalf("%+v", res)
	}
	s.loseLedger()
	s.config.Watches[0].Path = s.path("Characters")
	for i := range 20 {
		s.save(noise(1000, uint64(1000+i)), "Characters", fmt.Sprintf("%d.png", i))
	}
	listed := s.asked(standin.OpAssets)
	if res := s.once(); res.Counts[drop.Imported] != 20 || res.NeedDecision != 0 {
		t.Errorf("%+v", res)
	}
	if n := s.asked(standin.OpAssets) - listed; n != 2 {
		t.Errorf("%d requests for the list, want its two pages once", n)
	}
}

// Files of one name and size are told apart by what the ledger knows of their assets: a
// restart in the middle of a first start holds nobody up.
func TestSameNamesOfTheFirstStart(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	first := s.save(noise(1000, 1), "Characters", "orc", "albedo.tga")
	if res := s.once(); res.Counts[drop.Imported] != 1 {
		t.Fatalf("%+v", res)
	}
	second := s.save(noise(1000, 2), "Characters", "elf", "albedo.tga")
	s.inLedger(func(l *ledger.Ledger) error {
		return l.SetUnreconciled(t.Context(), ledger.Unreconciled{Before: time.Now().Add(time.Hour)})
	})
	if res := s.once(); res.Counts[drop.Imported] != 1 || res.NeedDecision != 0 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(first, second)
}

// Several files that could be one of several assets become one each, if their contents
// differ; what no asset is left for is not sent either.
func TestLinkPairs(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.withhold()
	var sums []string
	for i := range 3 {
		sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprint(i), "albedo.tga"))
	}
	s.save(noise(1000, 0), "Characters", "copy", "albedo.tga")
	if res := s.once(); res.Counts[drop.Imported] != 4 {
		t.Fatalf("%+v", res)
	}
	one := s.exactlyOnce(sums...)
	s.loseLedger()
	if res := s.once(); res.NeedDecision != 4 {
		t.Fatalf("%+v", res)
	}
	if !s.server.Delete(one[sums[2]].ID) {
		t.Fatal("there is nothing to delete")
	}
	if a, err := LinkExistingOffline(t.Context(), s.config.DataDir, nil); err != nil || a.Queued != 4 {
		t.Fatalf("%+v, %v", a, err)
	}
	uploads := len(s.server.Account().Uploads)
	if res := s.once(); res.Counts[drop.Imported]+res.Counts[drop.Held] != 4 || res.NeedDecision == 0 || res.NeedDecision != res.Counts[drop.Held] {
		t.Errorf("%+v", res)
	}
	if n := len(s.server.Account().Uploads); n != uploads {
		t.Errorf("%d uploads were made", n-uploads)
	}
	contents := map[string]string{}
	for _, place := range []string{"0", "1", "2", "copy"} {
		it, err := s.item("Characters", place, "albedo.tga")
		switch {
		case err != nil:
			t.Fatal(err)
		case it.State == drop.Held && it.Reason == drop.ReasonCannotReconcile:
			continue
		}
		if sum, taken := contents[it.Asset]; taken && sum != string(it.SHA256) {
			t.Errorf("%s is two contents", it.Asset)
		}
		contents[it.Asset] = string(it.SHA256)
	}
	if len(contents) != 2 {
		t.Errorf("the files are %d assets, want 2", len(contents))
	}
}

// An adoption that is interrupted anywhere goes on where it was, also where a collection
// is still to be joined.
func TestLinkingInterrupted(t *testing.T) {
	t.Parallel()
	for _, op := range []string{standin.OpAsset, standin.OpLink} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			s.withhold()
			sum := s.save(noise(1000, 1), "Characters", "a.png")
			if res := s.once(); res.Counts[drop.Imported] != 1 {
				t.Fatalf("%+v", res)
			}
			s.loseLedger()
			s.config.Watches[0].Collections = []string{"made since"}
			d, stop := s.run()
			s.awaitDecision(d, 1)
			fired := s.server.Account().Fired
			s.server.Inject(standin.Fault{Op: op, Do: standin.DoStall})
			if a, err := d.LinkExisting(t.Context(), []string{s.path("Characters", "a.png")}); err != nil || a.Queued != 1 {
				t.Fatalf("%+v, %v", a, err)
			}
			s.until("the adoption is under way", func() bool { return s.server.Account().Fired == fired+1 }, func() string { return "" })
			stop()
			if it, err := s.item("Characters", "a.png"); err != nil || it.State == drop.Imported || it.Answer != ledger.LinkExisting {
				t.Errorf("when it was interrupted: %+v, %v", it, err)
			}
			s.run()
			it := s.await(drop.Imported, "Characters", "a.png")
			asset := s.exactlyOnce(sum)[sum]
			if it.Asset != asset.ID || len(asset.Collections) != 1 {
				t.Errorf("it is %s in %v", it.Asset, asset.Collections)
			}
		})
	}
}

// What was adopted was never compared, so nothing local is removed for it: neither the file
// nor a copy of it.
func TestLinkedFilesStay(t *testing.T) {
	for _, after := range []string{"move", "trash"} {
		t.Run(after, func(t *testing.T) {
			s := newStudio(t, standin.Options{}, "Characters")
			s.withhold()
			t.Setenv("XDG_DATA_HOME", s.path("xdg"))
			sum := s.save(noise(1000, 1), "Characters", "a.png")
			s.once()
			s.loseLedger()
			s.config.Watches[0].AfterUpload, s.config.Watches[0].MoveTo = after, s.path("Characters", "Uploaded")
			s.once()
			if a, err := LinkExistingOffline(t.Context(), s.config.DataDir, nil); err != nil || a.Queued != 1 {
				t.Fatalf("%+v, %v", a, err)
			}
			s.once()
			s.save(noise(1000, 1), "Characters", "copy.png")
			s.once()
			for _, name := range []string{"a.png", "copy.png"} {
				it := s.await(drop.Imported, "Characters", name)
				if !strings.Contains(status.Words(it.Detail), "stays where it is") {
					t.Errorf("%s: %q", name, it.Detail)
				}
				if _, err := os.Stat(s.path("Characters", name)); err != nil {
					t.Error(err)
				}
			}
			s.exactlyOnce(sum)
		})
	}
}

// An asset that was deleted by the time it is adopted is not made anew unasked.
func TestLinkWhatIsGone(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	s.withhold()
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	s.once()
	s.loseLedger()
	s.once()
	s.server.Delete(s.exactlyOnce(sum)[sum].ID)
	if a, err := LinkExistingOffline(t.Context(), s.config.DataDir, nil); err != nil || a.Queued != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	if res := s.once(); res.NeedDecision != 1 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce()
	// Looked into again, there is nothing that it could be any more.
	if n, err := RetryOffline(t.Context(), s.config, nil); err != nil || n != 1 {
		t.Errorf("%d, %v", n, err)
	}
	if res := s.once(); res.Counts[drop.Imported] != 1 || res.NeedDecision != 0 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sum)
}

// Models are not listed; after a known loss they wait.
func TestLostModels(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Models")
	s.config.Watches[0].Kind = "model"
	s.save(noise(1000, 1), "Models", "lora.safetensors.bin")
	s.knowOfLoss()
	if res := s.once(); res.NeedDecision != 1 || s.asked(standin.OpAssets) != 0 {
		t.Errorf("%+v", res)
	}
	s.loseLedger()
	if res := s.once(); res.Counts[drop.Imported] != 1 {
		t.Errorf("%+v", res)
	}
}

// A list that comes with trouble is read to its end: no fault of the network turns into
// a file sent twice or given up.
func TestLostLedgerOnABadNetwork(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "Characters")
	const files = 120 // more than a page
	for i := range files {
		s.save(noise(1000+i, uint64(i)), "Characters", fmt.Sprintf("%d.png", i))
	}
	if res := s.once(); res.Counts[drop.Imported] != files {
		t.Fatalf("%+v", res)
	}
	created := s.asked(standin.OpCreate)
	s.loseLedger()
	troubles := []standin.Fault{
		{Do: standin.DoDrop, Reset: true}, {Do: standin.DoGarbage}, {Do: standin.DoStatus, Status: 429, RetryAfter: "1"},
		{Do: standin.DoStatus, Status: 502}, {Do: standin.DoHTML},
	}
	for _, f := range troubles {
		f.Op, f.Skip = standin.OpAssets, 1
		s.server.Inject(f)
	}
	for _, f := range []standin.Fault{{Do: standin.DoDrop, Reset: true}, {Do: standin.DoStatus, Status: 503}} {
		f.Op, f.Skip = standin.OpDownload, 10
		s.server.Inject(f)
	}
	if res := s.once(); res.Counts[drop.Imported] != files || res.Stuck != 0 || res.NeedDecision != 0 {
		t.Errorf("%+v", res)
	}
	if fired := s.server.Account().Fired; fired != len(troubles)+2 || s.asked(standin.OpCreate) != created {
		t.Errorf("%d faults struck, %d uploads were created", fired, s.asked(standin.OpCreate)-created)
	}
}

// Verify says which files Scenario seems to hold, and changes nothing.
func TestVerifyFindsPossibleDuplicates(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{}, "Characters")
	sum := s.save(noise(1000, 1), "Characters", "a.png")
	s.once()
	asset := s.exactlyOnce(sum)[sum].ID
	s.loseLedger()
	s.save(noise(1001, 2), "Characters", "new.png")
	api, err := NewClient(s.config, s.log())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	codes := func(api *scenario.Client) map[string]string {
		t.Helper()
		got := map[string]string{}
		if _, err := Verify(t.Context(), s.config, api, s.log(), func(v Verified) {
			for _, d := range v.Differences {
				got[filepath.Base(v.Path)] += d.Code
				if d.Code == DiffPossibleDuplicate && !strings.Contains(d.Sentence, asset) {
					t.Errorf("%q does not name the asset", d.Sentence)
				}
			}
		}); err != nil {
			t.Error(err)
		}
		return got
	}
	want := map[string]string{"a.png": DiffPossibleDuplicate, "new.png": DiffUnknown}
	if got := codes(api); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("without a ledger: %v, want %v", got, want)
	}
	if _, err := os.Stat(s.config.DataDir); err == nil {
		t.Error("verify made a data directory")
	}
	want["a.png"] = DiffUnknown
	if got := codes(nil); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("without asking Scenario: %v, want %v", got, want)
	}
	s.knowOfLoss()
	want["a.png"] = DiffPossibleDuplicate
	if got := codes(api); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("with a new ledger: %v, want %v", got, want)
	}
	s.server.Inject(standin.Fault{Op: standin.OpAssets, Do: standin.DoStatus, Status: 401, Times: -1})
	_, err = Verify(context.Background(), s.config, api, s.log(), func(Verified) {})
	if scenario.ClassOf(err) != scenario.Refused {
		t.Errorf("when Scenario cannot be asked: %v", err)
	}
	s.exactlyOnce(sum)
}
