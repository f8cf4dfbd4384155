package scenario

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestCollectionsPages(t *testing.T) {
	const total, perPage = 250, 100
	var requests int
	c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		q := r.URL.Query()
		if q.Get("pageSize") != "100" || q.Get("projectId") != "proj_1" {
			t.Errorf("query %v", q)
		}
		start, _ := strconv.Atoi(q.Get("paginationToken"))
		var list []string
		for i := start; i < min(start+perPage, total); i++ {
			list = append(list, fmt.Sprintf(`{"id":"c%d","name":"Name %d"}`, i, i))
		}
		next := ""
		if start+perPage < total {
			next = strconv.Itoa(start + perPage)
		}
		fmt.Fprintf(w, `{"collections":[%s],"nextPaginationToken":%q}`, strings.Join(list, ","), next)
	}))
	list := c.Collections(t.Context())
	for range 2 { // it can be ranged over again
		requests = 0
		n := 0
		for got, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			if got.ID != fmt.Sprintf("c%d", n) {
				t.Fatalf("%v after %d", got, n)
			}
			n++
		}
		if n != total || requests != 3 {
			t.Errorf("%d collections in %d requests", n, requests)
		}
	}
	requests = 0
	for range list {
		break
	}
	if requests != 1 {
		t.Errorf("%d requests for the first", requests)
	}
}

func TestCollectionsEndInAnError(t *testing.T) {
	refuse := false
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    Class
	}{
		"same token for ever": {jsonAnswer(`{"collections":[{"id":"c"}],"nextPaginationToken":"t"}`), Garbled},
		"tokens in a circle": {func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("paginationToken"))
			fmt.Fprintf(w, `{"collections":[],"nextPaginationToken":"%d"}`, (n+1)%5+1)
		}, Garbled},
		"no list": {jsonAnswer(`{"collections":null}`), Garbled},
		"no id":   {jsonAnswer(`{"collections":[{"name":"x"}]}`), Garbled},
		"second page refused": {func(w http.ResponseWriter, r *http.Request) {
			if refuse {
				answers(500, "", "")(w, r)
				return
			}
			refuse = true
			jsonAnswer(`{"collections":[{"id":"c"}],"nextPaginationToken":"t"}`)(w, r)
		}, ServerFault},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			for _, err := range apiClient(t, c.handler).Collections(t.Context()) {
				if last != nil {
					t.Fatal("it goes on after an error")
				}
				last = err
			}
			mustError(t, last, c.want)
		})
	}
}

func TestAddInBatches(t *testing.T) {
	var batches [][]string
	fail := -1
	c := apiClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ AssetIDs []string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		if len(batches) == fail {
			answers(400, "application/json", `{"message":"asset a50 is already in the collection"}`)(w, r)
			return
		}
		batches = append(batches, body.AssetIDs)
		jsonAnswer(`{"collection":{"id":"c1"}}`)(w, r)
	}))
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("a%d", i)
	}
	if err := c.AddAssets(t.Context(), "c1", ids); err != nil {
		t.Fatal(err)
	}
	if len(batches) != 3 || len(batches[0]) != 49 || len(batches[2]) != 2 || batches[2][1] != "a99" {
		t.Errorf("%v", batches)
	}
	batches, fail = nil, 1
	e := mustError(t, c.AddAssets(t.Context(), "c1", ids), Rejected)
	if len(batches) != 1 || e.Message != "asset a50 is already in the collection" {
		t.Errorf("%d batches, %v", len(batches), e)
	}
}
