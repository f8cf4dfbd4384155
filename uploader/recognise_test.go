package uploader

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/scenario"
)

func TestLikenessAsks(t *testing.T) {
	for _, c := range []struct {
		what                   string
		like                   Likeness
		unknownLoss, knownLoss bool
	}{
		{"nothing like it", Likeness{}, false, false},
		{"its name and size", Likeness{Assets: []string{"a"}}, true, true},
		{"its size, another name", Likeness{SameSize: "a"}, false, true},
		{"no list", Likeness{Unlisted: "no"}, false, true},
		{"its name and size in half a list", Likeness{Assets: []string{"a"}, Unlisted: "no"}, true, true},
	} {
		if c.like.Asks(false) != c.unknownLoss || c.like.Asks(true) != c.knownLoss {
			t.Errorf("%s: %v, %v", c.what, c.like.Asks(false), c.like.Asks(true))
		}
	}
}

// shelf is a server that lists assets and collections.
type shelf struct {
	assets      map[string][]map[string]any // by collection; "" is the project
	collections []map[string]any
	pageSize    int
	status      int // of the list of assets; 0: 200
	asked       []string
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/collections") {
		s.asked = append(s.asked, "collections")
		json.NewEncoder(w).Encode(map[string]any{"collections": append([]map[string]any{}, s.collections...)})
		return
	}
	id := r.URL.Query().Get("collectionId")
	s.asked = append(s.asked, "assets "+id)
	list, there := s.assets[id]
	switch {
	case s.status != 0:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(s.status)
		fmt.Fprint(w, `{"message":"no"}`)
		return
	case !there && id != "":
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(404)
		fmt.Fprint(w, `{"message":"no such collection"}`)
		return
	}
	from := 0
	fmt.Sscan(r.URL.Query().Get("paginationToken"), &from)
	to := len(list)
	answer := map[string]any{}
	if s.pageSize > 0 && from+s.pageSize < to {
		to = from + s.pageSize
		answer["nextPaginationToken"] = fmt.Sprint(to)
	}
	answer["assets"] = append([]map[string]any{}, list[from:to]...)
	json.NewEncoder(w).Encode(answer)
}

func asset(id, name string, size int64, more ...any) map[string]any {
	a := map[string]any{"id": id, "metadata": map[string]any{"name": name}, "properties": map[string]any{"size": size}}
	if size == 0 {
		delete(a, "properties")
	}
	for i := 0; i+1 < len(more); i += 2 {
		a[more[i].(string)] = more[i+1]
	}
	return a
}

