package service

import (
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

// tagged returns the tags of the one asset or model with a content.
func (s *studio) tagged(sum string) []string {
	s.t.Helper()
	return slices.Sorted(slices.Values(s.exactlyOnce(sum)[sum].Tags))
}

// A file's asset has its folder's tags, whichever way it was sent; a model, too.
func TestTagsAreSet(t *testing.T) {
	for _, way := range []string{"multipart", "moved", "model"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			w := &s.config.Watches[0]
			w.Tags, w.Collections = []string{"orc", "wip"}, []string{"Characters"}
			switch way {
			case "moved":
				w.AfterUpload, w.MoveTo = "move", s.path("Done")
			case "model":
				w.Kind, w.OnChange = "model", "new"
			}
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			s.once()
			if got := s.tagged(sum); !slices.Equal(got, []string{"orc", "wip"}) {
				t.Errorf("tags %q", got)
			}
			if it, err := s.item("Characters", "orc.png"); err != nil || it.State != drop.Imported {
				t.Errorf("%+v, %v", it, err)
			}
			s.once()
			if n := s.server.Account().Requests[standin.OpTags]; n != 1 {
				t.Errorf("%d requests for tags, want 1", n)
			}
		})
	}
}

// Content that another folder sent before gets this folder's tags, and keeps those it has.
// Tags that are taken out of the config are not taken away, and new ones are for files from then on.
func TestTagsOfKnownContent(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.config.Watches[0].Tags, s.config.Watches[1].Tags = []string{"orc"}, []string{"prop", "orc"}
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	s.once()
	s.save(noise(1000, 1), "Props", "copy.png")
	s.once()
	if got := s.tagged(sum); !slices.Equal(got, []string{"orc", "prop"}) {
		t.Errorf("after a copy in another folder: %q", got)
	}
	s.config.Watches[0].Tags, s.config.Watches[1].Tags = []string{"final"}, nil
	next := s.save(noise(1000, 2), "Characters", "next.png")
	s.once()
	held := s.exactlyOnce(sum, next)
	if len(held[sum].Tags) != 2 || !slices.Equal(held[next].Tags, []string{"final"}) {
		t.Errorf("after an edit: %q and %q", held[sum].Tags, held[next].Tags)
	}
}

// Tags that cannot be set keep no asset from being imported, stand where people look, and are
// tried again until they are set. After that a later stage goes on: the file is moved.
func TestRefusedTagsAreTriedAgain(t *testing.T) {
	for _, code := range []int{400, 404, 422, 500} {
		t.Run(map[int]string{400: "400", 404: "404", 422: "422", 500: "500"}[code], func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{}, "Characters")
			s.config.Watches[0].Tags = []string{"orc"}
			s.server.Inject(standin.Fault{Op: standin.OpTags, Do: standin.DoStatus, Status: code, Times: -1})
			sum := s.save(noise(1000, 1), "Characters", "orc.png")
			if res := s.once(); res.Stuck != 1 || res.Counts[drop.Failed] != 0 || res.Unreachable != "" {
				t.Errorf("a pass ends with %+v", res)
			}
			it, err := s.item("Characters", "orc.png")
			if err != nil || it.State != drop.Linking || it.Reason != drop.ReasonNotTagged {
				t.Fatalf("%+v, %v", it, err)
			}
			if sentence := status.Sentence(it, time.Now()); !strings.Contains(sentence, "Imported as "+it.Asset+", but its tags are not set yet.") {
				t.Error(sentence)
			}
			if files := s.troubled(); len(files) != 1 {
				t.Errorf("history --failed has %+v", files)
			}
			if codes := s.verified("Characters", "orc.png"); len(codes) != 1 || codes[0] != DiffUnfinished {
				t.Errorf("verify finds %q", codes)
			}
			if offline, err := OfflineSnapshot(t.Context(), s.config); err != nil || offline.Unfinished != 1 || !strings.Contains(offline.UnfinishedText(), "tagged") {
				t.Errorf("status says %+v, %v", offline, err)
			}
			s.server.ClearFaults()
			s.once()
			if got := s.tagged(sum); !slices.Equal(got, []string{"orc"}) || len(s.troubled()) != 0 {
				t.Errorf("with the fault mended: %q, %+v", got, s.troubled())
			}
		})
	}
}

// An asset that was deleted before its tags were set is sent again, with them.
func TestTagsOfADeletedAsset(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].Tags = []string{"orc"}
	s.server.Inject(standin.Fault{Op: standin.OpTags, Do: standin.DoStatus, Status: 422, Times: -1})
	sum := s.save(noise(1000, 1), "Characters", "orc.png")
	s.once()
	it, err := s.item("Characters", "orc.png")
	s.must(err)
	s.server.Delete(it.Asset)
	s.server.ClearFaults()
	s.once()
	if got := s.tagged(sum); !slices.Equal(got, []string{"orc"}) {
		t.Errorf("tags %q", got)
	}
	again, err := s.item("Characters", "orc.png")
	if err != nil || again.Asset == it.Asset || again.State != drop.Imported {
		t.Errorf("%+v, %v", again, err)
	}
}

// Where Scenario has no tags for models, a model is imported without, and says so.
func TestNoTagsForModels(t *testing.T) {
	s := newStudio(t, standin.Options{Behavior: standin.Behavior{NoModelTags: true}}, "Models")
	w := &s.config.Watches[0]
	w.Kind, w.OnChange, w.Tags = "model", "new", []string{"style"}
	sum := s.save(noise(1000, 1), "Models", "style.bin")
	s.once()
	s.exactlyOnce(sum)
	it, err := s.item("Models", "style.bin")
	if err != nil || it.State != drop.Imported || !strings.Contains(status.Words(it.Detail), "no tags for models") {
		t.Errorf("%+v, %v", it, err)
	}
}

// verify --remote tells of tags that were taken away at Scenario.
func TestVerifyFindsMissingTags(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].Tags = []string{"orc", "wip"}
	s.save(noise(1000, 1), "Characters", "orc.png")
	s.once()
	it, err := s.item("Characters", "orc.png")
	s.must(err)
	s.untag(it.Asset, "wip")
	if v := s.verifyRemote(); len(v.codes) != 1 || v.codes[DiffNotTagged] != 1 {
		t.Errorf("verify --remote finds %v", v.codes)
	}
}
