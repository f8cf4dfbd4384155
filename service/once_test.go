package service

import (
	"fmt"
	"slices"
	"testing"

	"scenario-drop/drop"
	"scenario-drop/standin"
)

// One thousand files of 200 KiB over two folders become one thousand assets of the
// right kind in the right collections; a second pass asks nothing of Scenario and
// opens no file.
func TestOnceThousandFiles(t *testing.T) {
	const each, size = 500, 200 << 10
	s := newStudio(t, standin.Options{}, "Characters", "Props")
	s.config.Watches[0].Collections = []string{"Characters"}
	s.config.Watches[1].Kind = "3d"
	props := s.server.AddCollection("Props of old")
	s.config.Watches[1].CollectionIDs = []string{props}

	var sums []string
	wantKind := map[string]string{}
	for i := range each {
		sum := s.save(noise(size, uint64(i)), "Characters", fmt.Sprintf("%d/orc-%03d.png", i%10, i))
		wantKind[sum] = "image"
		sums = append(sums, sum)
		sum = s.save(noise(size, uint64(each+i)), "Props", fmt.Sprintf("barrel-%03d.glb", i))
		wantKind[sum] = "3d"
		sums = append(sums, sum)
	}
	res := s.once()
	if res.Counts[drop.Imported] != 2*each || len(res.Counts) != 1 {
		t.Fatalf("the pass came to %+v", res)
	}
	account := s.server.Account()
	characters, ok := account.Collection("Characters")
	if !ok {
		t.Fatal("the collection was not made")
	}
	for sum, asset := range s.exactlyOnce(sums...) {
		in := characters.ID
		if wantKind[sum] == "3d" {
			in = props
		}
		if asset.Kind != wantKind[sum] || !slices.Equal(asset.Collections, []string{in}) {
			t.Errorf("%s is of kind %q in %v, want %q in %s", asset.Name, asset.Kind, asset.Collections, wantKind[sum], in)
		}
	}
	before := account.Requests
	opens := countOpens(t, s.path("Characters"), s.path("Props"))
	res = s.once()
	if len(res.Counts) != 0 {
		t.Errorf("the second pass came to %+v", res)
	}
	if after := s.server.Account().Requests; !equalCounts(before, after) {
		t.Errorf("the second pass made requests: %v, before it %v", after, before)
	}
	if n := opens(); n != 0 {
		t.Errorf("the second pass opened files %d times", n)
	}
}

func equalCounts(a, b map[string]int) bool {
	for k, n := range b {
		if a[k] != n {
			return false
		}
	}
	return true
}
