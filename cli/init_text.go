package cli

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"
)

//go:embed init.toml.tmpl
var initTemplate string

// configText is the config for what init has been told.
func configText(s *setup) (string, error) {
	t, err := template.New("config").Funcs(template.FuncMap{"toml": tomlString}).Parse(initTemplate)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, s); err != nil {
		if e, ok := errors.AsType[*exitError](err); ok {
			return "", e // what tomlString has to say, without the template's place
		}
		return "", err
	}
	return b.String(), nil
}

// tomlString writes a TOML basic string (TOML 1.0, "String"). Go's own quoting knows
// escapes that TOML does not.
func tomlString(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", usagef("%q is not UTF-8, which a config cannot hold", s)
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String(), nil
}
