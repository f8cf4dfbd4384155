package cli

import (
	"runtime"
	"strings"
	"unicode"
)

// argument is a path as somebody types it after a command; PATH if no keyboard has it.
func argument(path string) string {
	if printable(path) != path {
		return "PATH"
	}
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+@,:=", r) || r == '\\' && runtime.GOOS == "windows"
	}
	switch {
	case !strings.ContainsFunc(path, func(r rune) bool { return !plain(r) }):
		return path
	case runtime.GOOS == "windows":
		return `"` + path + `"`
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
