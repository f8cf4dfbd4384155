package standin

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
)

func TestAssetPages(t *testing.T) {
	s := start(t, Options{ImportDelay: -1})
	c := newClient(t, s)
	coll := s.AddCollection("A")
	var all, within []string
	for i := range 7 {
		var o *assetOptions
		if i%2 == 0 {
			o = &assetOptions{CollectionIDs: []string{coll}}
		}
		id := c.upload("image", fmt.Sprintf("%d.png", i), []byte{byte(i), 0}, o).EntityID
		if all = append(all, id); o != nil {
			within = append(within, id)
		}
	}
	sound := c.upload("audio", "7.wav", []byte{9}, nil).EntityID
	c.upload("model", "8.bin", []byte{9, 9}, nil) // a model is no asset
	all = append(all, sound)
	c.project = "proj_other"
	c.upload("image", "9.png", []byte{9, 9, 9}, nil)
	c.project = ""

	type answer struct {
		Assets              []assetWire
		NextPaginationToken string
	}
	list := func(q url.Values) (ids []string) {
		t.Helper()
		for {
			var page answer
			c.want(c.do("GET", "/assets?"+q.Encode(), nil), 200, &page)
			for _, a := range page.Assets {
				ids = append(ids, a.ID)
			}
			if page.NextPaginationToken == "" {
				return ids
			}
			q.Set("paginationToken", page.NextPaginationToken)
		}
	}
	newestFirst := func(ids []string) []string { r := slices.Clone(ids); slices.Reverse(r); return r }
	for _, test := range []struct {
		query url.Values
		want  []string
	}{
		{url.Values{}, newestFirst(all)},
		{url.Values{"pageSize": {"3"}}, newestFirst(all)},
		{url.Values{"pageSize": {"3"}, "sortBy": {"createdAt"}, "sortDirection": {"asc"}}, all},
		{url.Values{"collectionId": {coll}, "pageSize": {"1"}}, newestFirst(within)},
		{url.Values{"type": {"uploaded-audio"}}, []string{sound}},
		{url.Values{"projectId": {"proj_empty"}}, nil},
	} {
		if got := list(test.query); !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, want %v", test.query, got, test.want)
		}
	}
	for query, status := range map[string]int{
		"pageSize=0": 400, "pageSize=101": 400, "pageSize=x": 400, "sortBy=name": 400, "sortDirection=up": 400, "paginationToken=x": 400,
		"authorId=me": 400, "collectionId=none": 404,
	} {
		c.want(c.do("GET", "/assets?"+query, nil), status, nil)
	}
	var page answer
	c.want(c.do("GET", "/assets?pageSize=1", nil), 200, &page)
	if a := page.Assets[0]; a.Metadata["name"] != "7.wav" || a.Properties["size"] != 1.0 {
		t.Errorf("%+v", a)
	}
	if n := s.Account().Requests[OpAssets]; n == 0 {
		t.Error("the requests are not counted")
	}
}

func TestPlayOnAssetList(t *testing.T) {
	c := newClient(t, start(t, Options{Behavior: Behavior{NoAssetList: true}}))
	c.want(c.do("GET", "/assets", nil), 404, nil)
	c = newClient(t, start(t, Options{ImportDelay: -1, Behavior: Behavior{NoAssetSize: true}}))
	c.upload("image", "a.png", []byte{1}, nil)
	var page struct{ Assets []assetWire }
	c.want(c.do("GET", "/assets", nil), 200, &page)
	if len(page.Assets) != 1 || page.Assets[0].Properties["size"] != nil {
		t.Errorf("%+v", page)
	}
}

// What was sent can be had beside what was made of it, and where downloads are sent
// elsewhere the bytes are there.
func TestPlayOriginals(t *testing.T) {
	c := newClient(t, start(t, Options{ImportDelay: -1, Behavior: Behavior{Converted: true, Originals: true, RedirectDownloads: true}}))
	id := c.upload("image", "a.png", []byte("abc"), nil).EntityID
	read := func(query string) (assetWire, string) {
		t.Helper()
		var one struct{ Asset assetWire }
		c.want(c.do("GET", "/assets/"+id+query, nil), 200, &one)
		resp, err := http.Get(one.Asset.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.Request.URL.Query().Get("node") == "" {
			t.Errorf("read from %s, %v", resp.Request.URL, err)
		}
		return one.Asset, string(body)
	}
	if a, body := read(""); body != converted+"abc" || a.Properties["size"] != float64(len(converted)+3) || a.OriginalFileURL == "" {
		t.Errorf("%+v, %q", a, body)
	}
	if a, body := read("?originalAssets=true"); body != "abc" || a.Properties["size"] != 3.0 {
		t.Errorf("%+v, %q", a, body)
	}
}
