package whole

import (
	"bytes"
	"strconv"
)

// checkOBJ looks at the last line. An OBJ has no end mark, so it is never Complete: cut
// exactly between two lines it looks like a whole one.
func checkOBJ(w *window) Verdict {
	t := w.tail(many)
	switch {
	case allZero(w.head()), w.hasNUL() && !bytes.ContainsRune(w.head(), 0):
		return incomplete("the OBJ has its size but its end is still empty")
	case bytes.IndexByte(w.head(), 0) >= 0:
		return cannotTell("its content is not an OBJ's text")
	}
	line := t[bytes.LastIndexByte(t, '\n')+1:]
	if len(bytes.TrimSpace(line)) == 0 || wholeStatement(line) {
		return cannotTell("an OBJ has no end mark; its last line is whole")
	}
	return incomplete("the OBJ's last line is cut off")
}

// wholeStatement reports whether a last line without a line break could be whole: a
// known keyword with as many numbers as it needs.
func wholeStatement(line []byte) bool {
	f := bytes.Fields(line)
	if len(f) == 0 || f[0][0] == '#' {
		return true
	}
	need := map[string]int{
		"v": 3, "vn": 3, "vt": 1, "vp": 1, "f": 3, "l": 2, "p": 1, "s": 1,
		"o": 1, "g": 0, "usemtl": 1, "mtllib": 1, "end": 0,
	}
	word := string(f[0])
	n, ok := need[word]
	if !ok || len(f)-1 < n {
		return false
	}
	for _, arg := range f[1:] {
		switch word {
		case "v", "vn", "vt", "vp":
			if _, err := strconv.ParseFloat(string(arg), 64); err != nil {
				return false
			}
		case "f", "l", "p":
			if c := arg[len(arg)-1]; c < '0' || c > '9' { // "3/" and "-" are cut
				return false
			}
		}
	}
	return true
}
