package scenario

import (
	"strings"
	"testing"
)

func TestScrub(t *testing.T) {
	scrub := scrubber("the-key", "the-secret", "ab", "")
	for in, want := range map[string]string{
		"fileSize is too large":                       "fileSize is too large",
		"Unexpected token: } in JSON":                 "Unexpected token: } in JSON",
		"about table":                                 "about table", // "ab" is too short to be a secret
		"the-key and the-secret":                      "[removed] and [removed]",
		"a\x00b\x1b[31mc\r\n\td\u202ee":               "a b [31mc d e",
		"bad \xff\xfe bytes":                          "bad bytes",
		"see https://docs.example.com/a/b for help":   "see https://docs.example.com/a/b for help",
		"PUT https://s3.example.com/k?X-Amz-Sig=1 no": "PUT https://s3.example.com/… no",
		"at https://me:pw@proxy.example.com:8080":     "at https://proxy.example.com:8080",
		"X-Amz-Signature=0123abc&x=1":                 "X-Amz-Signature=[removed]&x=1",
		"Authorization: Basic dXNlcjpwYXNz end":       "Authorization: Basic [removed] end",
	} {
		if got := scrub(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	long := scrub(strings.Repeat("ä", 100_000))
	if len(long) > maxMessage || !strings.HasSuffix(long, "ä…") {
		t.Errorf("a long message became %d bytes, ending %q", len(long), long[len(long)-8:])
	}
}
