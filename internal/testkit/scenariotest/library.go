package scenariotest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"scenario-drop/scenario"
)

// mustFail skips a test that a server cannot be asked for.
func (s Server) mustFail(t *testing.T) {
	t.Helper()
	if s.Fail == nil {
		t.Skip("NOT TESTED: this server cannot be asked to fail")
	}
}

// What is not there is told from what is refused.
func notThere(t *testing.T, s Server) {
	ctx := t.Context()
	c, err := s.API.CreateCollection(ctx, name("Empty"))
	if err != nil {
		t.Fatal(err)
	}
	const id = "nothing_of_this_id"
	for what, call := range map[string]func() error{
		"upload":             func() error { _, err := s.API.GetUpload(ctx, id); return err },
		"upload to complete": func() error { _, err := s.API.CompleteUpload(ctx, id); return err },
		"asset":              func() error { _, err := s.API.GetAsset(ctx, id); return err },
		"bytes of an asset":  func() error { _, err := s.API.AssetURL(ctx, id); return err },
		"model":              func() error { _, err := s.API.GetModel(ctx, id); return err },
		"collection":         func() error { _, err := s.API.GetCollection(ctx, id); return err },
		"collection to join": func() error { return s.API.AddAssets(ctx, id, []string{id}) },
		"asset to join":      func() error { return s.API.AddAssets(ctx, c.ID, []string{id}) },
		"asset to tag":       func() error { return s.API.AddAssetTags(ctx, id, []string{"a"}) },
		"model to tag":       func() error { return s.API.AddModelTags(ctx, id, []string{"a"}) },
	} {
		class(t, what, call(), scenario.NotFound)
	}
}

// An upload that names what is not there, or is none, is refused before a byte is sent.
func refused(t *testing.T, s Server) {
	for what, n := range map[string]scenario.NewUpload{
		"collection": {FileName: "x.png", FileSize: 9, ContentType: "image/png", Kind: "image", Parts: 1, Options: &scenario.AssetOptions{CollectionIDs: []string{"nothing"}}},
		"parent":     {FileName: "x.png", FileSize: 9, ContentType: "image/png", Kind: "image", Parts: 1, Options: &scenario.AssetOptions{ParentID: "nothing"}},
		"no name":    {FileSize: 9, ContentType: "image/png", Kind: "image", Parts: 1},
		"empty":      {FileName: "x.png", ContentType: "image/png", Kind: "image", Parts: 1},
		"no parts":   {FileName: "x.png", FileSize: 9, ContentType: "image/png", Kind: "image"},
		"options of a model": {FileName: "x.safetensors", FileSize: 9, ContentType: "application/octet-stream", Kind: "model", Parts: 1,
			Options: &scenario.AssetOptions{Hide: true}},
	} {
		_, err := s.API.CreateUpload(t.Context(), n)
		class(t, what, err, scenario.Rejected, scenario.NotFound)
	}
	_, err := s.API.CreateCollection(t.Context(), "")
	class(t, "a collection without a name", err, scenario.Rejected)
}

// What a status means for whoever asked, wherever it comes from.
func classes(t *testing.T, s Server) {
	s.mustFail(t)
	u := s.begin(t, "image", 1, nil)
	ctx := t.Context()
	calls := map[string]func(context.Context) error{
		create: func(ctx context.Context) error {
			_, err := s.API.CreateUpload(ctx, scenario.NewUpload{FileName: "x.png", FileSize: 9, ContentType: "image/png", Kind: "image", Parts: 1})
			return err
		},
		get:      func(ctx context.Context) error { _, err := s.API.GetUpload(ctx, u.ID); return err },
		complete: func(ctx context.Context) error { _, err := s.API.CompleteUpload(ctx, u.ID); return err },
		tags:     func(ctx context.Context) error { return s.API.AddAssetTags(ctx, "x", []string{"y"}) },
		link:     func(ctx context.Context) error { return s.API.AddAssets(ctx, "x", []string{"y"}) },
		asset:    func(ctx context.Context) error { _, err := s.API.GetAsset(ctx, "x"); return err },
		part:     func(context.Context) error { return s.put(t, u, u.Parts[0], nil) },
	}
	for _, f := range []struct {
		name string
		how  Failure
		api  scenario.Class
		part scenario.Class // 0: as of the API
	}{
		{"400", Failure{Status: 400}, scenario.Rejected, 0},
		{"401", Failure{Status: 401}, scenario.Refused, scenario.Expired},
		{"403", Failure{Status: 403}, scenario.Forbidden, scenario.Expired},
		{"404", Failure{Status: 404}, scenario.NotFound, 0},
		{"409", Failure{Status: 409}, scenario.Rejected, 0},
		{"422", Failure{Status: 422}, scenario.Rejected, 0},
		{"429", Failure{Status: 429}, scenario.RateLimited, 0},
		{"429 with a time", Failure{Status: 429, RetryAfter: 7 * time.Second}, scenario.RateLimited, 0},
		{"500", Failure{Status: 500}, scenario.ServerFault, 0},
		{"503 with a time", Failure{Status: 503, RetryAfter: 7 * time.Second}, scenario.ServerFault, 0},
		{"a redirect", Failure{Status: 307}, scenario.Garbled, 0},
		{"a connection that breaks", Failure{}, scenario.Network, 0},
		{"a limit of the plan", Failure{Status: 429, PlanLimit: true}, scenario.PlanLimit, -1},
	} {
		for op, call := range calls {
			want := f.api
			if op == part && f.part != 0 {
				if want = f.part; want < 0 {
					continue
				}
			}
			s.Fail(op, f.how)
			err := call(ctx)
			class(t, op+": "+f.name, err, want)
			if e, ok := errors.AsType[*scenario.Error](err); ok && (e.RetryAfter != f.how.RetryAfter || e.Status != f.how.Status) {
				t.Errorf("%s: %s: status %d, to wait %v", op, f.name, e.Status, e.RetryAfter)
			}
		}
	}
	// None of it has left anything behind.
	s.holds(t, s.follow(t, s.send(t, u)).EntityID, u.content)
}

