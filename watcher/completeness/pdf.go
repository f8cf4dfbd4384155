package completeness

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// checkPDF wants the mark %%EOF in the last bytes of a PDF (or an Illustrator document,
// which is one), behind a startxref whose table of objects is where it says. Readers
// accept bytes behind it. A linearized file has such an end near its beginning too, but
// tells its length there. (ISO 32000-1, 7.5.5 and annex F.)
func checkPDF(w *window) Verdict {
	if v, short := linearized(w); short {
		return v
	}
	const near = 2 << 10
	t := w.tail(near)
	if v, found := pdfEnd(w, t, w.size-int64(len(t))); found {
		return v
	}
	if w.zeros() >= few {
		return incomplete("the PDF has its size but its end is still empty")
	}
	return endMissing("PDF")
}

// exactPDF looks for the mark from the end of the file on: anything may have been
// appended. Objects behind it are a part of a newer version that is cut off.
func exactPDF(w *window) Verdict {
	if v, short := linearized(w); short {
		return v
	}
	if pdfUnmarked.Match(w.tail(64)) {
		return cannotTell("the PDF's end mark is missing, but it ends as it may")
	}
	const step, overlap = 256 << 10, 64
	for end := w.size; end > 0; end -= step {
		from := max(0, end-step)
		t := w.at(from, int(min(end+overlap, w.size)-from))
		if t == nil {
			break
		}
		if v, found := pdfEnd(w, t, from); found {
			return v
		}
		if pdfObject.Match(t) {
			return endMissing("PDF")
		}
	}
	return checkPDF(w)
}

var (
	pdfObject   = regexp.MustCompile(`\d \d+ obj\b`)
	pdfStart    = regexp.MustCompile(`startxref\s+(\d{1,18})\s+$`)
	pdfUnmarked = regexp.MustCompile(`startxref\s+\d{1,18}\s+$`)
	pdfLength   = regexp.MustCompile(`/L\s+(\d{1,18})`)
)

// linearized gives the verdict on a file that is shorter than it says at its beginning.
func linearized(w *window) (v Verdict, short bool) {
	h := w.head()[:min(len(w.head()), 1200)]
	i := bytes.Index(h, []byte("/Linearized"))
	if i < 0 {
		return v, false
	}
	dict, _, _ := bytes.Cut(h[i:], []byte(">>"))
	if m := pdfLength.FindSubmatch(dict); m != nil {
		if n, err := strconv.ParseInt(string(m[1]), 10, 64); err == nil && n > w.size {
			return tooShort(w, "PDF", n), true
		}
	}
	return v, false
}

// pdfEnd looks for the last mark in p, which is at base.
func pdfEnd(w *window, p []byte, base int64) (v Verdict, found bool) {
	i := bytes.LastIndex(p, []byte("%%EOF"))
	if i < 0 {
		return v, false
	}
	if pdfObject.Match(p[i:]) {
		return endMissing("PDF"), true
	}
	m := pdfStart.FindSubmatch(p[max(0, i-64):i])
	if m == nil {
		return cannotTell("the PDF's end mark does not follow what it should"), true
	}
	at, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil || at >= base+int64(i) {
		return cannotTell("the PDF's table of objects is not where it should be"), true
	}
	return complete(), true
}

// checkPS wants the comment %%EOF behind all else of a PostScript or EPS text, or of an
// old Illustrator document. Many programs leave it out: then the last line must end
// in the name of an operator or procedure. A binary EPS holds the text and a preview at
// places that its header tells. (Adobe's EPSF specification 3.0, section 5.2.)
func checkPS(w *window) Verdict {
	if bytes.HasPrefix(w.head(), []byte("\xc5\xd0\xd3\xc6")) {
		h := w.at(0, 30)
		if h == nil {
			return onlyFirst(w.size, "EPS")
		}
		for i := 4; i < 28; i += 8 {
			if end := int64(le.Uint32(h[i:])) + int64(le.Uint32(h[i+4:])); end > w.size {
				return tooShort(w, "EPS", end)
			}
		}
		text := w.part(int64(le.Uint32(h[4:])), int64(le.Uint32(h[8:])))
		if text == nil {
			return cannotTell("the EPS has no text")
		}
		v := psText(text)
		if v.State == Incomplete && text.zeros() < few { // the lengths in the header are believed first
			v = cannotTell("the EPS's end mark is missing, but all that its header lists is there")
		}
		if w.zeros() >= few {
			return v.atMost(CannotTell, "the EPS ends in zeros, which may be data or a part not yet written")
		}
		return v
	}
	return psText(w)
}

// exactPS reads a text up to its own %%EOF: a document within the document has one too.
func exactPS(w *window) Verdict {
	v := checkPS(w)
	if bytes.HasPrefix(w.head(), []byte("\xc5\xd0\xd3\xc6")) {
		return v
	}
	depth := 0
	s := newText(w).stream()
	for word, more := s.word(); more || word != ""; word, more = s.word() {
		switch {
		case strings.HasPrefix(word, "%%begindocument"):
			depth++
		case word == "%%enddocument":
			depth--
		case word == "%%eof" && depth <= 0:
			return complete()
		}
	}
	return v
}

var (
	psOperator = regexp.MustCompile(`^(%%)?[A-Za-z]{1,32}$`)
	psHex      = regexp.MustCompile(`^[0-9A-Fa-f]*$`)
)

func psText(w *window) Verdict {
	t := newText(w)
	p := bytes.TrimRight(t.tail(), " \t\r\n\x04")
	switch {
	case t.unfilled:
		return unwritten("EPS")
	case bytes.Contains(t.tail(), []byte("%%EOF")):
		return complete()
	}
	f := bytes.Fields(p)
	line := p[bytes.LastIndexAny(p, "\r\n")+1:]
	comment := len(line) > 1 && line[0] == '%' && line[1] != '%'
	if len(f) > 0 && !comment && psOperator.Match(f[len(f)-1]) && !psHex.Match(f[len(f)-1]) && bytes.ContainsAny(t.tail()[len(p):], "\r\n") {
		return cannotTell("the EPS's end mark is missing, but it ends as it may")
	}
	return endMissing("EPS")
}
