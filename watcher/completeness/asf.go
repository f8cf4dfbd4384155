package completeness

import "bytes"

const asfProperties = "\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"

// checkASF wants a WMV, WMA or ASF file to be as long as the properties in its header say,
// and its data object to be in it. A live recording does not say.
func checkASF(w *window) Verdict {
	h := w.at(0, 30)
	if h == nil {
		return onlyFirst(w.size, "ASF")
	}
	header := length(le.Uint64(h[16:]))
	if header < 30 {
		return cannotTell("the ASF is not built as expected")
	}
	if header > w.size {
		return incomplete("the ASF breaks off in its header")
	}
	p := w.at(0, int(min(header, 256<<10)))
	i := bytes.Index(p, []byte(asfProperties))
	if i < 0 || len(p) < i+92 {
		return cannotTell("the ASF does not say how long it is")
	}
	stated, live := length(le.Uint64(p[i+40:])), le.Uint32(p[i+88:])&1 != 0
	d := w.at(header, 24)
	switch {
	case d == nil:
		return incomplete("the ASF's data are missing")
	case allZero(d):
		return incomplete("the ASF has its size but not yet its content")
	case live || stated == 0:
		return endlessVerdict("ASF")
	}
	end := header + length(le.Uint64(d[16:]))
	switch {
	case end > w.size:
		return tooShort(w, "ASF", end)
	case stated > w.size:
		return tooShort(w, "ASF", stated)
	default:
		return w.upTo(max(end, stated)).filled(true)
	}
}
