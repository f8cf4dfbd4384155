package completeness

import "bytes"

const (
	zipRecord = 22 // length of the end record without its comment
	zipEnd    = "PK\x05\x06"
)

// checkZIP looks for the end record in the last 64 KiB, where it usually is, and wants the
// central directory to lie right before it, where the record says: an archive stored
// within the archive has an end record too, but not such a place.
func checkZIP(w *window) Verdict {
	t := w.tail(zipRecord + 0xFFFF)
	if v, found := zipIn(w, t, w.size-int64(len(t))); found {
		return v
	}
	if bytes.HasPrefix(w.head(), []byte("PK\x07\x08")) {
		return cannotTell("it is one of several volumes of a ZIP, or a ZIP that is cut off")
	}
	if w.zeros() >= few {
		return incomplete("the ZIP has its size but its end is still empty")
	}
	return incomplete("the ZIP's table of contents at the end is missing")
}

// exactZIP looks for the end record from the end of the file to its beginning: anything
// may have been appended.
func exactZIP(w *window) Verdict {
	const step = 256 << 10
	for end := w.size; end > 0; end -= step {
		from := max(0, end-step)
		t := w.at(from, int(min(end+zipRecord, w.size)-from)) // a record may begin in this step and end in the next
		if t == nil {
			break
		}
		if v, found := zipIn(w, t, from); found {
			return v
		}
	}
	return checkZIP(w)
}

// zipIn looks for the end record in p, which is at base.
func zipIn(w *window, p []byte, base int64) (v Verdict, found bool) {
	for i := bytes.LastIndex(p, []byte(zipEnd)); i >= 0; i = bytes.LastIndex(p[:i], []byte(zipEnd)) {
		e := p[i:]
		if len(e) >= zipRecord && le.Uint16(e[4:]) > 0 && le.Uint16(e[4:]) < 1000 && base+int64(i)+zipRecord+int64(le.Uint16(e[20:])) == w.size {
			return cannotTell("it is the last of several volumes of a ZIP"), true
		}
		if len(e) < zipRecord || !directoryBefore(w, base+int64(i), e, p[max(0, i-20):i]) {
			continue
		}
		if base+int64(i)+zipRecord+int64(le.Uint16(e[20:])) > w.size {
			return incomplete("the ZIP's comment at the end is cut off"), true
		}
		return complete(), true
	}
	return v, false
}

// directoryBefore reports whether the central directory ends at the end record e, which
// is at off, or at the ZIP64 records before it, of which before has the last if it was read. Offsets may be counted from behind the
// mark of 4 bytes that an archive made for several volumes begins with.
func directoryBefore(w *window, off int64, e, before []byte) bool {
	size, start := int64(le.Uint32(e[12:])), int64(le.Uint32(e[16:]))
	if size > 0 && start+size < off && directoryAt(w, start, size) {
		return true // padding, or a signature, stands between
	}
	if start+size == off || start+size+4 == off && !startsLocal(w) {
		return directoryAt(w, off-size, size)
	}
	l := before
	if len(l) < 20 && off >= 20 {
		l = w.at(off-20, 20)
	}
	if len(l) < 20 || string(l[:4]) != "PK\x06\x07" {
		return false
	}
	at := length(le.Uint64(l[8:]))
	r := w.at(at, 56)
	if r == nil || string(r[:4]) != "PK\x06\x06" || at+12+length(le.Uint64(r[4:])) != off-20 {
		return false
	}
	size, start = length(le.Uint64(r[40:])), length(le.Uint64(r[48:]))
	return start+size == at && directoryAt(w, start, size)
}

func startsLocal(w *window) bool { return bytes.HasPrefix(w.head(), []byte("PK\x03\x04")) }

func directoryAt(w *window, start, size int64) bool {
	return size == 0 || string(w.at(start, 4)) == "PK\x01\x02"
}
