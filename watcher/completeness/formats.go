package completeness

import "slices"

// Format is a format whose files are checked.
type Format struct {
	Name       string
	Extensions []string // lower case, with the dot
	End        string   // what tells that a file is complete, a phrase for people
}

// Formats lists the formats that Check knows, for documentation.
func Formats() (all []Format) {
	for _, g := range gates() {
		all = append(all, Format{Name: string(g.format), Extensions: slices.Clone(g.exts), End: g.end})
	}
	return all
}
