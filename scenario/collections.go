package scenario

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strconv"
)

// Bounds of the collection calls.
const (
	maxBatch = 49      // ids added by one request: the API's limit
	pageSize = 100     // collections or assets listed by one request: the API's limit
	maxToken = 8 << 10 // bytes of the token for the next page, which goes into an address
	maxPages = 1_000
)

// Collection is Scenario's record of a collection. Its name need not be its alone.
type Collection struct {
	ID         string
	Name       string
	AssetCount int64
	ModelCount int64
}

type collectionWire struct {
	ID         string           `json:"id"`
	Name       lenient[string]  `json:"name"`
	AssetCount lenient[float64] `json:"assetCount"`
	ModelCount lenient[float64] `json:"modelCount"`
}

func (w *collectionWire) collection() Collection {
	name := w.Name.v
	if len(name) > maxName {
		name = "" // it is none that anybody looks for
	}
	return Collection{w.ID, name, integer(w.AssetCount.v), integer(w.ModelCount.v)}
}

// Collections lists all collections of the project, page by page as they are asked
// for. An error ends the list.
func (c *Client) Collections(ctx context.Context) iter.Seq2[Collection, error] {
	return func(yield func(Collection, error) bool) {
		r := request{
			op: "listing the collections", method: "GET", template: "/collections",
			query: url.Values{"pageSize": {strconv.Itoa(pageSize)}},
		}
		// A token that comes again would lead around for ever.
		seen := make(map[string]bool)
		for {
			var page struct {
				Collections list[collectionWire] `json:"collections"`
				Next        lenient[string]      `json:"nextPaginationToken"`
			}
			a, err := c.call(ctx, r, &page)
			switch {
			case err != nil:
			case page.Collections.tooLong:
				err = a.garbled(r.op, "it has far more entries than were asked for")
			case page.Collections.v == nil:
				err = a.garbled(r.op, "there is no list in it")
			case slices.ContainsFunc(page.Collections.v, func(w collectionWire) bool { return !isID(w.ID) }):
				// To leave it out could make its name be made anew.
				err = a.garbled(r.op, "a collection has no id")
			}
			if err != nil {
				yield(Collection{}, err)
				return
			}
			for i := range page.Collections.v {
				if !yield(page.Collections.v[i].collection(), nil) {
					return
				}
			}
			next := page.Next.v
			if next == "" {
				return
			}
			if seen[next] || len(seen) >= maxPages || len(next) > maxToken {
				yield(Collection{}, a.garbled(r.op, "its pages go round in circles"))
				return
			}
			seen[next] = true
			r.query.Set("paginationToken", next)
		}
	}
}

// GetCollection reads a collection's record.
func (c *Client) GetCollection(ctx context.Context, id string) (*Collection, error) {
	var got struct {
		Collection collectionWire `json:"collection"`
	}
	r := request{op: "looking up the collection", template: "/collections/{id}", id: id}
	if err := c.get(ctx, r, &got, &got.Collection.ID); err != nil {
		return nil, err
	}
	found := got.Collection.collection()
	return &found, nil
}

// CreateCollection makes a collection, also when there is one of that name.
func (c *Client) CreateCollection(ctx context.Context, name string) (*Collection, error) {
	const op = "making the collection"
	if name == "" {
		return nil, &Error{Op: op, Class: Rejected, Message: "a collection needs a name"}
	}
	var got struct {
		Collection collectionWire `json:"collection"`
	}
	a, err := c.call(ctx, request{
		op: op, method: "POST", template: "/collections", body: map[string]string{"name": name},
	}, &got)
	if err != nil {
		return nil, err
	}
	if !isID(got.Collection.ID) {
		return nil, a.garbled(op, "the collection has no id")
	}
	made := got.Collection.collection()
	return &made, nil
}

// AddAssets puts assets into a collection, in as many requests as it takes. Whether
// Scenario minds one that is in it already is not known: after class Rejected, GetAsset
// tells what it is in. After an error, none, some or all of ids have been added.
func (c *Client) AddAssets(ctx context.Context, collectionID string, ids []string) error {
	return c.add(ctx, "/collections/{id}/assets", "assetIds", collectionID, ids)
}

// AddModels is AddAssets for models.
func (c *Client) AddModels(ctx context.Context, collectionID string, ids []string) error {
	return c.add(ctx, "/collections/{id}/models", "modelIds", collectionID, ids)
}

func (c *Client) add(ctx context.Context, template, field, collectionID string, ids []string) error {
	for batch := range slices.Chunk(ids, maxBatch) {
		var got struct{} // the collection, of which nothing is needed
		if _, err := c.call(ctx, request{
			op: "adding to the collection", method: "PUT", template: template, id: collectionID,
			body: map[string][]string{field: batch}, emptyOK: true,
		}, &got); err != nil {
			return err
		}
	}
	return nil
}
