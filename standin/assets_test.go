package standin

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestModels(t *testing.T) {
	s := start(t, Options{Behavior: Behavior{JobID: true}})
	c := newClient(t, s)
	u := c.upload("model", "lora.safetensors", []byte("weights"), nil)
	c.want(c.do("GET", "/assets/"+u.EntityID, nil), 404, nil)
	c.want(c.do("GET", "/models/"+u.EntityID, nil), 200, nil)
	coll := s.AddCollection("A")
	c.want(c.do("PUT", "/collections/"+coll+"/assets", map[string]any{"assetIds": []string{u.EntityID}}), 404, nil)
	c.want(c.do("PUT", "/collections/"+coll+"/models", map[string]any{"modelIds": []string{u.EntityID}}), 200, nil)
	a := s.Account()
	if len(a.Assets) != 0 || len(a.Models) != 1 || !slices.Equal(a.Collections[0].Models, []string{u.EntityID}) || !slices.Equal(a.Models[0].Collections, []string{coll}) {
		t.Errorf("account %+v", a)
	}
	var job struct{ Job jobWire }
	c.want(c.do("GET", "/jobs/"+u.JobID, nil), 200, &job)
	if job.Job.JobType != "model-import" || job.Job.Metadata["outputModelId"] != u.EntityID {
		t.Errorf("job %+v", job.Job)
	}
}

func TestLink(t *testing.T) {
	for _, twice := range []string{"", "error"} {
		s := start(t, Options{Behavior: Behavior{AddTwice: twice}})
		c := newClient(t, s)
		coll := s.AddCollection("A")
		var ids []string
		for i := range 3 {
			ids = append(ids, c.upload("image", fmt.Sprint(i), []byte{byte(i)}, nil).EntityID)
		}
		link := func(ids ...string) reply {
			return c.do("PUT", "/collections/"+coll+"/assets", map[string]any{"assetIds": ids})
		}
		c.want(link(ids[0], ids[1]), 200, nil)
		again := 200
		if twice == "error" {
			again = 400
		}
		c.want(link(ids[1], ids[2]), again, nil)
		want := ids[:2]
		if twice == "" {
			want = ids
		}
		if got := s.Account().Collections[0].Assets; !slices.Equal(got, want) {
			t.Errorf("AddTwice %q: %v", twice, got)
		}
		c.want(link(), 400, nil)
		c.want(link("none"), 404, nil)
		c.want(link(slices.Repeat(ids[2:], 50)...), 400, nil)
		c.want(c.do("PUT", "/collections/none/assets", map[string]any{"assetIds": ids}), 404, nil)
		s.Delete(coll)
		c.want(link(ids[0]), 404, nil)
	}
}

func TestCollectionPages(t *testing.T) {
	s := start(t, Options{})
	c := newClient(t, s)
	var want []string
	for i := range 25 {
		want = append(want, s.AddCollection(fmt.Sprintf("c%d", i)))
	}
	type pageAnswer struct {
		Collections         []collectionWire
		NextPaginationToken string
	}
	for size, first := range map[string]int{"": 10, "1": 1, "25": 25, "100": 25} {
		var got []string
		for token := ""; ; {
			q := url.Values{}
			if size != "" {
				q.Set("pageSize", size)
			}
			if token != "" {
				q.Set("paginationToken", token)
			}
			var page pageAnswer
			c.want(c.do("GET", "/collections?"+q.Encode(), nil), 200, &page)
			if token == "" && len(page.Collections) != first {
				t.Errorf("pageSize %q: %d on the first page", size, len(page.Collections))
			}
			for _, x := range page.Collections {
				got = append(got, x.ID)
			}
			if token = page.NextPaginationToken; token == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pageSize %q: %d collections", size, len(got))
		}
	}
	for _, q := range []string{"pageSize=0", "pageSize=101", "pageSize=x", "paginationToken=x", "paginationToken=" + strings.Repeat("A", 8)} {
		c.want(c.do("GET", "/collections?"+q, nil), 400, nil)
	}
	c.want(c.do("POST", "/collections", map[string]string{}), 400, nil)
}

func TestAssetKinds(t *testing.T) {
	for _, tc := range []struct{ kind, mime, asset, typ string }{
		{"image", "image/png", "image", "uploaded"},
		{"3d", "model/obj", "3d", "uploaded-3d"},
		{"audio", "audio/wav", "audio", "uploaded-audio"},
		{"video", "video/mp4", "video", "uploaded-video"},
		{"text", "text/plain", "text", "uploaded-text"},
		{"avatar", "image/png", "image", "uploaded-avatar"},
		{"asset", "image/png", "image", "uploaded"},
		{"asset", "model/gltf-binary", "3d", "uploaded"},
		{"asset", "application/json", "json", "uploaded"},
		{"asset", "application/octet-stream", "document", "uploaded"},
	} {
		if got := assetKind(tc.kind, tc.mime); got != tc.asset {
			t.Errorf("assetKind(%s, %s) = %s", tc.kind, tc.mime, got)
		}
		if got := assetType(tc.kind); got != tc.typ {
			t.Errorf("assetType(%s) = %s", tc.kind, got)
		}
	}
}
