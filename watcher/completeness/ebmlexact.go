package completeness

const (
	ebmlVoid        = 0xEC
	ebmlCluster     = 0x1F43B675
	ebmlAttachments = 0x1941A469
)

// exactEBML walks the elements of a segment that tells its length. If they end exactly
// where it does, nothing is missing: a table of contents that names a place where no index
// is, was left by an editor. Zeros at the end do not matter where they are padding (Void) or
// attached files, and may be data in a cluster whose blocks go on to its end.
func exactEBML(w *window) Verdict {
	quick := checkEBML(w)
	body, end := ebmlSegmentOf(w)
	if body == 0 || end > w.size {
		return quick
	}
	var last uint64
	var lastBody int64
	for off := body; off < end; {
		id, n, data := ebmlElement(w, off)
		if data == 0 || id == 0 || n < 0 || n > end-data {
			return quick
		}
		last, lastBody = id, data
		off = data + n
	}
	v := w.upTo(end).filled(true)
	switch {
	case last == 0:
		return quick
	case last == ebmlVoid:
		v = complete()
	case v.State == Incomplete && (last == ebmlAttachments || last == ebmlCluster && ebmlChain(w, lastBody, end)):
		v = cannotTell("the %s ends in zeros, which may be data or a part not yet written", quick.Format)
	}
	v.Format = quick.Format
	return v
}

// ebmlSegmentOf is where the content of the segment begins and ends; 0 if there is none
// that tells its length.
func ebmlSegmentOf(w *window) (body, end int64) {
	off := int64(0)
	for range 8 {
		id, n, body := ebmlElement(w, off)
		if body == 0 || n <= 0 {
			return 0, 0
		}
		if id == ebmlSegment {
			return body, body + n
		}
		off = body + n
	}
	return 0, 0
}

// ebmlChain reports whether elements go on from off exactly to end: in a part that was not
// yet written, none would begin.
func ebmlChain(w *window, off, end int64) bool {
	for off < end {
		id, n, data := ebmlElement(w, off)
		if data == 0 || id == 0 || n < 0 || n > end-data {
			return false
		}
		off = data + n
	}
	return off == end
}
