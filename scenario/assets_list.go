package scenario

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// AssetFilter says which assets to list.
type AssetFilter struct {
	CollectionID string // "": all of the project
	Token        string // AssetPage.Next of the page before; "": the first page
	Newest       bool   // asks for the newest first; whether that is heeded is for the caller to see
	Originals    bool   // asks for sizes and types of what was sent, where Scenario converted it
}

// AssetPage is a page of a list of assets.
type AssetPage struct {
	Assets []Asset
	Next   string // the Token of the page after this one; "": it is the last

	ServerDate time.Time // the server's clock at the answer; zero when unknown
}

// AssetPage lists a hundred of the project's assets; models are none. An answer of
// Scenario's own that cannot be read as a list is of class Rejected, as the call's own
// no: asking again would not help, and whoever asks has to do without.
//
// The call is known from Scenario's official client (asset_list_params.py), which does
// not say in which order they come.
func (c *Client) AssetPage(ctx context.Context, f AssetFilter) (AssetPage, error) {
	r := request{
		op: "listing the assets", method: "GET", template: "/assets",
		query: url.Values{"pageSize": {strconv.Itoa(pageSize)}},
	}
	if f.CollectionID != "" {
		r.query.Set("collectionId", f.CollectionID)
	}
	if f.Newest {
		r.query.Set("sortBy", "createdAt")
		r.query.Set("sortDirection", "desc")
	}
	if f.Originals {
		r.query.Set("originalAssets", "true")
	}
	if f.Token != "" {
		r.query.Set("paginationToken", f.Token)
	}
	var got struct {
		Assets lenient[[]lenient[assetWire]] `json:"assets"`
		Next   lenient[string]               `json:"nextPaginationToken"`
	}
	a, err := c.call(ctx, r, &got)
	if err != nil {
		return AssetPage{}, err
	}
	if got.Assets.v == nil {
		return AssetPage{}, &Error{
			Op: r.op, Class: Rejected, Status: a.status, Message: "there is no list in the answer",
			RequestID: a.requestID, ServerDate: a.date,
		}
	}
	page := AssetPage{Next: got.Next.v, ServerDate: a.date}
	for i := range got.Assets.v {
		if w := &got.Assets.v[i].v; w.ID != "" {
			page.Assets = append(page.Assets, w.asset())
		}
	}
	return page, nil
}
