//go:build unix

package trash

import (
	"strings"
	"testing"
)

func TestCandidate(t *testing.T) {
	for _, c := range []struct {
		base  string
		n     int
		limit int
		want  string
	}{
		{"a.png", 1, 255, "a.png"},
		{"a.png", 2, 255, "a 2.png"},
		{"a.tar.gz", 12, 255, "a.tar 12.gz"},
		{".hidden", 2, 255, ".hidden 2"},
		{"noext", 3, 255, "noext 3"},
		{"v1." + strings.Repeat("x", 40), 2, 255, "v1." + strings.Repeat("x", 40) + " 2"},
		{strings.Repeat("a", 255), 1, 245, strings.Repeat("a", 245)},
		{strings.Repeat("a", 251) + ".png", 1, 245, strings.Repeat("a", 241) + ".png"},
		{strings.Repeat("ä", 125) + ".png", 2, 245, strings.Repeat("ä", 119) + " 2.png"}, // 239 bytes would split one
		{strings.Repeat("\xff", 250), 1, 245, strings.Repeat("\xff", 245)},
	} {
		got := candidate(c.base, c.n, c.limit)
		if got != c.want || len(got) > c.limit {
			t.Errorf("%q, %d: %q of %d bytes, want %q", c.base, c.n, got, len(got), c.want)
		}
	}
}
