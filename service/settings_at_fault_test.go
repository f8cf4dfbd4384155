package service

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
	"scenario-drop/uploader"
)

// atFault returns what a daemon says of a folder.
func atFault(t *testing.T, d *Daemon, folder string) string {
	t.Helper()
	snapshot, err := d.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range snapshot.Folders {
		if f.Path == folder {
			return f.Trouble
		}
	}
	t.Fatalf("there is no folder %s", folder)
	return ""
}

// A wrong collection_ids is the folder's trouble, told once and without a storm; its files
// wait, across restarts, and go once the config is corrected. Other folders go on.
func TestWrongCollectionIsTheFoldersTrouble(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Props", "Characters")
	s.config.Watches[0].CollectionIDs = []string{"collection_nope"}
	var sums []string
	for i := range 100 {
		sums = append(sums, s.save(noise(1000, uint64(i)), "Props", fmt.Sprintf("%d.png", i)))
	}
	other := s.save(noise(1000, 1000), "Characters", "orc.png")
	res := s.once()
	if res.Counts[drop.Imported] != 1 || res.Counts[drop.Failed]+res.Stuck != 0 || res.InFolders != 100 || len(res.AtFault) != 1 {
		t.Fatalf("%+v", res)
	}
	for _, want := range []string{"collection_nope", "collection_ids", s.path("Props"), "Correct"} {
		if !strings.Contains(res.AtFault[0], want) {
			t.Errorf("%q does not name %q", res.AtFault[0], want)
		}
	}
	it, err := s.item("Props", "1.png")
	if err != nil || it.State != drop.Queued || it.Attempts != 0 {
		t.Errorf("%+v, %v", it, err)
	}

	// Again, and as a daemon: hardly anything is asked, and it is told all the same.
	before := s.server.Account().Requests
	if res := s.once(); res.InFolders != 100 || len(res.AtFault) != 1 {
		t.Errorf("the next pass: %+v", res)
	}
	d, stop := s.run()
	s.until("the folder's trouble is told", func() bool { return strings.Contains(atFault(t, d, s.path("Props")), "collection_nope") }, func() string { return "it is not" })
	after := s.server.Account().Requests
	if n := after[standin.OpCreate] - before[standin.OpCreate] + after[standin.OpCollection] - before[standin.OpCollection]; n > 4 {
		t.Errorf("%d requests for a setting that is known to be at fault", n)
	}
	stop()
	if offline, err := OfflineSnapshot(t.Context(), s.config); err != nil || !strings.Contains(offline.Folders[0].Trouble, "collection_nope") {
		t.Errorf("while nothing runs: %+v, %v", offline.Folders, err)
	}

	s.config.Watches[0].CollectionIDs = []string{s.server.AddCollection("Props")}
	if res := s.once(); res.Counts[drop.Imported] != 100 || len(res.AtFault) != 0 {
		t.Errorf("once the config is corrected: %+v", res)
	}
	for sum, asset := range s.exactlyOnce(append(sums, other)...) {
		if sum != other && len(asset.Collections) != 1 {
			t.Errorf("%s is in %v", asset.Name, asset.Collections)
		}
	}
}

// A running daemon takes the files up by itself, also when it is at Scenario that the
// setting comes to be in order.
func TestSettingsMendedWhileRunning(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Props")
	s.config.Watches[0].Collections = []string{"Props"}
	s.server.Inject(standin.Fault{Op: standin.OpCollectionCreate, Do: standin.DoStatus, Status: 403, Body: standin.GatewayForbidden, Times: -1})
	sum := s.save(noise(1000, 1), "Props", "axe.png")
	log := &lines{}
	s.logger = log.logger()
	d, _ := s.run(func(d *Daemon) {
		d.engine.remake(func(o *uploader.Options) { o.SettingsEvery = 100 * time.Millisecond })
	})
	s.until("the folder's trouble is told", func() bool { return strings.Contains(atFault(t, d, s.path("Props")), `"Props"`) }, func() string { return "it is not" })
	if got := atFault(t, d, s.path("Props")); !strings.Contains(got, "API Keys cannot access") || !strings.Contains(got, "Make it at Scenario yourself") {
		t.Errorf("%q", got)
	}
	s.server.AddCollection("Props")
	s.await(drop.Imported, "Props", "axe.png")
	if held := s.exactlyOnce(sum); len(held[sum].Collections) != 1 {
		t.Errorf("%+v", held[sum])
	}
	if got := atFault(t, d, s.path("Props")); got != "" {
		t.Errorf("it is still said: %q", got)
	}
	if n, m := len(log.with("a setting of a folder is at fault")), len(log.with("in order again")); n != 1 || m != 1 || len(log.with("put off")) != 0 {
		t.Errorf("the log says %d times that it is at fault, and %d times that it is in order:\n%s", n, m, log.String())
	}
}

