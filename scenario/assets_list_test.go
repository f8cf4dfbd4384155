package scenario

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestAssetPage(t *testing.T) {
	var query string
	c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		fmt.Fprint(w, `{"nextPaginationToken":"more","assets":[
			{"id":"a1","metadata":{"name":"orc.png","parentId":"a0"},"properties":{"size":1234},"collectionIds":["c1"],"createdAt":"2030-01-02T03:04:05Z","isHidden":true,"kind":"hologram"},
			{"id":"a2"},
			{"id":"a3","metadata":7,"properties":{"size":"large"},"createdAt":[],"collectionIds":{}},
			{"metadata":{"name":"without an id"}}, {"id":5}, "nonsense", null,
			{"id":"a4","metadata":{"name":null},"properties":null,"deletedAt":"2030-01-02T03:04:05Z"}]}`)
	}))
	page, err := c.AssetPage(t.Context(), AssetFilter{CollectionID: "c 1", Token: "t&1"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "collectionId=c+1&pageSize=100&paginationToken=t%261&projectId=proj_1"; query != want {
		t.Errorf("asked for %s, want %s", query, want)
	}
	made := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	want := []Asset{
		{ID: "a1", Name: "orc.png", ParentID: "a0", Size: 1234, CollectionIDs: []string{"c1"}, CreatedAt: made, Hidden: true, Kind: "hologram"},
		{ID: "a2"}, {ID: "a3"}, {ID: "a4", DeletedAt: made},
	}
	if fmt.Sprint(page.Assets) != fmt.Sprint(want) || page.Next != "more" {
		t.Errorf("%+v, then %q", page.Assets, page.Next)
	}
	if _, err := c.AssetPage(t.Context(), AssetFilter{}); err != nil || query != "pageSize=100&projectId=proj_1" {
		t.Errorf("asked for %s, %v", query, err)
	}
	page, err = c.AssetPage(t.Context(), AssetFilter{Newest: true})
	if err != nil || query != "pageSize=100&projectId=proj_1&sortBy=createdAt&sortDirection=desc" || page.ServerDate.IsZero() {
		t.Errorf("asked for %s at %v, %v", query, page.ServerDate, err)
	}
}

// An answer of Scenario's own that is no list means that there is none to be had; one that
// is not Scenario's says nothing.
func TestAssetPageWithoutAList(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    Class
	}{
		"no list":      {jsonAnswer(`{}`), Rejected},
		"null":         {jsonAnswer(`{"assets":null}`), Rejected},
		"another type": {jsonAnswer(`{"assets":{"a1":{}}}`), Rejected},
		"not found":    {answers(404, "application/json", `{"message":"no such call"}`), NotFound},
		"refused":      {answers(403, "application/json", `{"message":"no"}`), Forbidden},
		"a login page": {answers(200, "text/html", `<html>`), Garbled},
		"cut short":    {jsonAnswer(`{"assets":[{"id":"a`), Garbled},
	} {
		page, err := apiClient(t, c.handler).AssetPage(t.Context(), AssetFilter{})
		if e := mustError(t, err, c.want); len(page.Assets) != 0 || e.Op != "listing the assets" {
			t.Errorf("%s: %v, %v", name, page, e)
		}
	}
	page, err := apiClient(t, jsonAnswer(`{"assets":[],"nextPaginationToken":7}`)).AssetPage(t.Context(), AssetFilter{})
	if err != nil || len(page.Assets) != 0 || page.Next != "" {
		t.Errorf("an empty list: %+v, %v", page, err)
	}
}
