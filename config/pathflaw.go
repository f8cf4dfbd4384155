package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// flaw is what is wrong with a value, put so that it follows the name of its key, and
// what to do about it. The zero value is none.
type flaw struct{ what, hint string }

const (
	typographicQuotes = "“”„‟‘’‚‛«»‹›＂＇"
	quotes            = `"'` + typographicQuotes
)

// pathFlaw finds what computers and chat programs make of a path on its way into the
// file, none of which can be meant. windows: the path is for Windows.
//
// A space at an end is not looked for here: a folder may really be called so.
func pathFlaw(value string, windows bool) flaw {
	first, last := firstAndLast(value)
	switch {
	case strings.ContainsRune(value, 0):
		return flaw{"holds a character no path can hold", "write the path again"}
	case strings.ContainsFunc(value, unicode.IsControl):
		return flaw{"holds a control character, which a backslash in double quotes becomes: \\n is a new line, \\t a tab",
			"write the path in single quotes, " + singleQuoted(withBackslashes(value)) + ", or with / in place of each backslash"}
	case strings.ContainsRune(quotes, first) && strings.ContainsRune(quotes, last) && len(value) > 1:
		return flaw{"has quotes within its quotes", "write the path with one pair of quotes, such as '" + oneLine(strings.Trim(value, quotes)) + "'"}
	case strings.ContainsRune(`"“”`, first):
		return flaw{"begins with a quote", "remove it"}
	case address.MatchString(value):
		return flaw{"is a web address, not a folder", "write the path at which this computer shows the folder" + sharePath(windows)}
	}
	if name, home := variable(value); name != "" {
		hint := "write the whole path, from the root"
		if home {
			hint = `for the home folder write ~, as in "~/Art", or the whole path`
		}
		return flaw{"holds the environment variable " + name + ", which is not replaced here, since a service has other variables than you", hint}
	}
	if windows {
		return windowsFlaw(value)
	}
	if drive.MatchString(value) || strings.HasPrefix(value, `\\`) {
		return flaw{"is a path of Windows, and this computer is none", "write the path as this computer shows it, with /"}
	}
	return flaw{}
}

// address is the beginning of file:///… or smb://….
var address = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+://`)

// drive is the beginning of an absolute path on a drive of Windows.
var drive = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// windowsFlaw finds the paths of Windows that mean another folder in every program:
// relative to a drive's current folder, or to the current drive.
func windowsFlaw(value string) flaw {
	isSlash := func(i int) bool { return len(value) > i && (value[i] == '\\' || value[i] == '/') }
	switch {
	case len(value) >= 2 && value[1] == ':' && unicode.IsLetter(rune(value[0])) && !isSlash(2):
		return flaw{"names a drive without a \\ after it, which means the current folder of that drive",
			"write " + singleQuoted(value[:2]+`\`+value[2:])}
	case isSlash(0) && !isSlash(1):
		return flaw{"names no drive", "write the drive too, such as " + singleQuoted(`C:\`+strings.ReplaceAll(value[1:], "/", `\`))}
	}
	return flaw{}
}

func sharePath(windows bool) string {
	if windows {
		return `, such as '\\server\share\Art'`
	}
	return ", such as /Volumes/share or /mnt/share, once it is connected"
}

// variables are the names that are meant wherever they stand in a path.
var variables = []string{"HOME", "USER", "LOGNAME", "USERNAME", "USERPROFILE", "HOMEPATH", "HOMEDRIVE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
	"PUBLIC", "ONEDRIVE", "TEMP", "TMP", "TMPDIR", "HOSTNAME", "COMPUTERNAME", "SYSTEMDRIVE", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}

var (
	variableStart = regexp.MustCompile(`^(\$[A-Z_][A-Z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[Ee]nv:[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_()]*%)([\\/]|$)`)
	variableAny   = regexp.MustCompile(`\$[Ee]nv:[A-Za-z_]+|\$\{?[A-Za-z_]+\}?|%[A-Za-z_]+%`)
)

// variable is the first environment variable in a path, as written, and whether it is
// the home folder. A dollar or percent sign alone is part of a name.
func variable(value string) (name string, home bool) {
	if m := variableStart.FindStringSubmatch(value); m != nil {
		name = m[1]
	} else {
		for _, found := range variableAny.FindAllString(value, -1) {
			if slices.Contains(variables, strings.ToUpper(variableName(found))) {
				name = found
				break
			}
		}
	}
	bare := strings.ToUpper(variableName(name))
	return name, bare == "HOME" || bare == "USERPROFILE"
}

func variableName(written string) string {
	if len(written) > 5 && strings.EqualFold(written[:5], "$env:") {
		return written[5:]
	}
	return strings.Trim(written, "${}%")
}

// blank reports whether a character at the end of a path shows nothing: a space, or a
// mark that some programs put before a copied path.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}

// withBackslashes undoes what double quotes made of backslashes.
func withBackslashes(value string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`, "\r", `\r`, "\b", `\b`, "\f", `\f`, "\x1b", `\e`).Replace(value)
}

func singleQuoted(path string) string { return "'" + oneLine(path) + "'" }

func firstAndLast(s string) (first, last rune) {
	runes := []rune(s)
	if len(runes) == 0 {
		return 0, 0
	}
	return runes[0], runes[len(runes)-1]
}
