package completeness

import (
	"bytes"
	"strconv"
	"strings"

	"scenario-drop/filetype/magic"
)

// checkPNM wants as many bytes behind the header of a PBM, PGM or PPM (P4 to P6) as the
// picture takes; of one that is written in text (P1 to P3) the end cannot be told.
func checkPNM(w *window) Verdict {
	h := w.head()
	kind, at, ok := magic.PNM(h)
	switch {
	case !ok && (allZero(h) || h[0] == 'P' && w.size < 32):
		return headerOf(w, "PNM")
	case !ok:
		return cannotTell("the PNM's header is not as expected")
	}
	row := at[0]
	switch kind {
	case '1', '2', '3':
		return cannotTell("the PNM is a text, which may end at any number")
	case '4':
		row = (row + 7) / 8
	case '6':
		row *= 3
	}
	if at[3] > 255 {
		row *= 2
	}
	return plainPicture(w, "PNM", at[2], row*at[1])
}

// checkPAM does the same for a PAM (P7), whose header has a name on each line.
func checkPAM(w *window) Verdict {
	h := w.head()
	end := bytes.Index(h, []byte("ENDHDR\n"))
	if end < 0 {
		return headerOf(w, "PAM")
	}
	values := map[string]int64{"DEPTH": 1}
	for line := range strings.Lines(string(h[:end])) {
		if f := strings.Fields(line); len(f) == 2 {
			if n, err := strconv.ParseUint(f[1], 10, 20); err == nil {
				values[f[0]] = int64(n)
			}
		}
	}
	size := values["WIDTH"] * values["HEIGHT"] * values["DEPTH"]
	if values["MAXVAL"] > 255 {
		size *= 2
	}
	return plainPicture(w, "PAM", int64(end+len("ENDHDR\n")), size)
}

// checkPFM does the same for a PFM, of numbers of four bytes.
func checkPFM(w *window) Verdict {
	h := w.head()
	if w.size >= 2 && !allZero(h) && string(h[:2]) != "PF" && string(h[:2]) != "Pf" {
		return cannotTell("its content does not look like PFM") // the metrics of a font, say
	}
	lines := bytes.SplitN(h, []byte("\n"), 4)
	if len(lines) < 4 {
		return headerOf(w, "PFM")
	}
	var size [2]int64
	for i, f := range bytes.Fields(lines[1]) {
		if n, err := strconv.ParseUint(string(f), 10, 20); err == nil && i < 2 {
			size[i] = int64(n)
		}
	}
	each := int64(4)
	if h[1] == 'F' {
		each *= 3
	}
	return plainPicture(w, "PFM", int64(len(h)-len(lines[3])), size[0]*size[1]*each)
}

func headerOf(w *window, what string) Verdict {
	if w.size < headSize || w.zeros() >= few {
		return incomplete("the %s's header is cut off", what)
	}
	return cannotTell("the %s's header is not as expected", what)
}

// plainPicture wants size bytes from off on; 0 if that is not known.
func plainPicture(w *window, what string, off, size int64) Verdict {
	switch {
	case size <= 0:
		return cannotTell("the %s's header is not as expected", what)
	case off+size > w.size:
		return tooShort(w, what, off+size)
	}
	return w.upTo(off + size).filled(false)
}
