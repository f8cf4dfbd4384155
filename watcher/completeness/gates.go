package completeness

import (
	"encoding/binary"
	"slices"
)

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// gates is the table of formats, by the names that package magic has for them. An extension
// belongs to one gate.
func gates() []gate {
	return slices.Concat(modelGates(), mediaGates(), pictureGates())
}
