// Package ignore is the table of what is never an asset: half-written files, caches, locks,
// companions and leftovers of the programs artists use, and the operating systems' own. A name
// alone decides: no disk is touched. The table stands in names_….go, by subject.
//
// Decisions that could have gone otherwise (docs/decisions/0027-ignored-names.md has more):
//   - Names that begin with a dot are ignored. Programs hide what is their own business
//     (caches, autosaves, partial transfers: rsync's .name.XXXXXX, GNOME's
//     .goutputstream-*), and an artist cannot see such a file in order to drop it.
//   - *.tmp and *.temp are ignored: programs write there before they rename.
//   - *.bak and *~ are ignored: the older copy of a file that lies beside them. Plain
//     *.old is kept, since nobody but a person makes it.
//   - Directories named "backup" or "temp" are entered: people choose those names.
//   - "conflicted copy" files of sync programs are kept: they hold somebody's work.
package ignore

import (
	"slices"
	"strings"
)

// Kind says which kind of entry a name is of.
type Kind uint8

// Kinds of entries.
const (
	File Kind = iota
	Dir       // a directory
)

// Match is what a name was recognised as.
type Match struct {
	Is       string // for people, after "it is": "a sidecar of RawTherapee"
	Optional bool   // an include pattern that names such a file takes it all the same
	Dot      bool   // it is nothing known, but its name begins with a dot
}

// hiddenByDot is what an entry is called whose name begins with a dot.
const hiddenByDot = "hidden (its name begins with a dot)"

// Find tells whether a name, without its directories, is one of those that are never an
// asset, and what it is. It may be called by several goroutines at once.
func Find(name string, kind Kind) (m Match, found bool) {
	table := ignoredFiles
	if kind == Dir {
		table = ignoredDirs
	}
	p := table.find(name)
	switch dot := strings.HasPrefix(name, "."); {
	case dot && (p == nil || p.optional):
		return Match{Is: hiddenByDot, Dot: true}, true
	case p == nil:
		return Match{}, false
	}
	return Match{Is: p.is, Optional: p.optional}, true
}

// what says which kinds of entries a row of the table is about.
type what uint8

const (
	files    what = 1 << iota
	dirs          // not entered
	unlessIn      // Match.Optional
	either   = files | dirs
	optional = files | unlessIn
)

// row is one row of the table. People are told: "it is IS of OF".
type row struct {
	names string // patterns in lower case, separated by |; parsePattern has their language
	what  what
	is    string // with its article: "a sidecar"
	of    string // the program: "RawTherapee"
}

// section is the rows about one subject.
type section struct {
	title string
	rows  []row
}

// table is all of it.
func table() []section {
	return slices.Concat(systemNames(), transferNames(), syncNames(), linkNames(), pictureNames(), shapeNames(), filmNames(),
		soundNames(), deskNames(), sidecarNames(), bundleNames())
}

// ignoredFiles and ignoredDirs are the table as a scan asks of it.
var ignoredFiles, ignoredDirs = func() (f, d *index) {
	f, d = newIndex(), newIndex()
	for _, s := range table() {
		for _, r := range s.rows {
			if r.what&files != 0 {
				f.add(r)
			}
			if r.what&dirs != 0 {
				d.add(r)
			}
		}
	}
	return f, d
}()
