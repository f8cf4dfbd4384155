package uploader

import (
	"path/filepath"
	"strings"
)

// Rule is what the config says of a watch folder's files.
type Rule struct {
	Root                 string
	Kind                 string                 // as in config; "auto": by what the file is
	SendOthers           bool                   // a file of another kind is sent as what it is; else it is held
	Included             func(path string) bool // whether an include pattern names the file; nil: none does
	CollectionIDs        []string
	Collections          []string // by name
	SubfolderCollections bool
	Tags                 []string
	MaxNewCollections    int // to make for subfolders, over all time
	Hide                 bool
	ParentID             string
	Versions             bool // a changed file's asset has the one before as its parent
	After                After
	MoveTo               string // absolute; for Move
}

// After is what becomes of a file once it is imported.
type After int

// What becomes of a file once it is imported.
const (
	Keep After = iota
	Move
	Trash
)

// collectionNames returns the names of the collections that a file joins by name: those
// of the rule, and that of its subfolder, if the rule has it so.
func (r Rule) collectionNames(path string) []string {
	names := r.Collections
	if sub := r.subfolder(path); sub != "" {
		names = append(names[:len(names):len(names)], sub)
	}
	return names
}

// subfolder returns the first folder below the root that a file is in, if the rule has a
// collection of that name for it; else "".
func (r Rule) subfolder(path string) string {
	if !r.SubfolderCollections {
		return ""
	}
	rel, err := filepath.Rel(r.Root, path)
	if err != nil {
		return ""
	}
	first, _, below := strings.Cut(filepath.ToSlash(rel), "/")
	if !below || first == ".." {
		return ""
	}
	return first
}
