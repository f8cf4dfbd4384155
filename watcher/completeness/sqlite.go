package completeness

// checkSQLite wants as many pages as the header of the database counts, if that count is
// of the last change. (https://www.sqlite.org/fileformat.html, section 1.3.)
func checkSQLite(w *window) Verdict {
	h := w.at(0, 100)
	if h == nil {
		return onlyFirst(w.size, "database")
	}
	page := int64(be.Uint16(h[16:]))
	if page == 1 {
		page = 64 << 10
	}
	count := int64(be.Uint32(h[28:]))
	switch {
	case page < 512 || page&(page-1) != 0:
		return cannotTell("the database's pages are of an unusual size")
	case count == 0 || be.Uint32(h[24:]) != be.Uint32(h[92:]):
		return cannotTell("the database does not tell its length")
	case count*page > w.size:
		return tooShort(w, "database", count*page)
	}
	return w.filledTo(count * page)
}

// checkCLIP walks the chunks of a Clip Studio document to its last one, CHNKFoot. Each has
// a name and a length of 8 bytes; the first is at the offset that the header tells.
func checkCLIP(w *window) Verdict {
	h := w.at(0, 24)
	if h == nil {
		return onlyFirst(w.size, "Clip Studio document")
	}
	if size := length(be.Uint64(h[8:])); size > w.size {
		return tooShort(w, "Clip Studio document", size)
	}
	const foot = "CHNKFoot\x00\x00\x00\x00\x00\x00\x00\x00"
	if t := w.tail(16); string(t) == foot {
		return complete()
	}
	return walkCLIP(w, 64)
}

func exactCLIP(w *window) Verdict { return walkCLIP(w, MaxExactReads-100) }

func walkCLIP(w *window, most int) Verdict {
	h := w.at(0, 24)
	off := max(24, length(be.Uint64(h[16:])))
	for range most {
		c := w.at(off, 16)
		switch {
		case c == nil:
			return endMissing("Clip Studio document")
		case string(c[:8]) == "CHNKFoot":
			return complete()
		case string(c[:4]) != "CHNK":
			return incomplete("the Clip Studio document has its size but not all of its content")
		}
		if off += 16 + length(be.Uint64(c[8:])); off > w.size {
			return incomplete("the Clip Studio document breaks off: at least %d bytes are missing", off-w.size)
		}
	}
	if most < 1000 {
		return endMissing("Clip Studio document") // the exact check goes on
	}
	return cannotTell("the Clip Studio document has too many parts to check them all")
}
