package completeness

import (
	"bytes"
	"strings"
)

// checkOBJ looks at the last line. An OBJ has no end mark, so it is never Complete: cut
// exactly between two lines it looks like a whole one.
func checkOBJ(w *window) Verdict {
	return lastStatement(w, "OBJ", map[string]int{
		"v": 3, "vn": 3, "vt": 1, "vp": 1, "f": 3, "l": 2, "p": 1, "s": 1,
		"o": 1, "g": 0, "usemtl": 1, "mtllib": 1, "end": 0,
	})
}

// checkMTL looks at the last line, as checkOBJ does. Values after the first of a colour
// may be missing.
func checkMTL(w *window) Verdict {
	return lastStatement(w, "MTL", map[string]int{
		"newmtl": 1, "ka": 1, "kd": 1, "ks": 1, "ke": 1, "tf": 1, "ns": 1, "ni": 1, "d": 1, "tr": 1, "illum": 1,
		"map_ka": 1, "map_kd": 1, "map_ks": 1, "map_ke": 1, "map_ns": 1, "map_d": 1, "map_bump": 1, "bump": 1, "disp": 1, "norm": 1, "refl": 1,
	})
}

// lastStatement is the verdict on a text of one statement in a line, a word and so many
// values at least. Only a last line that is no whole statement, and is not ended, is cut.
func lastStatement(w *window, what string, values map[string]int) Verdict {
	t := newText(w)
	switch {
	case t.blank() && w.size > 0 && allZero(w.head()), t.unfilled && !t.binary():
		return unwritten(what)
	case t.binary():
		return cannotTell("its content is not an %s's text", what)
	}
	if line, ended := t.lastLine(); !ended && !wholeStatement(line, values) {
		return incomplete("the %s's last line is cut off", what)
	}
	return cannotTell("an %s has no end mark; its last line is whole", what)
}

// wholeStatement reports whether a last line without a line break could be whole. A word
// that is not known may be the rest of a statement over several lines, or of a dialect.
func wholeStatement(line []byte, values map[string]int) bool {
	line, _, commented := bytes.Cut(line, []byte("#"))
	f := bytes.Fields(line)
	if len(f) == 0 || commented {
		return true
	}
	word := strings.ToLower(string(f[0]))
	n, ok := values[word]
	if !ok {
		for w := range values { // the beginning of a word is cut
			if strings.HasPrefix(w, word) && len(f) == 1 {
				return false
			}
		}
		return true
	}
	if len(f)-1 < n {
		return false
	}
	last := f[len(f)-1]
	if word == "f" && bytes.HasSuffix(last, []byte("/")) && bytes.HasSuffix(f[1], []byte("/")) && bytes.Count(last, []byte("/")) == bytes.Count(f[1], []byte("/")) {
		return true // all corners are written so
	}
	switch word {
	case "v", "vn", "vt", "vp", "f", "l", "p": // "3/", "-" and "2.5e" are cut
		return len(f) == 1 || !bytes.ContainsRune([]byte("/+-eE"), rune(last[len(last)-1]))
	}
	return true
}
