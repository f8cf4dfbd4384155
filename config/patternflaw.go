package config

import (
	"slices"
	"strings"

	"scenario-drop/filetype"
)

// patternFlaw finds patterns of `include` or `exclude` (the key) that other programs
// understand, or that look right, and that can never match what was meant.
func patternFlaw(key, pattern string) flaw {
	trimmed := strings.TrimFunc(pattern, blank)
	several, listed := asList(pattern)
	switch {
	case trimmed == "":
		return flaw{"is empty", `for example "**/*.png"`}
	case trimmed != pattern:
		return flaw{"begins or ends with a space, or a mark that cannot be seen", `write it without: "` + shown(trimmed) + `"`}
	case strings.HasPrefix(pattern, "!"):
		rest := shown(strings.TrimLeft(pattern, "!"))
		if key == "exclude" {
			return flaw{"begins with !, which does not make an exception here",
				`what is to be sent belongs into include = ["` + rest + `"]; a name that really begins with ! is "**/` + shown(pattern) + `"`}
		}
		return flaw{"begins with !, which does not turn it around here",
			`what is not to be sent belongs into exclude = ["` + rest + `"]; a name that really begins with ! is "**/` + shown(pattern) + `"`}
	case slices.Contains(strings.Split(pattern, "/"), ".."):
		return flaw{"leads out of the watch folder with ..", `patterns are relative to the watch folder and stay in it, for example "**/wip/**"`}
	case several:
		return flaw{"holds several patterns in one text, which together match nothing", "write a list: " + key + " = [" + listed + "]"}
	}
	return flaw{}
}

// questionablePattern finds patterns that can match something, but hardly what was meant: they are
// worth a warning.
func questionablePattern(key, pattern string) flaw {
	// A folder may be called png, and exclude takes the names of folders.
	if ext, isExt := bareExtension(pattern); isExt && (key == "include" || strings.HasPrefix(pattern, ".")) {
		return flaw{"is an extension alone, which matches only a file of exactly this name", `write "*.` + ext + `"`}
	}
	if listed := maybeList(pattern); listed != "" {
		return flaw{"holds a comma, which is part of a name here", "if these are several patterns, write a list: " + key + " = [" + listed + "]"}
	}
	return flaw{}
}

// bareExtension is the extension that a pattern such as "png" or ".PNG" means.
func bareExtension(pattern string) (ext string, ok bool) {
	ext = strings.TrimPrefix(pattern, ".")
	return ext, filetype.KnownExtension(ext)
}

// asList splits a text in which several patterns stand, as in "*.png;*.jpg" or "*.png,
// *.jpg", and reports whether it is one. A comma within braces is the pattern's own, and
// one between plain words may be part of a name.
func asList(pattern string) (several bool, listed string) {
	for _, separator := range []rune{';', ',', '|'} {
		parts := splitOutside(pattern, separator)
		if len(parts) < 2 {
			continue
		}
		plain := false
		var quoted []string
		for _, p := range parts {
			if p = strings.TrimSpace(p); p == "" {
				continue
			}
			_, isExt := bareExtension(p)
			plain = plain || !strings.ContainsAny(p, "*?/") && !isExt
			if isExt {
				p = "*." + strings.TrimPrefix(p, ".")
			}
			quoted = append(quoted, `"`+shown(p)+`"`)
		}
		if separator == ',' && plain {
			continue
		}
		return true, strings.Join(quoted, ", ")
	}
	return false, ""
}

// maybeList is the list that plain words with commas between may be; "" for what is none.
func maybeList(pattern string) string {
	parts := splitOutside(pattern, ',')
	if len(parts) < 2 || strings.ContainsAny(pattern, "*?/[{") {
		return ""
	}
	for i, p := range parts {
		if parts[i] = `"` + shown(strings.TrimSpace(p)) + `"`; parts[i] == `""` {
			return ""
		}
	}
	return strings.Join(parts, ", ")
}

// splitOutside splits at a separator that stands in no braces or brackets.
func splitOutside(s string, separator rune) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range s {
		switch {
		case r == '{' || r == '[':
			depth++
		case r == '}' || r == ']':
			depth--
		case r == separator && depth <= 0:
			parts = append(parts, s[start:i])
			start = i + len(string(r))
		}
	}
	return append(parts, s[start:])
}
