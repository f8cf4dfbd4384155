package scenariotest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"scenario-drop/scenario"
)

// The whole way of three parts: its collections, its name and its bytes are what was asked for.
func wholeWay(t *testing.T, s Server) {
	c, err := s.API.CreateCollection(t.Context(), name("Orcs"))
	if err != nil {
		t.Fatal(err)
	}
	u := s.begin(t, "image", 3, &scenario.AssetOptions{CollectionIDs: []string{c.ID}, Hide: true})
	for _, p := range u.Parts {
		if p.ExpiredAt(u.ServerNow(time.Now())) {
			t.Errorf("%v has expired at %v, when it was handed out", p, p.Expires)
		}
	}
	done := s.follow(t, s.send(t, u))
	a, err := s.API.GetAsset(t.Context(), done.EntityID)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != done.EntityID || a.Status != "success" || !a.Hidden || !a.DeletedAt.IsZero() || !slices.Equal(a.CollectionIDs, []string{c.ID}) {
		t.Errorf("the asset is %+v", a)
	}
	if a.Size != 0 && a.Size != int64(len(u.content)) {
		t.Errorf("the asset has %d bytes of %d", a.Size, len(u.content))
	}
	s.holds(t, a.ID, u.content)
	child := s.imported(t, &scenario.AssetOptions{ParentID: a.ID})
	if child.ParentID != a.ID {
		t.Errorf("the parent is %q, not %q", child.ParentID, a.ID)
	}
}

