package uploader

import (
	"sync"

	"scenario-drop/filetype"
	"scenario-drop/scenario"
)

// directWay is what was found out of the direct way. The zero value knows nothing yet. It
// is safe for concurrent use.
type directWay struct {
	mu      sync.Mutex
	proof   proof
	refused int64 // images of this size, in bytes, and above are refused; 0: none
}

// proof is whether Scenario lists what the direct way makes. Without, a lost answer could
// not be settled.
type proof int

const (
	unasked proof = iota // the ledger was not asked whether it is proven
	none
	trying // one image is on its way to prove it
	proven
	closed // the way cannot be used by this process
)

// enter reports whether an image of a size may go the direct way, and whether it is the
// one by which that is proven, for which leave is called. listed tells what the ledger
// knows.
func (d *directWay) enter(size int64, listed func() (bool, error)) (may, first bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.proof == unasked {
		yes, err := listed()
		if err != nil {
			return false, false, err
		}
		d.proof = none
		if yes {
			d.proof = proven
		}
	}
	switch {
	case d.refused > 0 && size >= d.refused:
		return false, false, nil
	case d.proof == none:
		d.proof = trying
		return true, true, nil
	}
	return d.proof == proven, false, nil
}

// leave tells how it went with the image that was first, unless it did not get as far.
func (d *directWay) leave(p proof) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.proof == trying {
		d.proof = p
	}
}

// shut closes the way, and reports whether it was open.
func (d *directWay) shut() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.proof != closed
	d.proof = closed
	return was
}

func (d *directWay) tooLarge(size int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused == 0 || size < d.refused {
		d.refused = size
	}
}

// goesDirect reports whether a file may go the direct way by what it is:
//
//	sent as an image, and a format that Scenario's documents name as one   yes
//	… of at most scenario.MaxImage bytes                                    yes
//	hidden: the list that settles a lost answer may have no hidden assets   no
//	anything else                                                           no
func goesDirect(rule Rule, kind string, is filetype.Type, size int64) bool {
	return kind == "image" && is.Kind() == "image" && !rule.Hide && size <= scenario.MaxImage
}
