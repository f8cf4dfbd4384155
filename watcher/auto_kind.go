package watcher

import (
	"path/filepath"

	"scenario-drop/filetype"
)

// noAsset tells whether a file in a folder for assets alone is ignored since its name says that
// it is none (a program, a script, a sheet …), and what it is. An include pattern that names it
// overrules that.
func (r *rules) noAsset(path, name string) (is string, yes bool) {
	if !r.assetsOnly {
		return "", false
	}
	is, yes = filetype.NoAsset(name)
	return is, yes && !r.named(path)
}

// IncludeNames returns a function that reports whether an include pattern of the folder names a
// file of it, given by its absolute path, as *.exe does and ** does not. It is nil where there is
// no pattern; else it is safe for concurrent use.
func IncludeNames(f Folder) func(path string) bool {
	if len(f.Include) == 0 {
		return nil
	}
	r := compile(f, nil)
	return func(path string) bool {
		return within(path, r.root) && pathKey(path) != pathKey(r.root) && r.named(path)
	}
}

// asFor is the pattern that names files like the one of a name: by the extension, where it has one.
func asFor(name string) string {
	if ext := filepath.Ext(name); ext != "" {
		return "*" + ext
	}
	return name
}
