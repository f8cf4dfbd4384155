package whole

// The text forms of scenes have no end mark, but brackets.
var (
	// FBX: a string has no escapes (a quote is &quot;).
	fbxGrammar = grammar{opens: "{", closes: "}", comment: ';', quotes: `"`}
	// USD: https://openusd.org/release/spec.html, and the lexer of OpenUSD, pxr/usd/sdf.
	usdGrammar = grammar{opens: "{[(", closes: "}])", comment: '#', slashes: true, quotes: `"'`, escapes: true, triple: true, asset: true}
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
