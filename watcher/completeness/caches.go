package completeness

// checkUSDC wants the table of contents at the place that the header of a USD crate file
// says, and all the sections in it. The header is written last. (pxr/usd/sdf/crateFile.cpp
// of OpenUSD: 8 bytes of signature, 8 of version, the table's offset; in the table a count,
// and a name of 16 bytes, a start and a size for each section.)
func checkUSDC(w *window) Verdict {
	const header, section = 88, 32
	h := w.at(0, header)
	if h == nil {
		return onlyFirst(w.size, "USD")
	}
	table := length(le.Uint64(h[16:]))
	if table == 0 {
		return unpatched("USD")
	}
	count := w.at(table, 8)
	if table < header || count == nil {
		return tooShort(w, "USD", table+8)
	}
	n := le.Uint64(count)
	switch {
	case n == 0:
		return incomplete("the USD's table of contents is not there yet")
	case n > 64:
		return cannotTell("the USD has more parts than usual")
	}
	t := w.at(table+8, int(n)*section)
	if t == nil {
		return tooShort(w, "USD", table+8+int64(n)*section)
	}
	for ; len(t) > 0; t = t[section:] {
		start, size := length(le.Uint64(t[16:])), length(le.Uint64(t[24:]))
		switch {
		case t[0] == 0:
			return incomplete("the USD's table of contents is not there yet")
		case start+size > w.size:
			return tooShort(w, "USD", start+size)
		}
	}
	return complete()
}

// checkABC wants an Alembic cache's mark that it has been closed, and the group at the
// root, which is written last, with all that it holds. (Alembic's lib/Alembic/Ogawa: 5
// bytes of signature, FF when closed, a version, the group's offset; in a group a count
// and an offset for each child, whose top bit says that it is data.)
func checkABC(w *window) Verdict {
	h := w.at(0, 16)
	switch {
	case h == nil:
		return onlyFirst(w.size, "Alembic")
	case h[5] != 0xFF:
		return incomplete("the Alembic is still being written, or the program that wrote it was ended")
	}
	root := length(le.Uint64(h[8:]))
	if root == 0 {
		return unpatched("Alembic")
	}
	count := w.at(root, 8)
	if count == nil {
		return tooShort(w, "Alembic", root+8)
	}
	n := le.Uint64(count)
	switch {
	case n == 0:
		return incomplete("the Alembic's table of contents is not there yet")
	case n > 1024:
		return cannotTell("the Alembic has more parts than usual")
	}
	children := w.at(root+8, int(n)*8)
	if children == nil {
		return tooShort(w, "Alembic", root+8+int64(n)*8)
	}
	for ; len(children) > 0; children = children[8:] {
		child := le.Uint64(children)
		at := length(child &^ (1 << 63))
		if at == 0 && child == 0 && w.zeros() >= 8 {
			return incomplete("the Alembic's table of contents is not all there")
		}
		if at == 0 {
			continue // an empty one
		}
		c := w.at(at, 8)
		if c == nil {
			return tooShort(w, "Alembic", at+8)
		}
		size := length(le.Uint64(c)) // of data in bytes, of a group in children
		if child>>63 == 0 {
			size = min(size, 1<<58) * 8
		}
		if at+8+size > w.size {
			return tooShort(w, "Alembic", at+8+size)
		}
	}
	return complete()
}

// checkHDF5 wants the end of file that the superblock tells, as the HDF5 library does.
// (HDF5 File Format Specification, level 0A.)
func checkHDF5(w *window) Verdict {
	h := w.at(0, int(min(96, w.size)))
	if len(h) < 48 {
		return onlyFirst(w.size, "HDF5")
	}
	var at, width int
	switch h[8] {
	case 0:
		width, at = int(h[13]), 24
	case 1:
		width, at = int(h[13]), 28
	case 2, 3:
		width, at = int(h[9]), 12
	default:
		return cannotTell("it is an HDF5 of version %d, which is not known here", h[8])
	}
	if at += 2 * width; width != 4 && width != 8 || at+width > len(h) {
		return cannotTell("the HDF5's addresses are of an unusual length")
	}
	end := int64(le.Uint32(h[at:]))
	if width == 8 {
		end = length(le.Uint64(h[at:]))
	}
	switch {
	case end == 0 || allOnes(h[at:at+width]):
		return unpatched("HDF5")
	case end > w.size:
		return tooShort(w, "HDF5", end)
	}
	return w.filledTo(end)
}

func allOnes(p []byte) bool {
	for _, b := range p {
		if b != 0xFF {
			return false
		}
	}
	return true
}
