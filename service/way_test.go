package service

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/standin"
	"scenario-drop/status"
)

const partSize = 5 << 20

func TestDropIsImported(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].SettleAuto = true
	s.run()
	sum := s.save(noise(200<<10, 1), "Characters", "orc.png")
	s.await(drop.Imported, "Characters", "orc.png")
	s.exactlyOnce(sum)
}

// One content in two folders, and under several names, is sent once; its asset is in
// the collections of both.
func TestDuplicatesShareAnAsset(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.config.Watches[0].Collections = []string{"Characters"}
	s.config.Watches[1].Collections = []string{"Props"}
	small, middle, large := noise(1000, 1), noise(600<<10, 3), noise(2*partSize+1, 2)
	sums := []string{s.save(small, "Characters", "a.png"), s.save(middle, "Characters", "m.png"), s.save(large, "Characters", "b.png")}
	for _, name := range []string{"c.png", "d.png", "e.png"} {
		s.save(small, "Props", name)
		s.save(middle, "Props", "middle-"+name)
		s.save(large, "Props", "large-"+name)
	}
	res := s.once()
	if res.Counts[drop.Imported] != 12 {
		t.Fatalf("%+v", res)
	}
	for _, asset := range s.exactlyOnce(sums...) {
		if len(asset.Collections) != 2 {
			t.Errorf("%s is in %v, want both collections", asset.Name, asset.Collections)
		}
	}
	if got, want := s.server.Account().Received, int64(len(small)+len(middle)+len(large)); got != want {
		t.Errorf("%d bytes were sent, want %d: no content twice", got, want)
	}
}

// A file that changes becomes a new asset whose parent is the one before.
func TestVersions(t *testing.T) {
	for onChange, want := range map[string]struct {
		assets int
		parent bool
	}{"version": {2, true}, "new": {2, false}, "ignore": {1, false}} {
		t.Run(onChange, func(t *testing.T) {
			s := newStudio(t, standin.Options{}, "Characters")
			s.config.Watches[0].OnChange = onChange
			sums := []string{s.save(noise(1000, 1), "Characters", "orc.png")}
			s.once()
			second := s.save(noise(2000, 2), "Characters", "orc.png")
			s.once()
			if want.assets == 2 {
				sums = append(sums, second)
			}
			held := s.exactlyOnce(sums...)
			if want.assets == 2 && (held[second].ParentID == held[sums[0]].ID) != want.parent {
				t.Errorf("the second version's parent is %q, the first asset %q", held[second].ParentID, held[sums[0]].ID)
			}
			if it, err := s.item("Characters", "orc.png"); err != nil || onChange == "ignore" && it.Reason != drop.ReasonChangeIgnored {
				t.Errorf("%+v, %v", it, err)
			}
		})
	}
}

func TestTouchedOrRenamedIsNotSentAgain(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	data := noise(1000, 1)
	sum := s.save(data, "Characters", "orc.png")
	s.once()
	s.save(data, "Characters", "orc.png")
	if err := os.Rename(s.path("Characters", "orc.png"), s.path("Characters", "ork.png")); err != nil {
		t.Fatal(err)
	}
	s.save(data, "Characters", "orc.png")
	s.once()
	s.exactlyOnce(sum)
	if n := s.server.Account().Requests[standin.OpCreate]; n != 1 {
		t.Errorf("%d uploads were made, want 1", n)
	}
}

func TestAssetDeletedAtScenarioIsSentAgain(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	data := noise(1000, 1)
	sum := s.save(data, "Characters", "a.png")
	s.once()
	it, err := s.item("Characters", "a.png")
	if err != nil || !s.server.Delete(it.Asset) {
		t.Fatalf("%+v, %v", it, err)
	}
	s.save(data, "Characters", "b.png")
	s.once()
	s.exactlyOnce(sum)
}

func TestCollectionsByName(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].Collections = []string{"Characters", "Heroes"}
	s.config.Watches[0].SubfolderCollections = true
	for i := range 250 { // three pages
		s.server.AddCollection("Old " + strings.Repeat("i", i))
	}
	heroes := s.server.AddCollection("Heroes")
	a := s.save(noise(1000, 1), "Characters", "a.png")
	b := s.save(noise(1000, 2), "Characters", "Orcs", "deep", "b.png")
	c := s.save(noise(1000, 3), "Characters", "Orcs", "c.png")
	s.once()
	account := s.server.Account()
	id := func(name string) string {
		n := 0
		for _, c := range account.Collections {
			if c.Name == name {
				n++
			}
		}
		if n != 1 {
			t.Errorf("there are %d collections %q, want 1", n, name)
		}
		found, _ := account.Collection(name)
		return found.ID
	}
	held := s.exactlyOnce(a, b, c)
	for sum, want := range map[string][]string{a: {id("Characters"), heroes}, b: {id("Characters"), heroes, id("Orcs")}, c: {id("Characters"), heroes, id("Orcs")}} {
		got := slices.Sorted(slices.Values(held[sum].Collections))
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s is in %v, want %v", held[sum].Name, got, want)
		}
	}
}

