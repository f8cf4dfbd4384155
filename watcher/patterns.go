package watcher

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// PatternWarning is a pattern of a folder that, by what is there now, does not do what was
// probably meant.
type PatternWarning struct {
	Key     string // "include" or "exclude"
	Pattern string // as written
	Literal string // a name on disk that the pattern spells, and does not match because of its brackets; "" for none
	Folder  string // a folder that an include pattern names, though include is about files; "" for none
}

// PatternCheck is what CheckPatterns found.
type PatternCheck struct {
	Files    int // that the patterns were tried on
	Warnings []PatternWarning
}

// CheckPatterns tries a folder's patterns on what is in it: which of them match nothing
// there, and which spell a name that they do not match. It reads at most limit entries, and then says
// nothing of patterns that matched none of those. seen is called after each.
func CheckPatterns(ctx context.Context, folder Folder, all []Folder, limit int, seen func()) (PatternCheck, error) {
	r := compile(folder, all)
	tried := make([]patternTry, 0, len(r.include)+len(r.exclude))
	for _, p := range r.include {
		tried = append(tried, patternTry{pattern: p, key: "include"})
	}
	for _, p := range r.exclude {
		tried = append(tried, patternTry{pattern: p, key: "exclude"})
	}
	if len(tried) == 0 {
		return PatternCheck{}, nil
	}
	var out PatternCheck
	entries := 0
	err := filepath.WalkDir(r.root, func(path string, d fs.DirEntry, err error) error {
		seen()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil || path == r.root:
			return nil // what cannot be read is said elsewhere
		}
		if entries++; entries > limit {
			return fs.SkipAll
		}
		name := d.Name()
		if d.IsDir() {
			if v := r.dir(path, name); v.refusal != notIgnored && v.refusal != isExcluded {
				return fs.SkipDir
			}
		} else if _, refused := r.known(path, name); refused {
			return nil
		} else {
			out.Files++
		}
		rel, base := r.normalized(path)
		for i := range tried {
			tried[i].on(rel, base, name, d.IsDir())
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	for _, t := range tried {
		if t.literal != "" || !t.matched && out.Files > 0 && entries <= limit {
			out.Warnings = append(out.Warnings, PatternWarning{Key: t.key, Pattern: t.text, Literal: t.literal, Folder: t.folder})
		}
	}
	return out, nil
}

// patternTry is a pattern and what came of trying it.
type patternTry struct {
	pattern
	key     string
	matched bool
	literal string
	folder  string
}

// on tries the pattern on an entry; rel and base are normalized.
func (t *patternTry) on(rel, base, name string, isDir bool) {
	switch {
	case t.key == "exclude":
		t.matched = t.matched || t.match(rel, base) && (isDir || !t.dirOnly)
	case isDir:
		if t.folder == "" && !t.dirOnly && t.match(rel, base) {
			t.folder = name
		}
	default:
		t.matched = t.matched || !t.dirOnly && t.match(rel, base) || t.dirOnly && t.matchAbove(rel)
	}
	if t.literal != "" || !strings.Contains(t.glob, "[") {
		return
	}
	for segment := range strings.SplitSeq(t.glob, "/") {
		if segment == base && !doublestar.MatchUnvalidated(segment, base) {
			t.literal = name
		}
	}
}
