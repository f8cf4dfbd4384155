package whole

import "bytes"

// checkZIP looks for the end record in the last 64 KiB, where it must be, and wants the
// central directory to lie right before it, where the record says: an archive stored
// within the archive has an end record too, but not such a place.
func checkZIP(w *window) Verdict {
	const record = 22
	t := w.tail(record + 0xFFFF)
	base := w.size - int64(len(t))
	for i := bytes.LastIndex(t, []byte("PK\x05\x06")); i >= 0; i = bytes.LastIndex(t[:i], []byte("PK\x05\x06")) {
		e := t[i:]
		if len(e) < record {
			continue
		}
		if directoryBefore(w, base+int64(i), e) {
			if int64(le.Uint16(e[20:])) > int64(len(e)-record) {
				return incomplete("the ZIP's comment at the end is cut off")
			}
			return complete()
		}
	}
	if w.zeros() >= few {
		return incomplete("the ZIP has its size but its end is still empty")
	}
	return incomplete("the ZIP's table of contents at the end is missing")
}

// directoryBefore reports whether the central directory ends at the end record e, which
// is at off, or at the ZIP64 records before it.
func directoryBefore(w *window, off int64, e []byte) bool {
	size, start := int64(le.Uint32(e[12:])), int64(le.Uint32(e[16:]))
	if start+size == off {
		return directoryAt(w, start, size)
	}
	l := w.at(off-20, 20)
	if l == nil || string(l[:4]) != "PK\x06\x07" {
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

func directoryAt(w *window, start, size int64) bool {
	return size == 0 || string(w.at(start, 4)) == "PK\x01\x02"
}
