package uploader

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
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

func TestDigestFile(t *testing.T) {
	data := noise(2*MinPartSize+12345, 1)
	plan, err := NewPlan(int64(len(data)), MinPartSize)
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	d, err := digestFile(t.Context(), bytes.NewReader(data), plan, func(_ context.Context, part int) error {
		order = append(order, part)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(data); !bytes.Equal(d.sha256, want[:]) {
		t.Errorf("sha256 %x, want %x", d.sha256, want)
	}
	for n := 1; n <= plan.Parts; n++ {
		offset, length := plan.Range(n)
		if want := crc32.Checksum(data[offset:offset+length], castagnoli); d.parts[n-1] != want {
			t.Errorf("part %d: %08x, want %08x", n, d.parts[n-1], want)
		}
	}
	if !slices.Equal(order, []int{1, 2, 3}) {
		t.Errorf("parts were announced as %v", order)
	}
	if _, err := digestFile(t.Context(), bytes.NewReader(data[:len(data)-1]), plan, nil); !errors.Is(err, errShort) {
		t.Errorf("a file that is a byte short: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := digestFile(cancelled, bytes.NewReader(data), plan, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
}

func TestSample(t *testing.T) {
	data := noise(1<<20, 2)
	of := func(b []byte) string {
		s, err := sample(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return string(s)
	}
	base := of(data)
	if base != of(slices.Clone(data)) {
		t.Error("equal bytes have different samples")
	}
	for name, at := range map[string]int{"head": 0, "middle": len(data) / 2, "tail": len(data) - 1} {
		other := slices.Clone(data)
		other[at]++
		if of(other) == base {
			t.Errorf("a change in the %s does not show", name)
		}
	}
	if of(data[:len(data)-1]) == base {
		t.Error("another size does not show")
	}
	of([]byte{1}) // smaller than a sample
	if _, err := sample(bytes.NewReader(data), int64(len(data)+1)); !errors.Is(err, errShort) {
		t.Errorf("of a file that is too short: %v", err)
	}
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
