package service

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"scenario-drop/scenario"
	"scenario-drop/standin"
)

// verified is what a verification with Scenario found.
type verified struct {
	Verification
	codes   map[string]int // differences by code
	remote  int            // files whose asset was checked
	unknown int            // of them, with a size that nobody knows
}

func (s *studio) verifyRemote() (v verified) {
	s.t.Helper()
	api, err := NewClient(s.config, s.log())
	if err != nil {
		s.t.Fatal(err)
	}
	defer api.CloseIdleConnections()
	v.codes = map[string]int{}
	v.Verification, err = Verify(s.t.Context(), s.config, api, s.log(), func(f Verified) {
		for _, d := range f.Differences {
			v.codes[d.Code]++
		}
		if f.Remote {
			v.remote++
		}
		if f.SizeUnknown {
			v.unknown++
		}
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// untag takes a tag away from an asset, as a person does at Scenario.
func (s *studio) untag(asset, tag string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"add": [], "delete": [%q], "strict": true}`, tag)
	req, err := http.NewRequestWithContext(s.t.Context(), "PUT", s.server.BaseURL()+"/assets/"+asset+"/tags", strings.NewReader(body))
	s.must(err)
	req.SetBasicAuth(s.server.Key(), s.server.Secret())
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	s.must(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("taking a tag away is answered with %s", res.Status)
	}
}

// since counts the requests made by do.
func (s *studio) since(do func()) map[string]int {
	before := s.server.Account().Requests
	do()
	made := map[string]int{}
	for op, n := range s.server.Account().Requests {
		if n -= before[op]; n > 0 {
			made[op] = n
		}
	}
	return made
}

// Assets are asked for two hundred at a time, one after the other; what is not in an answer
// counts as gone only once it was asked for by itself.
func TestVerifyAsksInBulk(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "in")
	const n = scenario.MaxBulk + 50
	for i := range n {
		s.save(noise(100, uint64(i)), "in", fmt.Sprintf("%03d.png", i))
	}
	s.save(noise(100, 0), "in", "copy of the first.png")
	s.once()
	var v verified
	began := time.Now()
	made := s.since(func() { v = s.verifyRemote() })
	if fmt.Sprint(made) != fmt.Sprint(map[string]int{standin.OpAssetsBulk: 2}) || v.remote != n+1 || len(v.codes) != 0 {
		t.Errorf("requests %v, %d looked at, differences %v", made, v.remote, v.codes)
	}
	if took := time.Since(began); took < remoteEvery {
		t.Errorf("two requests within %v", took)
	}
	s.server.Delete(s.server.Account().Assets[7].ID)
	made = s.since(func() { v = s.verifyRemote() })
	if made[standin.OpAssetsBulk] != 2 || made[standin.OpAsset] != 1 || v.codes[DiffAssetGone] == 0 || len(v.codes) != 1 {
		t.Errorf("requests %v, differences %v", made, v.codes)
	}
}

// However the bulk call fails, what it does not tell is found out in smaller portions.
func TestVerifyWithoutBulk(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]standin.Behavior{
		"no such call":         {NoAssetBulk: true},
		"answers of one asset": {MaxBulkAnswer: 900},
		"answers of none":      {MaxBulkAnswer: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{ImportDelay: -1, Behavior: play}, "in")
			for i := range 5 {
				s.save(noise(100, uint64(i)), "in", fmt.Sprintf("%03d.png", i))
			}
			s.once()
			s.server.Delete(s.server.Account().Assets[0].ID)
			if v := s.verifyRemote(); v.remote != 5 || v.codes[DiffAssetGone] != 1 || len(v.codes) != 1 {
				t.Errorf("%d looked at, differences %v", v.remote, v.codes)
			}
		})
	}
}

// An asset that Scenario converted is compared by what was sent, in bulk and one by one. Where
// only the conversion's size is told, that is no difference.
func TestVerifyComparesOriginals(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]standin.Behavior{
		"in bulk":    {Converted: true, Originals: true},
		"one by one": {Converted: true, Originals: true, NoAssetBulk: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, standin.Options{ImportDelay: -1, Behavior: play}, "in")
			s.save(noise(100, 1), "in", "a.png")
			s.once()
			if v := s.verifyRemote(); v.remote != 1 || v.unknown != 0 || len(v.codes) != 0 {
				t.Errorf("%+v", v)
			}
		})
	}
	s := newStudio(t, standin.Options{ImportDelay: -1, Behavior: standin.Behavior{Converted: true}}, "in")
	s.save(noise(100, 1), "in", "a.png")
	s.once()
	if v := s.verifyRemote(); v.codes[DiffSize] != 1 {
		t.Errorf("another size, and nothing says that it is of a conversion: %v", v.codes)
	}
	converted := toldOf(scenario.Asset{ID: "a", MIMEType: "video/mp4", OriginalType: "video/quicktime", Size: 7})
	if converted.size != 0 || !converted.converted {
		t.Errorf("the size of a conversion is taken for the file's: %+v", converted)
	}
	if same := toldOf(scenario.Asset{ID: "a", MIMEType: "video/mp4", OriginalType: "Video/MP4", Size: 7}); same.size != 7 || same.converted {
		t.Errorf("%+v", same)
	}
}

// That imported files were deleted or renamed is counted and no difference; a file that was
// deleted before it was sent is one. A folder that is away tells nothing of its files.
func TestVerifyDeletedAndRenamed(t *testing.T) {
	t.Parallel()
	s := newStudio(t, standin.Options{ImportDelay: -1}, "in", "away")
	for i, name := range []string{"deleted.png", "renamed.png", "kept.png"} {
		s.save(noise(100, uint64(i)), "in", name)
	}
	s.save(noise(100, 9), "away", "a.png")
	s.once()
	rename := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(s.path("in", "deleted.png")); err != nil {
		t.Fatal(err)
	}
	rename(s.path("in", "renamed.png"), s.path("in", "other name.png"))
	v := s.verifyRemote()
	if v.Removed != 1 || v.Renamed != 1 || len(v.codes) != 0 {
		t.Errorf("%d deleted, %d renamed, differences %v", v.Removed, v.Renamed, v.codes)
	}
	rename(s.path("away"), s.path("elsewhere"))
	api, err := NewClient(s.config, s.log())
	if err != nil {
		t.Fatal(err)
	}
	defer api.CloseIdleConnections()
	sum, err := Verify(t.Context(), s.config, api, s.log(), func(f Verified) {
		if len(f.Differences) > 0 || f.Removed && f.Item.Root == s.path("away") {
			t.Errorf("%s: %v", f.Path, f.Differences)
		}
	})
	if err == nil || sum.Removed != 1 {
		t.Errorf("with a folder away: %d deleted, %v", sum.Removed, err)
	}
}
