//go:build unix

package trash

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// candidate is the n-th name, from 1, for a file called base in the trash: base itself,
// then "base 2.png" and so on, of limit bytes at most.
func candidate(base string, n, limit int) string {
	ext := filepath.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	if stem == "" || len(ext) > 32 { // a hidden file, or a name that merely has a dot in it
		stem, ext = base, ""
	}
	tail := ext
	if n > 1 {
		tail = " " + strconv.Itoa(n) + ext
	}
	return shorten(stem, limit-len(tail)) + tail
}

// shorten cuts s to limit bytes, not within a character where s is UTF-8.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && cut > limit-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
