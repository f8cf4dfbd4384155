package completeness

import (
	"regexp"
	"strconv"
	"strings"
)

var npyHeader = regexp.MustCompile(`'descr': *'[<>|=]?[a-zA-Z](\d{1,9})'.*'shape': *\(([0-9, ]*)\)`)

// checkNPY wants as much data as the header of a NumPy array asks for. (NEP 1.)
func checkNPY(w *window) Verdict {
	h := w.at(0, int(min(12, w.size)))
	if len(h) < 12 {
		return onlyFirst(w.size, "array")
	}
	start, n := int64(10), int64(le.Uint16(h[8:]))
	if h[6] >= 2 {
		start, n = 12, int64(le.Uint32(h[8:]))
	}
	switch {
	case start+n > w.size:
		return tooShort(w, "array", start+n)
	case n > 64<<10:
		return cannotTell("the array's header is longer than usual")
	}
	m := npyHeader.FindStringSubmatch(string(w.at(start, int(n))))
	if m == nil {
		return cannotTell("the array is of an unusual kind")
	}
	bytes, _ := strconv.ParseInt(m[1], 10, 64)
	if strings.Contains(m[0], "U") {
		bytes *= 4 // characters
	}
	for dim := range strings.FieldsFuncSeq(m[2], func(r rune) bool { return r == ',' || r == ' ' }) {
		d, err := strconv.ParseInt(dim, 10, 62)
		if err != nil || d > 0 && bytes > 1<<61/d {
			return cannotTell("the array's shape makes no sense")
		}
		bytes *= d
	}
	end := start + n + bytes
	if end > w.size {
		return tooShort(w, "array", end)
	}
	return w.filledTo(end)
}