// Any part may be sent in any order, and again: the last one counts.
func partsAgain(t *testing.T, s Server) {
	u := s.begin(t, "image", 2, nil)
	junk := bytes.Repeat([]byte{7}, int(s.PartSize))
	for _, step := range []struct {
		part  int
		other []byte
	}{{2, nil}, {1, junk}, {1, nil}, {2, nil}} {
		if err := s.put(t, u, u.Parts[step.part-1], step.other); err != nil {
			t.Fatal(err)
		}
	}
	done, err := s.API.CompleteUpload(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.holds(t, s.follow(t, done).EntityID, u.content)
}

// A record that is read again has URLs that work, or none; what the old ones were good for stays.
func freshURLs(t *testing.T, s Server) {
	u := s.begin(t, "image", 2, nil)
	if err := s.put(t, u, u.Parts[0], nil); err != nil {
		t.Fatal(err)
	}
	again, err := s.API.GetUpload(t.Context(), u.ID)
	if err != nil || again.Outcome() != scenario.Sending || again.ID != u.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	url := u.Parts[1]
	if len(again.Parts) > 0 {
		if len(again.Parts) != 2 || again.Parts[1].Number != 2 {
			t.Fatalf("the record has the parts %v", again.Parts)
		}
		url = again.Parts[1]
	}
	if s.Fail != nil {
		s.Fail(part, Failure{Status: 403})
		class(t, "a URL that is not taken", s.put(t, u, url, nil), scenario.Expired)
	}
	if err := s.put(t, u, url, nil); err != nil {
		t.Fatal(err)
	}
	done, err := s.API.CompleteUpload(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.holds(t, s.follow(t, done).EntityID, u.content)
}

// An upload that lacks a part becomes no asset: completing it is refused, and the part can still be
// sent, or it ends as failed.
func lacksAPart(t *testing.T, s Server) {
	u := s.begin(t, "image", 2, nil)
	if err := s.put(t, u, u.Parts[0], nil); err != nil {
		t.Fatal(err)
	}
	done, err := s.API.CompleteUpload(t.Context(), u.ID)
	if err == nil {
		if done = s.follow(t, done); done.Outcome() != scenario.Failed || done.EntityID != "" {
			t.Errorf("an upload that lacks a part is %s with the entity %q", done.Status, done.EntityID)
		}
		return
	}
	class(t, "completing", err, scenario.Rejected)
	if err := s.put(t, u, u.Parts[1], nil); err != nil {
		t.Fatal(err)
	}
	if done, err = s.API.CompleteUpload(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	s.holds(t, s.follow(t, done).EntityID, u.content)
}

// Completing twice is refused or changes nothing, and there is one asset.
func completedTwice(t *testing.T, s Server) {
	first := s.send(t, s.begin(t, "image", 1, nil))
	second, err := s.API.CompleteUpload(t.Context(), first.ID)
	if err != nil {
		class(t, "completing twice", err, scenario.Rejected)
	} else if second.Outcome() == scenario.Sending {
		t.Errorf("after completing twice the upload is %s", second.Status)
	}
	done := s.follow(t, first)
	if again, err := s.API.GetUpload(t.Context(), first.ID); err != nil || again.EntityID != done.EntityID {
		t.Errorf("the entity was %s; then %+v, %v", done.EntityID, again, err)
	}
	s.only(t, done.EntityID)
}

// only checks that a fresh server holds that asset and no other.
func (s Server) only(t *testing.T, id string) {
	t.Helper()
	if !s.Fresh {
		return
	}
	page, err := s.API.AssetPage(t.Context(), scenario.AssetFilter{})
	if err != nil || len(page.Assets) != 1 || page.Assets[0].ID != id {
		t.Errorf("Scenario holds %+v, %v; want %s alone", page.Assets, err, id)
	}
}

// An upload whose bytes are not what was declared fails with words for it, or is refused; no asset comes of it.
func failedImport(t *testing.T, s Server) {
	u := s.begin(t, "image", 1, nil)
	if err := s.put(t, u, u.Parts[0], []byte("less")); err != nil {
		class(t, "a part of another size", err, scenario.Rejected, scenario.Expired)
		return
	}
	done, err := s.API.CompleteUpload(t.Context(), u.ID)
	if err != nil {
		class(t, "completing", err, scenario.Rejected)
		return
	}
	if done = s.follow(t, done); done.Outcome() != scenario.Failed || done.ErrorMessage == "" || done.EntityID != "" {
		t.Errorf("it is %+v", done)
	}
}

// A call whose answer is lost was made or was not, and the record tells.
func lostAnswers(t *testing.T, s Server) {
	s.mustFail(t)
	s.Fail(create, Failure{Done: true})
	_, err := s.API.CreateUpload(t.Context(), scenario.NewUpload{FileName: "x.png", FileSize: 9, ContentType: "image/png", Kind: "image", Parts: 1})
	class(t, "create", err, scenario.Network)
	u := s.begin(t, "image", 1, nil)
	s.Fail(part, Failure{Done: true})
	class(t, "a part", s.put(t, u, u.Parts[0], nil), scenario.Network)
	if err := s.put(t, u, u.Parts[0], nil); err != nil {
		t.Fatal(err)
	}
	s.Fail(complete, Failure{})
	_, err = s.API.CompleteUpload(t.Context(), u.ID)
	class(t, "complete that did not arrive", err, scenario.Network)
	if r, err := s.API.GetUpload(t.Context(), u.ID); err != nil || r.Outcome() != scenario.Sending {
		t.Fatalf("after a call that did not arrive the record is %+v, %v", r, err)
	}
	s.Fail(complete, Failure{Done: true})
	_, err = s.API.CompleteUpload(t.Context(), u.ID)
	class(t, "complete whose answer is lost", err, scenario.Network)
	r, err := s.API.GetUpload(t.Context(), u.ID)
	if err != nil || r.Outcome() == scenario.Sending {
		t.Fatalf("after a lost answer the record is %+v, %v", r, err)
	}
	r = s.follow(t, r)
	s.holds(t, r.EntityID, u.content)
	s.only(t, r.EntityID)
}

// A body of another length, or that cannot be read, is the file's fault.
func changedPart(t *testing.T, s Server) {
	u := s.begin(t, "image", 1, nil)
	put := func(p scenario.PutPart) error {
		p.URL, p.Size = u.Parts[0].URL, 9
		_, err := s.Storage.PutPart(t.Context(), p)
		return err
	}
	for _, body := range []string{"short", "longer than nine bytes"} {
		if err := put(scenario.PutPart{Body: bytes.NewReader([]byte(body))}); !errors.As(err, new(*scenario.SizeError)) {
			t.Errorf("a body of %d bytes in place of 9: %v", len(body), err)
		}
	}
	broken := errors.New("the disk is gone")
	if err := put(scenario.PutPart{Body: iotest.ErrReader(broken)}); !errors.Is(err, broken) || !errors.As(err, new(*scenario.ReadError)) {
		t.Errorf("a body that cannot be read: %v", err)
	}
	s.holds(t, s.follow(t, s.send(t, u)).EntityID, u.content)
}

// What comes of an upload of kind model is a model, which joins collections afterwards.
func models(t *testing.T, s Server) {
	u := s.follow(t, s.send(t, s.begin(t, "model", 1, nil)))
	m, err := s.API.GetModel(t.Context(), u.EntityID)
	if err != nil || m.ID != u.EntityID || len(m.CollectionIDs) != 0 {
		t.Fatalf("the model is %+v, %v", m, err)
	}
	_, err = s.API.GetAsset(t.Context(), m.ID)
	class(t, "a model as an asset", err, scenario.NotFound)
	c, err := s.API.CreateCollection(t.Context(), name("Models"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.API.AddModels(t.Context(), c.ID, []string{m.ID}); err != nil {
		t.Fatal(err)
	}
	if m, err = s.API.GetModel(t.Context(), m.ID); err != nil || !slices.Equal(m.CollectionIDs, []string{c.ID}) {
		t.Errorf("the model is in %+v, %v", m, err)
	}
	if err := s.API.AddModelTags(t.Context(), m.ID, []string{"a"}); err != nil { // whether models take tags is open
		class(t, "tagging a model", err, scenario.NotFound, scenario.Rejected)
	}
}

// A context that ended is returned as that, and has no class.
func ended(t *testing.T, s Server) {
	u := s.begin(t, "image", 1, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, call := range map[string]func() error{
		"get":      func() error { _, err := s.API.GetUpload(ctx, u.ID); return err },
		"complete": func() error { _, err := s.API.CompleteUpload(ctx, u.ID); return err },
		"tags":     func() error { return s.API.AddAssetTags(ctx, "x", []string{"y"}) },
		"part": func() error {
			_, err := s.Storage.PutPart(ctx, scenario.PutPart{URL: u.Parts[0].URL, Body: bytes.NewReader(u.content), Size: int64(len(u.content))})
			return err
		},
	} {
		if err := call(); !errors.Is(err, context.Canceled) || scenario.ClassOf(err) != 0 {
			t.Errorf("%s: %v of class %q", what, err, scenario.ClassOf(err))
		}
	}
	if r, err := s.API.GetUpload(t.Context(), u.ID); err != nil || r.Outcome() != scenario.Sending {
		t.Errorf("the record is %+v, %v", r, err)
	}
}
