package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario-drop/scenario"
)

func TestFoundAsks(t *testing.T) {
	for _, c := range []struct {
		what                   string
		found                  Found
		unknownLoss, knownLoss bool
	}{
		{"nothing like it", Found{}, false, false},
		{"its name and size", Found{Unproven: []string{"a"}}, true, true},
		{"its name, no size is told", Found{Unproven: []string{"a"}, NameOnly: true}, false, true},
		{"its size, another name", Found{SameSize: "a"}, false, true},
		{"no list", Found{Unlisted: "no"}, false, true},
		{"its name and size in half a list", Found{Unproven: []string{"a"}, Unlisted: "no"}, true, true},
	} {
		if c.found.Asks(false) != c.unknownLoss || c.found.Asks(true) != c.knownLoss {
			t.Errorf("%s: %v, %v", c.what, c.found.Asks(false), c.found.Asks(true))
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

// assets is a Ledger that knows some assets, and counts how often it is asked.
type assets struct {
	known []string
	asked int
}

func (a *assets) Known(_ context.Context, id string) (bool, error) {
	a.asked++
	return slices.Contains(a.known, id), nil
}
func (*assets) Hash(context.Context, string) ([]byte, error)         { return nil, nil }
func (*assets) SetHash(context.Context, string, int64, []byte) error { return nil }

func catalogOf(t *testing.T, s http.Handler, known ...string) *Catalog {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	api, err := scenario.New(scenario.Options{BaseURL: server.URL, Key: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.CloseIdleConnections)
	return New(Options{API: api, Now: time.Now, Ledger: &assets{known: known}, Log: slog.New(slog.DiscardHandler),
		Ask: func(ctx context.Context, request func(context.Context) error) error { return request(ctx) }})
}

func TestCatalogCompares(t *testing.T) {
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
		name     string
		size     int64
		want     string // assets
		nameOnly bool
		sameSize string
		lostOnly bool
	}{
		{"orc.png", 10, "new old", false, "", false},
		{"orc.png", 11, "other size", false, "", false},
		{"orc.png", 12, "", false, "", false},
		{"ORC.png", 99, "", false, "", false},
		{"elf.png", 20, "bare", false, "", false},
		{"troll.png", 99, "no size", true, "", true},
		{decomposed, 30, "odd", false, "", false},
		{"a_b.png", 40, "control", false, "", false},
		{"renamed.png", 50, "", false, "another name", true},
		{"renamed.png", 60, "", false, "", false}, // the ledger knows which content it is
	} {
		for _, lost := range []bool{false, true} {
			want, sameSize := c.want, c.sameSize
			if c.lostOnly && !lost {
				want, sameSize = "", ""
			}
			found, err := catalogOf(t, s, "known", "known name").CheckNow(t.Context(), Query{Name: c.name, Size: c.size, Lost: lost})
			if len(found.Unproven) > 0 && sameSize == "" {
				found.SameSize = "" // what is likelier comes first
			}
			if err != nil || strings.Join(found.Unproven, " ") != want || found.SameSize != sameSize || found.NameOnly != (c.nameOnly && lost) || found.Unlisted != "" {
				t.Errorf("%q of %d bytes, lost %v: %+v, %v", c.name, c.size, lost, found, err)
			}
		}
	}
}

// A file is looked for in its own collections, and in the whole project where they do not
// tell; each list is read once.
func TestCatalogPlaces(t *testing.T) {
	s := &shelf{
		collections: []map[string]any{{"id": "c1", "name": "Orcs"}, {"id": "c2", "name": "Orcs"}, {"id": "c4", "name": "Gone"}},
		assets: map[string][]map[string]any{
			"": {asset("p", "a.png", 1)}, "c1": {asset("one", "a.png", 1)}, "c2": {asset("two", "a.png", 1)}, "c3": {},
		},
	}
	c := catalogOf(t, s)
	for range 2 {
		for _, test := range []struct {
			q            Query
			want, where  string
			wantRequests string
		}{
			{Query{}, "p", "in the project", "assets "},
			{Query{CollectionIDs: []string{"c3"}}, "", "in the collection c3", "assets c3"},
			{Query{CollectionIDs: []string{"c1", "c3"}}, "one", "in the collections c1, c3", "assets c1"},
			{Query{Collections: []string{"Orcs"}}, "one two", `in the collections "Orcs"`, "collections,assets c2"},
			{Query{Collections: []string{"Elves"}}, "p", "in the project", ""},
			{Query{CollectionIDs: []string{"c9"}}, "p", "in the project", "assets c9"},
			{Query{CollectionIDs: []string{"c3", "c9"}}, "p", "in the project", ""},
			{Query{Collections: []string{"Gone"}}, "p", "in the project", "assets c4"},
		} {
			s.asked = nil
			test.q.Name, test.q.Size = "a.png", 1
			found, err := c.CheckNow(t.Context(), test.q)
			if got := strings.Join(s.asked, ","); err != nil || strings.Join(found.Unproven, " ") != test.want || found.Place != test.where || got != test.wantRequests {
				t.Errorf("%+v: %+v, %v, asked for %q", test.q, found, err, got)
			}
		}
		// Not needed for a while, it is let go of, and read again when it is needed.
		c.Release()
		if len(c.lists) == 0 {
			t.Error("lists in use were let go of")
		}
		c.used = c.used.Add(-keepLists - time.Second)
		if c.Release(); len(c.lists) != 0 || c.names != nil || c.entries != 0 {
			t.Error("lists that nobody needs were kept")
		}
	}
}

// What is no complete list is told, with what was seen of it, and asked for again later.
func TestCatalogWithoutAList(t *testing.T) {
	check := func(c *Catalog, q Query) Found {
		t.Helper()
		q.Name, q.Size = "a.png", 1
		found, err := c.CheckNow(t.Context(), q)
		if err != nil {
			t.Error(err)
		}
		return found
	}
	for _, status := range []int{400, 403, 404, 405} {
		s := &shelf{status: status, assets: map[string][]map[string]any{"": {asset("p", "a.png", 1)}}}
		c := catalogOf(t, s)
		if found := check(c, Query{}); found.Unlisted == "" || len(found.Unproven) != 0 {
			t.Errorf("%d: %+v", status, found)
		}
		s.status, s.asked = 0, nil
		if found := check(c, Query{}); found.Unlisted == "" || len(s.asked) != 0 {
			t.Errorf("%d: asked again at once: %+v", status, found)
		}
		c.lists[""].expires = time.Now()
		if found := check(c, Query{}); found.Unlisted != "" || len(found.Unproven) != 1 {
			t.Errorf("%d: not asked again: %+v", status, found)
		}
	}
	// What a list had that was then refused is let go of, and not counted any more.
	again := &shelf{assets: map[string][]map[string]any{"": {asset("p", "a.png", 1), asset("q", "b.png", 1)}}}
	c := catalogOf(t, again)
	for range 3 {
		again.status = 0
		if found := check(c, Query{}); len(found.Unproven) != 1 || c.entries != 2 {
			t.Errorf("%+v, %d assets are kept", found, c.entries)
		}
		again.status = 403
		c.lists[""].begun = time.Time{} // something newer is needed
		check(c, Query{})
		c.lists[""].expires = time.Now()
	}
	for _, status := range []int{401, 429, 500} {
		s := &shelf{status: status}
		c := catalogOf(t, s)
		if _, err := c.CheckNow(t.Context(), Query{Name: "a.png", Size: 1}); scenario.ClassOf(err) == 0 {
			t.Errorf("%d is taken for an answer: %v", status, err)
		}
		s.status = 0
		if found := check(c, Query{}); found.Unlisted != "" {
			t.Errorf("%d is remembered: %+v", status, found)
		}
	}
	endless := catalogOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"assets":[{"id":"p","metadata":{"name":"a.png"},"properties":{"size":1}}],"nextPaginationToken":"x"}`)
	}))
	if found := check(endless, Query{}); found.Unlisted == "" || len(found.Unproven) != 1 {
		t.Errorf("an endless list: %+v", found)
	}
	// Whether hidden assets are listed shows only when one is.
	s := &shelf{assets: map[string][]map[string]any{"": {asset("p", "b.png", 2)}}}
	if found := check(catalogOf(t, s), Query{Hidden: true}); found.Unlisted == "" {
		t.Errorf("hidden ones are not listed: %+v", found)
	}
	s.assets[""] = append(s.assets[""], asset("h", "c.png", 3, "isHidden", true))
	if found := check(catalogOf(t, s), Query{Hidden: true}); found.Unlisted != "" {
		t.Errorf("hidden ones are listed: %+v", found)
	}
}

// One asset with very many of its name costs a bounded check.
func TestCatalogOfManyAlike(t *testing.T) {
	s := &shelf{}
	var all []map[string]any
	for i := range 1000 {
		all = append(all, asset(fmt.Sprint("id", i), "image.png", 1))
	}
	s.assets = map[string][]map[string]any{"": all}
	c := catalogOf(t, s)
	for range 100 {
		found, err := c.CheckNow(t.Context(), Query{Name: "image.png", Size: 1})
		if err != nil || len(found.Unproven) != maxUnproven {
			t.Fatalf("%d assets, %v", len(found.Unproven), err)
		}
		if n := found.Likeliest().Value("count"); n != "16" {
			t.Errorf("the likeliest is the newest of %q", n)
		}
	}
	if n := c.Ledger.(*assets).asked; n > 1000 {
		t.Errorf("the local database was asked %d times about 1000 assets", n)
	}
}

// A list is read the newest first and only as far back as a file needs; what comes later
// is read from the newest on until what is known.
func TestCatalogReadsAsFarAsNeeded(t *testing.T) {
	now := time.Now().UTC()
	s := &shelf{pageSize: 10, assets: map[string][]map[string]any{}}
	made := func(name string, age time.Duration) map[string]any {
		return asset(name, name, 1, "createdAt", now.Add(-age).Format(time.RFC3339))
	}
	for i := range 1000 {
		s.assets[""] = append(s.assets[""], made(fmt.Sprint(i), time.Duration(i)*time.Hour))
	}
	c := catalogOf(t, s)
	check := func(what string, q Query, pages int, ready bool) {
		t.Helper()
		s.asked = nil
		q.Size = 1
		found, err := c.CheckNow(t.Context(), q)
		if err != nil || len(s.asked) != pages || (len(found.Unproven) > 0) != ready || found.Unlisted != "" {
			t.Errorf("%s: %d pages, %+v, %v", what, len(s.asked), found, err)
		}
	}
	check("of last night", Query{Name: "5", Since: now.Add(-6 * time.Hour)}, 1, true)
	check("again", Query{Name: "7", Since: now.Add(-6 * time.Hour)}, 0, true)
	check("of three days", Query{Name: "70", Since: now.Add(-71 * time.Hour)}, 8, true)
	s.assets[""] = append([]map[string]any{made("new", 0)}, s.assets[""]...)
	check("what is old, though there is something new", Query{Name: "60", Since: now.Add(-60 * time.Hour)}, 0, true)
	c.Now = func() time.Time { return time.Now().Add(time.Minute) }
	check("what is new", Query{Name: "new", Since: now.Add(-60 * time.Hour), Fresh: true}, 1, true)
	check("everything", Query{Name: "999"}, 101, true)
	check("everything again", Query{Name: "none"}, 0, false)

	// Where the order is not heeded, all is read.
	slices.Reverse(s.assets[""])
	c = catalogOf(t, s)
	check("in the wrong order", Query{Name: "5", Since: now.Add(-6 * time.Hour)}, 101, true)
}