// A single pass goes on with what waited once it is at Scenario that the setting was mended.
func TestSettingsMendedBetweenPasses(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Props")
	s.config.Watches[0].Collections = []string{"Props"}
	s.server.Inject(standin.Fault{Op: standin.OpCollectionCreate, Do: standin.DoStatus, Status: 429, Body: standin.PlanLimitReached, Times: -1})
	sum := s.save(noise(1000, 1), "Props", "axe.png")
	for range 2 {
		if res := s.once(); res.InFolders != 1 || len(res.AtFault) != 1 || !strings.Contains(res.AtFault[0], "You have reached your plan's limit") {
			t.Fatalf("%+v", res)
		}
	}
	s.server.AddCollection("Props")
	if res := s.once(); res.Counts[drop.Imported] != 1 || len(res.AtFault) != 0 {
		t.Errorf("%+v", res)
	}
	s.exactlyOnce(sum)
}

// A collection of the config that is deleted at Scenario is the folder's trouble too.
func TestCollectionOfTheConfigDeleted(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Props")
	id := s.server.AddCollection("Props")
	s.config.Watches[0].CollectionIDs = []string{id}
	s.save(noise(1000, 1), "Props", "a.png")
	s.once()
	s.server.Delete(id)
	s.save(noise(1000, 2), "Props", "b.png")
	if res := s.once(); res.InFolders != 1 || len(res.AtFault) != 1 || res.Counts[drop.Failed] != 0 {
		t.Errorf("%+v", res)
	}
}

// A collection of another project than the config's is not there for it.
func TestCollectionOfAnotherProject(t *testing.T) {
	s := newStudio(t, standin.Options{Projects: []string{"proj_a", "proj_b"}}, "Props")
	s.config.Watches[0].CollectionIDs = []string{s.server.AddCollection("Props")} // of proj_a
	s.config.Scenario.ProjectID = "proj_b"
	sum := s.save(noise(1000, 1), "Props", "a.png")
	if res := s.once(); res.InFolders != 1 || len(res.AtFault) != 1 || !strings.Contains(res.AtFault[0], "proj_b") || !strings.Contains(res.AtFault[0], "project_id") {
		t.Errorf("%+v", res)
	}
	s.config.Scenario.ProjectID = "proj_a"
	if res := s.once(); res.Counts[drop.Imported] != 1 || len(res.AtFault) != 0 {
		t.Errorf("in the right project: %+v", res)
	}
	s.exactlyOnce(sum)
}

// A model whose collection_ids is wrong is imported, and joins once that is corrected: it
// names no collections when it is sent.
func TestWrongCollectionOfModels(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Models")
	s.config.Watches[0].Kind, s.config.Watches[0].OnChange = "model", "new"
	s.config.Watches[0].CollectionIDs = []string{"collection_nope"}
	sum := s.save(noise(1000, 1), "Models", "style.bin")
	if res := s.once(); len(res.AtFault) != 1 || res.InFolders != 1 {
		t.Errorf("%+v", res)
	}
	if it, err := s.item("Models", "style.bin"); err != nil || it.State != drop.Linking || !it.Unfinished() {
		t.Errorf("%+v, %v", it, err)
	}
	s.config.Watches[0].CollectionIDs = []string{s.server.AddCollection("Styles")}
	if res := s.once(); res.Counts[drop.Imported] != 1 || len(res.AtFault) != 0 {
		t.Errorf("%+v", res)
	}
	if held := s.exactlyOnce(sum); len(held[sum].Collections) != 1 {
		t.Errorf("%+v", held[sum])
	}
}

// A version whose parent is gone is sent without it, and its history says so.
func TestParentGone(t *testing.T) {
	for _, answer := range []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity} {
		t.Run(fmt.Sprint(answer), func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{Behavior: standin.Behavior{UnknownParent: answer}}, "Characters")
			s.save(png(1), "Characters", "orc.png")
			s.once()
			it, err := s.item("Characters", "orc.png")
			s.must(err)
			if !s.server.Delete(it.Asset) {
				t.Fatal("there is no such asset")
			}
			sums := []string{s.save(png(2), "Characters", "orc.png")}
			if res := s.once(); res.Counts[drop.Imported] != 1 {
				t.Fatalf("%+v", res)
			}
			gone := it.Asset
			it, err = s.item("Characters", "orc.png")
			s.must(err)
			if sentence := status.Sentence(it, time.Now()); it.Reason != drop.ReasonWithoutParent || !strings.Contains(sentence, "without its parent "+gone) {
				t.Errorf("the history says %q", sentence)
			}
			// The version after it derives from it again.
			sums = append(sums, s.save(png(3), "Characters", "orc.png"))
			s.once()
			if held := s.exactlyOnce(sums...); held[sums[0]].ParentID != "" || held[sums[1]].ParentID != held[sums[0]].ID {
				t.Errorf("%+v", held)
			}
		})
	}
}

