package scenario

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// Asset is Scenario's record of an asset. All but ID may be missing.
type Asset struct {
	ID            string
	Name          string
	Kind          string // of assets, which are not quite the kinds of uploads
	MIMEType      string
	OriginalType  string // MIME type of what was sent, where Scenario tells it
	Status        string // success, pending, error
	CollectionIDs []string
	Tags          []string
	ParentID      string
	OwnerID       string // the project
	Hidden        bool
	Size          int64     // bytes; 0 when not told
	CreatedAt     time.Time // zero when not told
	DeletedAt     time.Time // zero when it is not deleted
}

// Model is Scenario's record of a model, which is what an upload of kind "model" makes.
type Model struct {
	ID            string
	Name          string
	Status        string
	CollectionIDs []string
}

type assetWire struct {
	ID            string          `json:"id"`
	Kind          lenient[string] `json:"kind"`
	MIMEType      lenient[string] `json:"mimeType"`
	OriginalType  lenient[string] `json:"originalMimeType"`
	Status        lenient[string] `json:"status"`
	CollectionIDs list[string]    `json:"collectionIds"`
	Tags          list[string]    `json:"tags"`
	OwnerID       lenient[string] `json:"ownerId"`
	Hidden        lenient[bool]   `json:"isHidden"`
	CreatedAt     scalar          `json:"createdAt"`
	DeletedAt     scalar          `json:"deletedAt"`
	Metadata      lenient[struct {
		Name     lenient[string] `json:"name"`
		ParentID lenient[string] `json:"parentId"`
	}] `json:"metadata"`
	Properties lenient[struct {
		Size lenient[float64] `json:"size"`
	}] `json:"properties"`
}

func (w *assetWire) asset() Asset {
	return Asset{
		ID: w.ID, Name: w.Metadata.v.Name.v, Kind: w.Kind.v, MIMEType: w.MIMEType.v, OriginalType: w.OriginalType.v, Status: w.Status.v,
		CollectionIDs: ids(w.CollectionIDs), Tags: w.Tags.v, ParentID: w.Metadata.v.ParentID.v, OwnerID: w.OwnerID.v, Hidden: w.Hidden.v,
		Size: integer(w.Properties.v.Size.v), CreatedAt: parseExpires(w.CreatedAt.v), DeletedAt: parseExpires(w.DeletedAt.v),
	}
}

// Converted reports whether the size and type of the record are of a form that Scenario made
// of what was sent.
func (a *Asset) Converted() bool {
	return a.OriginalType != "" && a.MIMEType != "" && !strings.EqualFold(a.OriginalType, a.MIMEType)
}

// originals asks for what was sent where Scenario converted it.
func originals() url.Values { return url.Values{"originalAssets": {"true"}} }

// GetAsset reads an asset's record, of what was sent if Scenario converted it; class NotFound
// when it was deleted.
func (c *Client) GetAsset(ctx context.Context, id string) (*Asset, error) {
	var got struct {
		Asset assetWire `json:"asset"`
	}
	if err := c.get(ctx, request{op: "looking up the asset", template: "/assets/{id}", id: id, query: originals()}, &got, &got.Asset.ID); err != nil {
		return nil, err
	}
	found := got.Asset.asset()
	return &found, nil
}

// MaxBulk is how many assets GetAssets asks for at most.
const MaxBulk = 200

// GetAssets reads the records of several assets, as GetAsset does. Those that there are not
// are not in the list, whose order means nothing.
func (c *Client) GetAssets(ctx context.Context, ids []string) ([]Asset, error) {
	r := request{op: "looking up assets", method: "POST", template: "/assets/get-bulk", query: originals(),
		body: map[string]any{"assetIds": ids}}
	var got struct {
		Assets lenient[[]lenient[assetWire]] `json:"assets"`
	}
	a, err := c.call(ctx, r, &got)
	if err != nil {
		return nil, err
	}
	if got.Assets.v == nil {
		return nil, a.garbled(r.op, "there is no list in it")
	}
	var all []Asset
	for i := range got.Assets.v {
		if w := &got.Assets.v[i].v; w.ID != "" {
			all = append(all, w.asset())
		}
	}
	return all, nil
}

// GetModel reads a model's record; class NotFound when it was deleted. An asset's id is
// no model's id.
func (c *Client) GetModel(ctx context.Context, id string) (*Model, error) {
	var got struct {
		Model struct {
			ID            string          `json:"id"`
			Name          lenient[string] `json:"name"`
			Status        lenient[string] `json:"status"`
			CollectionIDs list[string]    `json:"collectionIds"`
		} `json:"model"`
	}
	if err := c.get(ctx, request{op: "looking up the model", template: "/models/{id}", id: id}, &got, &got.Model.ID); err != nil {
		return nil, err
	}
	w := &got.Model
	return &Model{ID: w.ID, Name: w.Name.v, Status: w.Status.v, CollectionIDs: w.CollectionIDs.v}, nil
}

// AddAssetTags puts tags on an asset; one that it has already is no error. An asset that there
// is not is class NotFound.
func (c *Client) AddAssetTags(ctx context.Context, id string, tags []string) error {
	return c.addTags(ctx, "/assets/{id}/tags", id, tags)
}

// AddModelTags is AddAssetTags for a model. That Scenario has the call is not documented: class
// NotFound may mean either.
func (c *Client) AddModelTags(ctx context.Context, id string, tags []string) error {
	return c.addTags(ctx, "/models/{id}/tags", id, tags)
}

// addTags asks not to be strict, with which tags that are there already are let pass.
func (c *Client) addTags(ctx context.Context, template, id string, tags []string) error {
	var got struct{} // of which nothing is needed
	_, err := c.call(ctx, request{op: "setting the tags", method: "PUT", template: template, id: id,
		body: map[string]any{"add": tags, "delete": []string{}, "strict": false}, emptyOK: true}, &got)
	return err
}

// get reads the one record r.id; gotID points to the id within out.
func (c *Client) get(ctx context.Context, r request, out any, gotID *string) error {
	r.method = "GET"
	a, err := c.call(ctx, r, out)
	switch {
	case err != nil:
		return err
	case *gotID == "":
		return a.garbled(r.op, "there is no such record in it")
	case *gotID != r.id:
		return a.garbled(r.op, "it is about something else")
	}
	return nil
}
