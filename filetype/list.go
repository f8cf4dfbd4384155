package filetype

import "slices"

// Format is a format that is recognised.
type Format struct {
	Name       string   // as an artist knows it
	Extensions []string // lower case, with the dot; none if its content alone tells it
	Kind       string   // of the upload in a folder of kind "auto"; "" where such a folder ignores it
	MIME       string
}

// Formats lists the formats that are recognised, for documentation.
func Formats() (all []Format) {
	for _, f := range table.rows {
		kind := Type{f}.Kind()
		if f.family.noAsset() {
			kind = ""
		}
		all = append(all, Format{Name: f.name, Extensions: slices.Clone(f.exts), Kind: kind, MIME: Type{f}.MIME()})
	}
	return all
}
