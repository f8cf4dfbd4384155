package completeness

import (
	"bytes"
	"strings"
)

// The text forms of scenes have no end mark, but brackets.
var (
	// FBX: a string has no escapes (a quote is &quot;).
	fbxGrammar = grammar{opens: "{", closes: "}", comment: ';', quotes: `"`}
	// USD: https://openusd.org/release/spec.html, and the lexer of OpenUSD, pxr/usd/sdf.
	usdGrammar = grammar{opens: "{[(", closes: "}])", comment: '#', slashes: true, quotes: `"'`, escapes: true, triple: true, asset: true}
	// DirectX: "X-File Format Reference" of Microsoft.
	xGrammar = grammar{opens: "{", closes: "}", comment: '#', slashes: true, quotes: `"`}
	// VRML 2.0 and X3D in the classic encoding: ISO/IEC 14772-1, annex A.
	vrmlGrammar = grammar{opens: "{[", closes: "}]", comment: '#', quotes: `"`, escapes: true}
)

// checkFBXText wants all braces closed. It has no end mark: cut exactly between two of its
// outermost sections it looks like a whole one.
func checkFBXText(w *window) Verdict { return fbxGrammar.bracketed(w, "FBX") }

// checkUSDA wants all brackets closed, as checkFBXText does.
func checkUSDA(w *window) Verdict { return usdGrammar.bracketed(w, "USD") }

func exactUSDA(w *window) Verdict { return usdGrammar.follow(newText(w), "USD") }

// checkVRML wants all brackets closed, as checkFBXText does.
func checkVRML(w *window) Verdict { return vrmlGrammar.bracketed(w, "VRML") }

func exactVRML(w *window) Verdict { return vrmlGrammar.follow(newText(w), "VRML") }

// checkX wants all braces of a DirectX object in text form closed. The binary form does
// not tell its end.
func checkX(w *window) Verdict {
	if h := w.head(); !bytes.Equal(h[8:min(12, len(h))], []byte("txt ")) {
		return cannotTell("a DirectX object in binary form does not tell its end")
	}
	return xGrammar.bracketed(w, "DirectX object")
}

func exactX(w *window) Verdict {
	if v := checkX(w); w.size <= MaxText || v.State != Incomplete {
		return v
	}
	return xGrammar.follow(newText(w), "DirectX object")
}

// checkMA wants the comment that Maya writes last, or, of what another program wrote, a
// last statement that is ended.
func checkMA(w *window) Verdict {
	t := newText(w)
	line, ended := t.lastLine()
	switch {
	case t.unfilled:
		return unwritten("Maya scene")
	case bytes.HasPrefix(line, []byte("// End of")) && ended:
		return complete()
	case bytes.HasPrefix(line, []byte("//")), bytes.HasSuffix(line, []byte(";")), bytes.HasSuffix(line, []byte("}")):
		return cannotTell("the Maya scene's closing comment is missing; its last statement is whole")
	default:
		return incomplete("the Maya scene breaks off in a statement")
	}
}

// checkDXF wants the last pair of a drawing in text form: the group code 0 and EOF. The
// binary form has the same, as a byte or two of zero and a string.
func checkDXF(w *window) Verdict {
	if bytes.HasPrefix(w.head(), []byte(dxfBinary)) {
		if bytes.Contains(w.tail(few), []byte("\x00EOF\x00")) {
			return complete()
		}
		return endMissing("DXF")
	}
	t := newText(w)
	if t.blank() {
		return unwritten("DXF")
	}
	if !strings.Contains(strings.ToUpper(string(t.head())), "SECTION") {
		if w.size < 64 && !t.binary() {
			return onlyFirst(w.size, "DXF")
		}
		return cannotTell("its content does not look like a DXF")
	}
	f := bytes.Fields(t.tail())
	for n := 0; len(f) >= 2 && n < 8; f, n = f[:len(f)-1], n+1 { // a comment may follow
		if string(f[len(f)-2]) == "0" && strings.EqualFold(string(f[len(f)-1]), "EOF") {
			return complete()
		}
	}
	if t.unfilled {
		return unwritten("DXF")
	}
	return endMissing("DXF")
}

const dxfBinary = "AutoCAD Binary DXF\r\n\x1a\x00"
