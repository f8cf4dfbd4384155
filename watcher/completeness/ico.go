package completeness

import "bytes"

// checkICO wants every icon or cursor that the directory lists to lie in the file.
func checkICO(w *window) Verdict {
	n := int(le.Uint16(w.head()[4:]))
	list := w.at(6, n*16)
	if list == nil {
		return incomplete("the icon's directory is cut off")
	}
	var end, last int64
	for ; len(list) > 0; list = list[16:] {
		size, off := int64(le.Uint32(list[8:])), int64(le.Uint32(list[12:]))
		if off == 0 || size == 0 {
			return incomplete("the icon's directory has not been written yet")
		}
		if off+size > end {
			end, last = off+size, off
		}
	}
	if end > w.size {
		return tooShort(w, "icon", end)
	}
	if p := w.part(last, end-last); p != nil && bytes.HasPrefix(p.head(), []byte("\x89PNG")) {
		v := checkPNG(p)
		v.Format = ""
		return v
	}
	return w.upTo(end).filled(false) // a bitmap's mask may be zeros
}
