package file

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNumbered(t *testing.T) {
	long := strings.Repeat("x", 251) + ".png"
	umlauts := strings.Repeat("ü", 125) + "u.png"
	endless := "x." + strings.Repeat("y", 253)
	for name, want := range map[string]string{
		"a.png":        "a (2).png",
		"a":            "a (2)",
		"-rf":          "-rf (2)",
		"trailing. ":   "trailing (2). ",
		"archive.a.gz": "archive.a (2).gz",
		long:           long[:247] + " (2).png",
		umlauts:        strings.Repeat("ü", 123) + " (2).png",
		endless:        endless[:251] + " (2)",
	} {
		if got := numbered(name, 2); got != want || len(got) > maxName || utf8.ValidString(name) && !utf8.ValidString(got) {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
	if got := numbered(strings.Repeat("\xff", 255), 123); len(got) > maxName || !strings.HasSuffix(got, " (123)") {
		t.Errorf("bytes became %q", got)
	}
}
