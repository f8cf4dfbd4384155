package config

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// Located is as much of a config as commands that talk to a running daemon need, and what
// keeps the rest from being used.
type Located struct {
	*Config
	Problem error // what is wrong with the config; nil: nothing, and the Config is complete
}

// Locate reads where the data directory of the config at path is, also while the config has
// problems: a running daemon goes by the one before, and must be reached all the same.
// It fails, as Load does, where the data directory cannot be told for certain.
func (l Loader) Locate(path string) (Located, error) {
	c, err := l.Load(path)
	if err == nil {
		return Located{Config: c}, nil
	}
	absolute, absErr := filepath.Abs(path)
	if absErr != nil {
		return Located{}, err
	}
	content, readErr := readFile(absolute)
	if readErr != nil {
		return Located{}, err
	}
	s := newConfigSource(path, absolute, string(content))
	value, known := findDataDir(s.text)
	if !known {
		return Located{}, err
	}
	dir := DefaultDataDir(absolute)
	if value != "" {
		t := &table{source: s}
		if dir = t.explicitDataDir("data_dir", value, absolute); len(s.problems) > 0 {
			return Located{}, err
		}
	}
	found := Located{Config: Default(), Problem: err}
	found.File, found.DataDir = absolute, dir
	// What of the folders can be read is of use for finding a file by its name.
	if values, places, ok := newConfigSource(path, absolute, s.text).decode(); ok {
		t := &table{source: newConfigSource(path, absolute, s.text), values: values, node: places.root}
		t.watches(found.Config, true)
	}
	return found, nil
}

// LocateMissing is Locate for a config that is no longer there: the data directory is where
// it belongs by the place of the config.
func LocateMissing(e *NotFoundError, path string) Located {
	found := Located{Config: Default(), Problem: e}
	found.File, found.DataDir = path, DefaultDataDir(path)
	return found
}

var (
	dataDirLine = regexp.MustCompile(`(?m)^[ \t]*["']?data_dir["']?[ \t]*=.*$`)
	headingLine = regexp.MustCompile(`(?m)^[ \t]*\[`)
	keyOfLine   = regexp.MustCompile(`(?m)^[ \t]*["']?([A-Za-z0-9_-]+)["']?[ \t]*=`)
)

// findDataDir finds the value of data_dir in a text that may be no TOML elsewhere; "" where it
// is not set. known is false where the text leaves room for doubt: another place than the one
// in force would be a daemon that nobody finds.
func findDataDir(text string) (value string, known bool) {
	head := text
	if at := headingLine.FindStringIndex(text); at != nil {
		head = text[:at[0]]
	}
	lines := dataDirLine.FindAllString(text, -1)
	switch {
	case len(lines) > 1:
		return "", false
	case len(lines) == 0:
		for _, key := range keyOfLine.FindAllStringSubmatch(head, -1) {
			if nearest(key[1], []string{"data_dir"}) != "" {
				return "", false // mistyped
			}
		}
		return "", true
	case len(dataDirLine.FindAllString(head, -1)) == 0:
		return "", false // it stands below a heading
	}
	var line struct {
		DataDir *string `toml:"data_dir"`
	}
	if err := decodeInto(strings.TrimSpace(lines[0]), &line); err != nil || line.DataDir == nil {
		return "", false
	}
	return *line.DataDir, true
}

// decodeInto guards against the library's own panics, as decodeTOML does.
func decodeInto(text string, to any) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the TOML library gave up")
		}
	}()
	_, err = toml.Decode(text, to)
	return err
}
