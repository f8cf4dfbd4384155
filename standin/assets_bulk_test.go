package standin

import (
	"strings"
	"testing"
)

func TestAssetsInBulk(t *testing.T) {
	s := start(t, Options{ImportDelay: -1, Behavior: Behavior{Converted: true, Originals: true}})
	c := newClient(t, s)
	first, second := c.upload("image", "a.png", []byte("abc"), nil).EntityID, c.upload("image", "b.png", []byte("defg"), nil).EntityID
	ask := func(query string, ids ...string) (reply, []assetWire) {
		t.Helper()
		var got struct{ Assets []assetWire }
		r := c.do("POST", "/assets/get-bulk"+query, map[string]any{"assetIds": ids})
		if r.status == 200 {
			c.want(r, 200, &got)
		}
		return r, got.Assets
	}
	if _, all := ask("", second, "nobody", first, first); len(all) != 2 || all[0].ID != second || all[1].ID != first || all[0].MIMEType != convertedMIME {
		t.Errorf("%+v", all)
	}
	if _, all := ask("?originalAssets=true", first); len(all) != 1 || all[0].Properties["size"] != 3.0 || all[0].MIMEType != all[0].OriginalMIMEType {
		t.Errorf("originals: %+v", all)
	}
	for name, ids := range map[string][]string{"none": {}, "too many": strings.Split(strings.Repeat("x,", maxBulkIDs), ",")} {
		if r, _ := ask("", ids...); r.status != 400 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	s = start(t, Options{ImportDelay: -1, Behavior: Behavior{MaxBulkAnswer: 10}})
	c = newClient(t, s)
	if r, _ := ask("", c.upload("image", "a.png", []byte("abc"), nil).EntityID); r.status != 413 {
		t.Errorf("a large answer: %d %s", r.status, r.body)
	}
}