// More collections than a page has are all listed, each once; joining twice is fine, or refused by
// a word that the asset's own record explains.
func collections(t *testing.T, s Server) {
	const n = 12 // more than a page where nobody says how many
	made := map[string]string{}
	for range n {
		c, err := s.API.CreateCollection(t.Context(), name("Collection"))
		if err != nil {
			t.Fatal(err)
		}
		made[c.ID] = c.Name
	}
	if len(made) != n {
		t.Fatalf("%d collections have %d ids", n, len(made))
	}
	listed := map[string]int{}
	for c, err := range s.API.Collections(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if name, ours := made[c.ID]; ours && c.Name == name {
			listed[c.ID]++
		}
	}
	a := s.imported(t, nil)
	for id, name := range made {
		if listed[id] != 1 {
			t.Errorf("%s is listed %d times", name, listed[id])
		}
		if c, err := s.API.GetCollection(t.Context(), id); err != nil || c.ID != id || c.Name != name {
			t.Errorf("%s is %+v, %v", id, c, err)
		}
		if err := s.API.AddAssets(t.Context(), id, []string{a.ID}); err != nil {
			t.Fatal(err)
		}
		if err := s.API.AddAssets(t.Context(), id, []string{a.ID}); err != nil {
			class(t, "joining twice", err, scenario.Rejected)
		}
	}
	a, err := s.API.GetAsset(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	for id := range made {
		if !slices.Contains(a.CollectionIDs, id) {
			t.Errorf("the asset is not in %s, but in %v", id, a.CollectionIDs)
		}
	}
	if len(a.CollectionIDs) != n {
		t.Errorf("the asset is in %d collections", len(a.CollectionIDs))
	}
}

// Tags are added to those there are, and again without harm.
func tagging(t *testing.T, s Server) {
	a := s.imported(t, nil)
	for _, some := range [][]string{{"orc"}, {"orc", "green skin"}, {"orc", "green skin"}} {
		if err := s.API.AddAssetTags(t.Context(), a.ID, some); err != nil {
			t.Fatal(err)
		}
	}
	a, err := s.API.GetAsset(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(a.Tags)
	if !slices.Equal(a.Tags, []string{"green skin", "orc"}) {
		t.Errorf("the tags are %q", a.Tags)
	}
}

// The list of a collection's assets has them all, the newest first where that was asked for.
func lists(t *testing.T, s Server) {
	c, err := s.API.CreateCollection(t.Context(), name("Listed"))
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for range 3 {
		made = append(made, s.imported(t, &scenario.AssetOptions{CollectionIDs: []string{c.ID}}).ID)
	}
	other := s.imported(t, nil)
	var found []string
	f := scenario.AssetFilter{CollectionID: c.ID, Newest: true, Originals: true}
	for {
		page, err := s.API.AssetPage(t.Context(), f)
		if scenario.ClassOf(err) == scenario.NotFound && len(found) == 0 {
			return // the API has no such call, which the uploader can live with
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Assets {
			found = append(found, a.ID)
		}
		if f.Token = page.Next; f.Token == "" {
			break
		}
	}
	slices.Reverse(made)
	if !slices.Equal(found, made) || slices.Contains(found, other.ID) {
		t.Errorf("listed are %v, want %v", found, made)
	}
}