// What parent_id of the config names and Scenario does not have is left out, and told as
// the folder's trouble until the config is corrected.
func TestParentOfTheConfigGone(t *testing.T) {
	s := newStudio(t, standin.Options{Behavior: standin.Behavior{UnknownParent: 422}}, "Characters")
	s.config.Watches[0].ParentID = "asset_nowhere"
	var sums []string
	for i := range 20 {
		sums = append(sums, s.save(noise(1000, uint64(i)), "Characters", fmt.Sprintf("%d.png", i)))
	}
	res := s.once()
	if res.Counts[drop.Imported] != 20 || res.InFolders != 0 || len(res.AtFault) != 1 || !strings.Contains(res.AtFault[0], "asset_nowhere") || !strings.Contains(res.AtFault[0], "parent_id") {
		t.Fatalf("%+v", res)
	}
	it, err := s.item("Characters", "3.png")
	if err != nil || !strings.Contains(status.Words(it.Detail), "without its parent asset_nowhere") {
		t.Errorf("%+v, %v", it, err)
	}
	before := s.server.Account().Requests[standin.OpCreate]
	sums = append(sums, s.save(noise(1000, 100), "Characters", "later.png"))
	s.once()
	if n := s.server.Account().Requests[standin.OpCreate] - before; n != 1 {
		t.Errorf("%d uploads were asked for, want 1: the parent is known to be gone", n)
	}
	held := s.exactlyOnce(sums...)
	s.config.Watches[0].ParentID = held[sums[0]].ID
	sums = append(sums, s.save(noise(1000, 101), "Characters", "last.png"))
	if res := s.once(); len(res.AtFault) != 0 {
		t.Errorf("%+v", res)
	}
	held = s.exactlyOnce(sums...)
	if got := held[sums[len(sums)-1]]; got.ParentID != held[sums[0]].ID {
		t.Errorf("%+v", got)
	}
}

// At most so many collections are made for subfolders without being asked; files of
// others, and those whose collections are there, are sent.
func TestSubfolderCollectionsAreBounded(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].SubfolderCollections = true
	there := s.server.AddCollection("There already")
	for i := range 60 {
		s.save(noise(1000, uint64(i)), "Characters", fmt.Sprintf("Orcs %02d", i), "orc.png")
	}
	old := s.save(noise(1000, 1000), "Characters", "There already", "elf.png")
	res := s.once()
	if n := len(s.server.Account().Collections); n != 51 {
		t.Errorf("there are %d collections, want the one of before and 50", n)
	}
	if res.Counts[drop.Imported] != 51 || res.InFolders != 10 || len(res.AtFault) != 1 || !strings.Contains(res.AtFault[0], "max_new_collections") || !strings.Contains(res.AtFault[0], "50") {
		t.Errorf("%+v", res)
	}
	if held := s.server.Account().BySHA256()[old]; len(held) != 1 || held[0].Collections[0] != there {
		t.Errorf("%+v", held)
	}
	lists := s.server.Account().Requests[standin.OpCollections]
	if lists > 100 {
		t.Errorf("Scenario's collections were listed %d times", lists)
	}
	d, stop := s.run() // and a restart makes no more
	s.until("the folder's trouble is told", func() bool { return strings.Contains(atFault(t, d, s.path("Characters")), "max_new_collections") }, func() string { return "it is not" })
	stop()
	if n := len(s.server.Account().Collections); n != 51 {
		t.Errorf("there are %d collections after a restart", n)
	}
	if wrong := SettingsOnlyUploadsKnow(t.Context(), s.config)[s.path("Characters")]; !wrong.Is(drop.TextTooManyCollections) {
		t.Errorf("check is told %q", wrong)
	}
	s.config.Watches[0].MaxNewCollections = 100
	if res := s.once(); res.Counts[drop.Imported] != 10 || len(res.AtFault) != 0 {
		t.Errorf("once more are allowed: %+v", res)
	}
}

// png is a small picture, each of other bytes.
func png(n int) []byte {
	return append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"+
		"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"), byte(n))
}
