package watcher

import (
	"strings"
	"unicode"

	"scenario-drop/filetype"
)

// noAsset tells whether a file in a folder for assets alone is left out since its name says that
// it is none (a program, a script, a sheet …), and what it is. An include pattern that names it
// overrules that.
func (r *rules) noAsset(path, name string) (is string, yes bool) {
	if !r.assetsOnly {
		return "", false
	}
	is, yes = filetype.NoAsset(name)
	return is, yes && !r.named(path)
}

// named reports whether an include pattern is about the name of the file at path: *.exe is,
// ** and tools/** are about everything, whatever it is.
func (r *rules) named(path string) bool {
	rel, base := "", ""
	for _, p := range r.include {
		if p.dirOnly || !strings.ContainsFunc(p.glob[strings.LastIndexByte(p.glob, '/')+1:], isNameRune) {
			continue
		}
		if rel == "" {
			rel, base = r.folded(path)
		}
		if p.match(rel, base) {
			return true
		}
	}
	return false
}

func isNameRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// IncludeNames returns a function that reports whether an include pattern of the folder is about
// the name of a file of it, given by its absolute path, as *.exe is and ** is not. It is nil where none is about
// any; else it is safe for concurrent use.
func IncludeNames(f Folder) func(path string) bool {
	if len(f.Include) == 0 {
		return nil
	}
	r := compile(f, nil)
	return func(path string) bool { return within(path, r.root) && pathKey(path) != pathKey(r.root) && r.named(path) }
}
