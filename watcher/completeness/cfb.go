package completeness

import "math"

// checkCFB wants the last sector that the allocation table of a compound file (3ds Max,
// SketchUp before 2021, old Office) has in use. ([MS-CFB], sections 2.2 to 2.5.)
func checkCFB(w *window) Verdict {
	h := w.at(0, 512)
	if h == nil {
		return onlyFirst(w.size, "document")
	}
	shift := le.Uint16(h[30:])
	if shift != 9 && shift != 12 {
		return cannotTell("the document's sectors are of an unusual size")
	}
	sector := int64(1) << shift
	tables := int64(le.Uint32(h[44:])) // how many sectors the allocation table has
	if tables == 0 {
		return unpatched("document")
	}
	at, ok := cfbTable(w, h, tables-1, sector)
	if !ok {
		return cannotTell("the document's allocation table is too long to be followed")
	}
	perSector := sector / 4
	for n := tables - 1; ; n-- { // the last table that has a sector in use
		t := w.at((at+1)*sector, int(sector))
		if t == nil {
			return incomplete("the document breaks off before its allocation table")
		}
		for i := perSector - 1; i >= 0; i-- {
			if e := le.Uint32(t[4*i:]); e == math.MaxUint32 || e == 0 && !allZero(t) {
				continue // free
			}
			// Some programs leave out the padding of the last sector.
			if last := n*perSector + i; (last+1)*sector >= w.size {
				return tooShort(w, "document", (last+2)*sector)
			}
			if allZero(t) {
				return incomplete("the document has its size but not all of its content")
			}
			return w.filled(false)
		}
		if n == 0 || n < tables-4 {
			return cannotTell("the document's allocation table is not as expected")
		}
		if at, ok = cfbTable(w, h, n-1, sector); !ok {
			return cannotTell("the document's allocation table is too long to be followed")
		}
	}
}

// cfbTable returns the sector that holds the n-th part of the allocation table: the first
// 109 are in the header, the others in a chain of sectors.
func cfbTable(w *window, h []byte, n, sector int64) (at int64, ok bool) {
	if n < 109 {
		return int64(le.Uint32(h[76+4*n:])), true
	}
	n -= 109
	perSector := sector/4 - 1
	next := int64(le.Uint32(h[68:]))
	for range 80 {
		if n < perSector {
			p := w.at((next+1)*sector+4*n, 4)
			if p == nil {
				return math.MaxUint32, true // not there: so is the table
			}
			return int64(le.Uint32(p)), true
		}
		p := w.at((next+2)*sector-4, 4)
		if p == nil {
			return math.MaxUint32, true
		}
		next = int64(le.Uint32(p))
		n -= perSector
	}
	return 0, false
}
