package uploader

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	rng.Read(b)
	return b
}

func TestCollectionNames(t *testing.T) {
	rule := Rule{Root: "/w/Characters", Collections: []string{"Characters"}, SubfolderCollections: true}
	for path, want := range map[string][]string{
		"/w/Characters/x.png":          {"Characters"},
		"/w/Characters/Orcs/x.png":     {"Characters", "Orcs"},
		"/w/Characters/Orcs/wip/x.png": {"Characters", "Orcs"},
		"/w/Elsewhere/Orcs/x.png":      {"Characters"},
	} {
		if got := rule.collectionNames(path); !slices.Equal(got, want) {
			t.Errorf("%s joins %q, want %q", path, got, want)
		}
	}
	rule.SubfolderCollections = false
	if got := rule.collectionNames("/w/Characters/Orcs/x.png"); !slices.Equal(got, []string{"Characters"}) {
		t.Errorf("without subfolder_collections it joins %q", got)
	}
}

func TestFileName(t *testing.T) {
	for path, want := range map[string]string{
		"/w/orc.png":       "orc.png",
		"/w/two\nlines":    "two_lines",
		"/w/b\xffd.png":    "b_d.png",
		"/w/Žluťoučký.glb": "Žluťoučký.glb",
	} {
		if got := fileName(path); got != want {
			t.Errorf("fileName(%q) = %q, want %q", path, got, want)
		}
	}
}
