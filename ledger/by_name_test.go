package ledger

import (
	"path/filepath"
	"slices"
	"testing"

	"scenario-drop/drop"
)

func TestFindByName(t *testing.T) {
	l, _ := newLedger(t)
	paths := []string{"/w/a/orc.png", "/w/b/ORC.png", "/w/b/orc.png.txt", "/w/é.png", "/w/sub/E\u0301.PNG", "/w/odd\xff.png", "/v/orc.png"}
	for i, p := range paths {
		admit(t, l, Observation{Root: "/w", Path: filepath.FromSlash(p), Fingerprint: fp(int64(i + 1)), State: drop.Queued})
	}
	for _, tt := range []struct {
		name  string
		limit int
		want  []string
		count int
	}{
		{"orc.png", 10, []string{"/v/orc.png", "/w/a/orc.png", "/w/b/ORC.png"}, 3},
		{"Orc.PNG", 2, nil, 3},
		{"e\u0301.png", 10, []string{"/w/sub/E\u0301.PNG", "/w/é.png"}, 2},
		{"É.png", 10, []string{"/w/sub/E\u0301.PNG", "/w/é.png"}, 2},
		{"odd\xff.png", 10, []string{"/w/odd\xff.png"}, 1},
		{"rc.png", 10, nil, 0},
		{"%", 10, nil, 0},
	} {
		items, count, err := l.FindByName(t.Context(), tt.name, tt.limit)
		must(t, err)
		var got []string
		for _, it := range items {
			got = append(got, filepath.ToSlash(it.Path))
		}
		slices.Sort(got)
		if count != tt.count || len(got) != min(tt.count, tt.limit) || tt.want != nil && !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, %d; want %q, %d", tt.name, got, count, tt.want, tt.count)
		}
	}
}

// A name is looked for among 200 000 files.
func BenchmarkFindByName(b *testing.B) {
	l, _ := newLedger(b)
	fillLedger(b, l, drop.Imported, 0, 200_000)
	for _, name := range []string{"150000.png", "é.png"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := l.FindByName(b.Context(), name, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