func recogniserOf(t *testing.T, s *shelf, lost bool, known ...string) *Recogniser {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	api, err := scenario.New(scenario.Options{BaseURL: server.URL, Key: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	return NewRecogniser(RecogniserOptions{API: api, Lost: lost, Now: time.Now,
		Ask:   func(ctx context.Context, request func(context.Context) error) error { return request(ctx) },
		Known: func(_ context.Context, id string) (bool, error) { return slices.Contains(known, id), nil }})
}

func TestRecogniserCompares(t *testing.T) {
	const decomposed, composed = "u\u0308mlaut.png", "\u00fcmlaut.png"
	s := &shelf{pageSize: 3, assets: map[string][]map[string]any{"": {
		asset("old", "orc.png", 10, "createdAt", "2030-01-01T00:00:00Z"),
		asset("new", "orc.png", 10, "createdAt", "2030-01-03T00:00:00Z"),
		asset("known", "orc.png", 10, "createdAt", "2030-01-04T00:00:00Z"),
		asset("deleted", "orc.png", 10, "deletedAt", "2030-01-04T00:00:00Z"),
		asset("other size", "orc.png", 11),
		asset("bare", "elf", 20),
		asset("no size", "troll.png", 0),
		asset("odd", composed, 30),
		asset("control", "a_b.png", 40),
		asset("another name", "dwarf.png", 50),
		asset("known name", "gnome.png", 60),
	}}}
	for _, c := range []struct {
		path     string
		size     int64
		want     string // assets
		nameOnly bool
		sameSize string
		lostOnly bool
	}{
		{"/w/orc.png", 10, "new old", false, "", false},
		{"/w/orc.png", 11, "other size", false, "", false},
		{"/w/orc.png", 12, "", false, "", false},
		{"/w/ORC.png", 99, "", false, "", false},
		{"/w/elf.png", 20, "bare", false, "", false},
		{"/w/troll.png", 99, "no size", true, "", true},
		{"/w/" + decomposed, 30, "odd", false, "", false},
		{"/w/a\nb.png", 40, "control", false, "", false},
		{"/w/renamed.png", 50, "", false, "another name", true},
		{"/w/renamed.png", 60, "", false, "", false}, // the ledger knows which content it is
	} {
		for _, lost := range []bool{false, true} {
			want, sameSize := c.want, c.sameSize
			if c.lostOnly && !lost {
				want, sameSize = "", ""
			}
			like, err := recogniserOf(t, s, lost, "known", "known name").Look(t.Context(), Rule{Root: "/w"}, c.path, c.size)
			if err != nil || strings.Join(like.Assets, " ") != want || like.SameSize != sameSize || like.NameOnly != (c.nameOnly && lost) || like.Unlisted != "" {
				t.Errorf("%q of %d bytes, lost %v: %+v, %v", c.path, c.size, lost, like, err)
			}
		}
	}
}

// A file is looked for in its own collections, and in the whole project where they do not
// tell; each list is read once.
func TestRecogniserPlaces(t *testing.T) {
	s := &shelf{
		collections: []map[string]any{{"id": "c1", "name": "Orcs"}, {"id": "c2", "name": "Orcs"}, {"id": "c4", "name": "Gone"}},
		assets: map[string][]map[string]any{
			"": {asset("p", "a.png", 1)}, "c1": {asset("one", "a.png", 1)}, "c2": {asset("two", "a.png", 1)}, "c3": {},
		},
	}
	r := recogniserOf(t, s, false)
	for range 2 {
		for _, c := range []struct {
			rule         Rule
			path         string
			want, where  string
			wantRequests string
		}{
			{Rule{Root: "/w"}, "/w/a.png", "p", "in the project", "assets "},
			{Rule{Root: "/w", CollectionIDs: []string{"c3"}}, "/w/a.png", "", "in the collection c3", "assets c3"},
			{Rule{Root: "/w", CollectionIDs: []string{"c1", "c3"}}, "/w/a.png", "one", "in the collections c1, c3", "assets c1"},
			{Rule{Root: "/w", Collections: []string{"Orcs"}}, "/w/a.png", "one two", `in the collections "Orcs"`, "collections,assets c2"},
			{Rule{Root: "/w", SubfolderCollections: true}, "/w/Orcs/x/a.png", "one two", `in the collections "Orcs"`, ""},
			{Rule{Root: "/w", SubfolderCollections: true}, "/w/Elves/a.png", "p", "in the project", ""},
			{Rule{Root: "/w", CollectionIDs: []string{"c9"}}, "/w/a.png", "p", "in the project", "assets c9"},
			{Rule{Root: "/w", CollectionIDs: []string{"c3", "c9"}}, "/w/a.png", "p", "in the project", ""},
			{Rule{Root: "/w", Collections: []string{"Gone"}}, "/w/a.png", "p", "in the project", "assets c4"},
		} {
			s.asked = nil
			like, err := r.Look(t.Context(), c.rule, c.path, 1)
			if got := strings.Join(s.asked, ","); err != nil || strings.Join(like.Assets, " ") != c.want || like.Place != c.where || got != c.wantRequests {
				t.Errorf("%+v %s: %+v, %v, asked for %q", c.rule, c.path, like, err, got)
			}
		}
		// Not needed for a while, it is let go of, and read again when it is needed.
		r.Rest()
		if len(r.lists) == 0 {
			t.Error("lists in use were let go of")
		}
		r.used = r.used.Add(-keepLists - time.Second)
		if r.Rest(); len(r.lists) != 0 || r.collections != nil || r.entries != 0 {
			t.Error("lists that nobody needs were kept")
		}
	}
}

// What is no whole list is told, with what was seen of it, and asked for again later.
func TestRecogniserWithoutAList(t *testing.T) {
	look := func(r *Recogniser, rule Rule) Likeness {
		t.Helper()
		like, err := r.Look(t.Context(), rule, "/w/a.png", 1)
		if err != nil {
			t.Error(err)
		}
		return like
	}
	for _, status := range []int{400, 403, 404, 405} {
		s := &shelf{status: status, assets: map[string][]map[string]any{"": {asset("p", "a.png", 1)}}}
		r := recogniserOf(t, s, true)
		if like := look(r, Rule{}); like.Unlisted == "" || len(like.Assets) != 0 {
			t.Errorf("%d: %+v", status, like)
		}
		s.status, s.asked = 0, nil
		if like := look(r, Rule{}); like.Unlisted == "" || len(s.asked) != 0 {
			t.Errorf("%d: asked again at once: %+v", status, like)
		}
		r.lists[""].expires = time.Now()
		if like := look(r, Rule{}); like.Unlisted != "" || len(like.Assets) != 1 {
			t.Errorf("%d: not asked again: %+v", status, like)
		}
	}
	for _, status := range []int{401, 429, 500} {
		s := &shelf{status: status}
		r := recogniserOf(t, s, true)
		if _, err := r.Look(t.Context(), Rule{}, "/w/a.png", 1); scenario.ClassOf(err) == 0 {
			t.Errorf("%d is taken for an answer: %v", status, err)
		}
		s.status = 0
		if like := look(r, Rule{}); like.Unlisted != "" {
			t.Errorf("%d is remembered: %+v", status, like)
		}
	}
	endless := recogniserOf(t, &shelf{}, true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"assets":[{"id":"p","metadata":{"name":"a.png"},"properties":{"size":1}}],"nextPaginationToken":"x"}`)
	}))
	defer server.Close()
	api, err := scenario.New(scenario.Options{BaseURL: server.URL, Key: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	defer api.CloseIdleConnections()
	endless.API = api
	if like := look(endless, Rule{}); like.Unlisted == "" || len(like.Assets) != 1 {
		t.Errorf("an endless list: %+v", like)
	}
	// Whether hidden assets are listed shows only when one is.
	s := &shelf{assets: map[string][]map[string]any{"": {asset("p", "b.png", 2)}}}
	if like := look(recogniserOf(t, s, true), Rule{Hide: true}); like.Unlisted == "" {
		t.Errorf("hidden ones are not listed: %+v", like)
	}
	s.assets[""] = append(s.assets[""], asset("h", "c.png", 3, "isHidden", true))
	if like := look(recogniserOf(t, s, true), Rule{Hide: true}); like.Unlisted != "" {
		t.Errorf("hidden ones are listed: %+v", like)
	}
}

// One asset with very many of its name costs a bounded look.
func TestRecogniserOfManyAlike(t *testing.T) {
	s := &shelf{}
	var all []map[string]any
	for i := range 1000 {
		all = append(all, asset(fmt.Sprint("id", i), "image.png", 1))
	}
	s.assets = map[string][]map[string]any{"": all}
	looked := 0
	r := recogniserOf(t, s, true)
	r.Known = func(context.Context, string) (bool, error) { looked++; return false, nil }
	like, err := r.Look(t.Context(), Rule{}, "/w/image.png", 1)
	if err != nil || len(like.Assets) != mostCandidates || looked > mostCompared {
		t.Errorf("%d assets, %d looked at, %v", len(like.Assets), looked, err)
	}
	if s := like.Which(); !strings.Contains(s, "the newest of 16") {
		t.Errorf("%q", s)
	}
}