// A collection that was made by name and then deleted at Scenario is made anew; for one
// that the config names by its id the files wait, with a sentence.
func TestCollectionGone(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.config.Watches[0].Collections = []string{"Characters"}
	s.config.Watches[1].CollectionIDs = []string{"collection_nowhere"}
	s.save(noise(1000, 1), "Characters", "a.png")
	res := s.once()
	made, _ := s.server.Account().Collection("Characters")
	if res.Counts[drop.Imported] != 1 || !s.server.Delete(made.ID) {
		t.Fatalf("%+v", res)
	}
	s.save(noise(1000, 2), "Characters", "b.png")
	s.save(noise(1000, 3), "Props", "c.png")
	res = s.once()
	if res.Counts[drop.Imported] != 1 || res.InFolders != 1 || len(res.AtFault) != 1 {
		t.Errorf("%+v", res)
	}
	again, ok := s.server.Account().Collection("Characters")
	if !ok || len(again.Assets) != 1 {
		t.Errorf("the collection is %+v", again)
	}
	if it, err := s.item("Props", "c.png"); err != nil || !strings.Contains(status.Words(it.Detail), "collection_nowhere") {
		t.Errorf("the sentence does not name the collection: %q, %v", it.Detail, err)
	}
}

func TestModelsJoinCollectionsAfterwards(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Models")
	s.config.Watches[0].Kind, s.config.Watches[0].OnChange = "model", "new"
	s.config.Watches[0].Collections = []string{"Styles"}
	sum := s.save(noise(1000, 1), "Models", "style.bin")
	s.save(noise(1000, 1), "Models", "copy.bin")
	s.once()
	held := s.exactlyOnce(sum)
	if held[sum].Kind != "model" || len(held[sum].Collections) != 1 {
		t.Errorf("%+v", held[sum])
	}
}

func TestAutoKind(t *testing.T) {
	s := newStudio(t, standin.Options{}, "All")
	s.config.Watches[0].Kind = "auto"
	image := s.save([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), "All", "dot.gif")
	object := s.save([]byte("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"), "All", "triangle.obj")
	s.once()
	held := s.exactlyOnce(image, object)
	if held[image].Kind != "image" || held[image].MIME != "image/gif" || held[object].Kind != "3d" || held[object].MIME != "model/obj" {
		t.Errorf("%+v", held)
	}
}

func TestAfterUpload(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	w := &s.config.Watches[0]
	w.AfterUpload, w.MoveTo = "move", filepath.Join(w.Path, "Uploaded")
	a, b := noise(1000, 1), noise(1000, 2)
	sums := []string{s.save(a, "Characters", "Orcs", "a.png")}
	s.once()
	sums = append(sums, s.save(b, "Characters", "Orcs", "a.png"))
	s.save(a, "Characters", "copy.png") // its content is imported already
	s.once()
	s.once() // what was moved is not taken for new files
	s.exactlyOnce(sums...)
	for path, want := range map[string][]byte{"Orcs/a.png": a, "Orcs/a (2).png": b, "copy.png": a} {
		got, err := os.ReadFile(filepath.Join(w.MoveTo, path))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %d bytes, %v", path, len(got), err)
		}
	}
	if left, err := filepath.Glob(s.path("Characters", "*.png")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMaxSize(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters")
	s.config.Watches[0].MaxSize = 1000
	sum := s.save(noise(1000, 1), "Characters", "fits.png")
	s.save(noise(1001, 2), "Characters", "large.png")
	s.once()
	s.exactlyOnce(sum)
	it, err := s.item("Characters", "large.png")
	if err != nil || it.State != drop.Ignored || !strings.Contains(status.Words(it.Detail), "max_size") {
		t.Fatalf("%+v, %v", it, err)
	}
	s.config.Watches[0].MaxSize = 0
	if res := s.once(); res.Counts[drop.Imported] != 1 {
		t.Errorf("with the limit gone: %+v", res)
	}
}

func TestEditedConfigIsTakenAtOnce(t *testing.T) {
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.config.Watches = s.config.Watches[:1]
	file := s.path("config.toml")
	write := func(folders ...string) {
		text := "data_dir = '" + s.config.DataDir + "'\n[scenario]\nbase_url = '" + s.server.BaseURL() + "'\napi_key = '" + s.server.Key() + "'\napi_secret = '" + s.server.Secret() + "'\n[status]\nlisten = 'off'\n"
		for _, f := range folders {
			text += "[[watch]]\npath = '" + s.path(f) + "'\nkind = 'image'\n"
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Characters")
	loaded, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	s.config = loaded
	d, _ := s.run()
	sums := []string{s.save(noise(1000, 1), "Props", "early.png")}

	write("Characters", "Characters")
	s.until("the bad edit is told", func() bool {
		snapshot, err := d.Snapshot(t.Context())
		return err == nil && strings.Contains(snapshot.ConfigError, "watched twice")
	}, func() string { return "it is not" })
	sums = append(sums, s.save(noise(1000, 2), "Characters", "meanwhile.png"))
	s.await(drop.Imported, "Characters", "meanwhile.png")

	write("Characters", "Props")
	s.await(drop.Imported, "Props", "early.png")
	s.exactlyOnce(sums...)
	if snapshot, err := d.Snapshot(t.Context()); err != nil || snapshot.ConfigError != "" || len(snapshot.Folders) != 2 {
		t.Errorf("%+v, %v", snapshot, err)
	}
}

func TestAfterUploadTrash(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks into the trash as the freedesktop.org specification lays it out")
	}
	s := newStudio(t, standin.Options{}, "Characters")
	t.Setenv("XDG_DATA_HOME", s.path("home"))
	if err := os.Mkdir(s.path("home"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.config.Watches[0].AfterUpload = "trash"
	data := noise(1000, 1)
	sum := s.save(data, "Characters", "orc.png")
	s.once()
	s.exactlyOnce(sum)
	if _, err := os.Lstat(s.path("Characters", "orc.png")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	got, err := os.ReadFile(s.path("home", "Trash", "files", "orc.png"))
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("in the trash: %d bytes, %v", len(got), err)
	}
}
