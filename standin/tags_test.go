package standin

import (
	"slices"
	"strings"
	"testing"
)

// Tags are added and taken away; strictly, what is so already is refused, and then nothing changes.
func TestTags(t *testing.T) {
	s := start(t, Options{ImportDelay: -1})
	c := newClient(t, s)
	path := "/assets/" + c.upload("image", "small.png", []byte("\x89PNG\r\n\x1a\nsmall"), nil).EntityID + "/tags"
	for _, step := range []struct {
		body   map[string]any
		status int
		want   []string
	}{
		{map[string]any{"add": []string{"orc", "wip"}, "strict": false}, 200, []string{"orc", "wip"}},
		{map[string]any{"add": []string{"orc", "elf"}, "strict": false}, 200, []string{"elf", "orc", "wip"}},
		{map[string]any{"add": []string{"new", "orc"}}, 400, []string{"elf", "orc", "wip"}},
		{map[string]any{"delete": []string{"gone"}, "strict": true}, 400, []string{"elf", "orc", "wip"}},
		{map[string]any{"delete": []string{"gone", "wip"}, "strict": false}, 200, []string{"elf", "orc"}},
		{map[string]any{"add": []string{""}, "strict": false}, 400, []string{"elf", "orc"}},
	} {
		c.want(c.do("PUT", path, step.body), step.status, nil)
		if got := slices.Sorted(slices.Values(s.Account().Assets[0].Tags)); !slices.Equal(got, step.want) {
			t.Errorf("after %v: %q, want %q", step.body, got, step.want)
		}
	}
	var record struct{ Asset assetWire }
	c.want(c.do("GET", strings.TrimSuffix(path, "/tags"), nil), 200, &record)
	if len(record.Asset.Tags) != 2 {
		t.Errorf("the asset's record has %q", record.Asset.Tags)
	}
	c.want(c.do("PUT", "/assets/asset_none/tags", map[string]any{"add": []string{"orc"}}), 404, nil)
}
