package completeness

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	sampleMTL  = "# made by hand\nnewmtl Red\nNs 250.0\nKd 0.8 0.1 0.1\nillum 2\nmap_Kd red wood.png\n"
	sampleUSDA = `#usda 1.0
(
    doc = """It's "quoted" } and \""" escaped"""
    upAxis = "Y"
)
# a comment with a ) in it
def Xform "a" ( references = @./}.usd@ )
{
    float3[] extent = [(0, 0, 0), (1, 1, 1)]
    string note = 'don\'t { close'
}
`
	sampleVRML = "#VRML V2.0 utf8\n# a comment with a { in it\nShape {\n  appearance Appearance { material Material { } texture ImageTexture { url [ \"a\\\"}.png\" ] } }\n}\n"
	sampleFBX  = "; FBX 7.4.0 project file\n; ----{----\n\nFBXHeaderExtension:  {\n\tFBXVersion: 7400\n\tCreator: \"a } &quot;b&quot; ; {\"\n}\nObjects:  {\n\tGeometry: 1, \"Geometry::\", \"Mesh\" {\n\t\tVertices: *6 {\n\t\t\ta: 0,0,0,1,1,1\n\t\t}\n\t}\n}\n"
	sampleJSON = "{\n\t\"prompt\": \"a castle in the } \\\"mist\\\"\",\n\t\"seed\": [1, 2, {\"a\": null}]\n}\n"
	sampleDAE  = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<COLLADA xmlns=\"http://www.collada.org/2005/11/COLLADASchema\" version=\"1.4.1\">\n<asset><unit name=\"meter\"/></asset>\n</COLLADA>\n"
	sampleX3D  = "<?xml version=\"1.0\"?>\n<!DOCTYPE X3D PUBLIC \"ISO//Web3D//DTD X3D 3.0//EN\" \"x3d-3.0.dtd\">\n<X3D><Scene><Shape><IndexedFaceSet coordIndex=\"0 1 2 -1\"/></Shape></Scene></X3D>\n"
)

// unbracketed reports where a text's brackets are all closed, hidden ones and quoted
// text left aside.
func unbracketed(data []byte, hidden ...string) func(int) bool {
	return func(n int) bool {
		s := string(data)
		for _, h := range hidden {
			s = strings.ReplaceAll(s, h, strings.Repeat("_", len(h)))
		}
		opened, closed := 0, 0
		for _, pair := range []string{"{}", "()", "[]"} {
			opened += strings.Count(s[:n], pair[:1])
			closed += strings.Count(s[:n], pair[1:])
		}
		return opened == closed
	}
}

// textSamples are one of each text format.
func textSamples() []sample {
	usdaSoft := unbracketed([]byte(sampleUSDA), `"quoted" }`, "# a comment with a )", "@./}.usd@", "don\\'t {")
	fbxSoft := unbracketed([]byte(sampleFBX), "; ----{----", "a } &quot;b&quot; ; {")
	vrmlSoft := unbracketed([]byte(sampleVRML), "# a comment with a {", "}.png")
	lines := "{\"a\":1}\n{\"a\":[2]}\n"
	return []sample{
		{file: "cube.obj", data: []byte(sampleOBJ), format: "OBJ", endless: true, soft: always, raw: true},
		{file: "red.mtl", data: []byte(sampleMTL), format: "MTL", endless: true, soft: always},
		{file: "text.stl", data: []byte(sampleSTL), format: "STL", soft: from(strings.Index(sampleSTL, "endsolid")), enough: at(len(sampleSTL) - 1)},
		{file: "text.ply", data: sampleTextPLY(), format: "PLY", soft: from(len(sampleTextPLY()) - len("3 0 1 2\n"))},
		{file: "a.gltf", data: sampleGLTF(), format: "glTF"},
		{file: "a.json", data: []byte(sampleJSON), format: "JSON", enough: at(len(sampleJSON) - 1)},
		{file: "a.jsonl", data: []byte(lines), format: "JSON lines", endless: true, soft: at(7, 8, len(lines)-1)},
		{file: "a.svg", data: []byte(sampleSVG), format: "SVG"},
		{file: "a.dae", data: []byte(sampleDAE), format: "COLLADA", enough: at(len(sampleDAE) - 1)},
		{file: "a.x3d", data: []byte(sampleX3D), format: "X3D", enough: at(len(sampleX3D) - 1)},
		{file: "text.fbx", data: []byte(sampleFBX), format: "FBX", endless: true, soft: fbxSoft},
		{file: "a.usda", data: []byte(sampleUSDA), format: "USDA", endless: true, soft: usdaSoft},
		{file: "a.wrl", data: []byte(sampleVRML), format: "VRML", endless: true, soft: vrmlSoft},
	}
}

// utf16Of encodes a text with a byte-order mark, or without.
func utf16Of(s string, bigEndian, mark bool) []byte {
	var b []byte
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xFEFF}, units...)
	}
	for _, u := range units {
		if bigEndian {
			b = be.AppendUint16(b, u)
		} else {
			b = le.AppendUint16(b, u)
		}
	}
	return b
}

// TestTextVariants has each text as other systems write it: no variant is held, a cut one
// and an unfilled one are as the plain text is.
func TestTextVariants(t *testing.T) {
	variants := map[string]func(s string) []byte{
		"CR":                     func(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r")) },
		"CRLF":                   func(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) },
		"byte-order mark":        func(s string) []byte { return []byte("\ufeff" + s) },
		"Latin-1":                func(s string) []byte { return []byte(strings.ReplaceAll(s, "made by", "fa\xe7on")) },
		"UTF-16 LE":              func(s string) []byte { return utf16Of(s, false, true) },
		"UTF-16 BE":              func(s string) []byte { return utf16Of(s, true, true) },
		"UTF-16 LE without mark": func(s string) []byte { return utf16Of(s, false, false) },
		"UTF-16 BE without mark": func(s string) []byte { return utf16Of(s, true, false) },
		"UTF-16 with CRLF, umlaut": func(s string) []byte {
			return utf16Of(strings.ReplaceAll(strings.ReplaceAll(s, "\n", "\r\n"), "made by", "für 日"), false, true)
		},
	}
	tails := []string{"", "\x00", "\n\n\x00", "\x1a", "\r\n\x1a\x00\x00", "\n\n", "  \n", "\x00\n"}
	for _, s := range textSamples() {
		want := Complete
		if s.endless {
			want = CannotTell
		}
		for name, variant := range variants {
			for _, tail := range tails {
				v := verdict(s.file, variant(string(s.data)+tail))
				if v.State != want || v.Format != s.format {
					t.Errorf("%s, %s, %q behind: %s %s; want %s", s.file, name, tail, v.State, v.Detail, want)
				}
			}
			for _, n := range []int{len(s.data) / 2, len(s.data) * 3 / 4, len(s.data) - 5} {
				plain := verdict(s.file, s.data[:n])
				cut := verdict(s.file, variant(string(s.data[:n])))
				if cut.State != plain.State {
					t.Errorf("%s, %s, cut to %d: %s %s; the plain text is %s", s.file, name, n, cut.State, cut.Detail, plain.State)
				}
				empty := verdict(s.file, append(variant(string(s.data[:n])), make([]byte, 600)...))
				if empty.State == Complete || empty.State != Incomplete && (s.format != "STL" || plain.State == Incomplete) {
					t.Errorf("%s, %s, %d bytes filled: %s %s", s.file, name, n, empty.State, empty.Detail)
				}
			}
		}
	}
}

// TestTextWithoutLastLineEnd has last lines that are whole by their grammar.
func TestTextWithoutLastLineEnd(t *testing.T) {
	for _, s := range textSamples() {
		if v := verdict(s.file, bytes.TrimRight(s.data, "\n")); v.State == Incomplete {
			t.Errorf("%s: %s", s.file, v.Detail)
		}
	}
}

func TestTextDecisions(t *testing.T) {
	solid := strings.ReplaceAll(sampleSTL, "the cube", "")
	quoted := `<?xml version="1.0"?><?xml-stylesheet href="a>b.css"?>`
	decide(t, []decision{
		{"OBJ in upper case", "a.obj", []byte("V 0 0 0\nV 1 0 0\nV 0 1 0\nF 1 2 3"), CannotTell},
		{"OBJ in upper case, cut", "a.obj", []byte("V 0 0 0\nV 1 0 0\nV 0 1"), Incomplete},
		{"OBJ of a dialect", "a.obj", []byte("v 0 0 0\nbevel on"), CannotTell},
		{"OBJ over several lines", "a.obj", []byte("v 0 0 0\nf 1 2 \\\n3 4"), CannotTell},
		{"OBJ with a comment behind the statement", "a.obj", []byte("v 0 0 0\nf 1 2 3 # last"), CannotTell},
		{"OBJ with a number of another locale", "a.obj", []byte("v 0 0 0\nv 0,5 1,5 nan"), CannotTell},
		{"STL in upper case", "a.stl", []byte(strings.ToUpper(sampleSTL)), Complete},
		{"STL with a comment behind it", "a.stl", []byte(sampleSTL + "; done\n"), Complete},
		{"STL with a long comment behind it", "a.stl", []byte(sampleSTL + strings.Repeat("; done\n", 1000)), Complete},
		{"STL with a comment before it", "a.stl", []byte("# made by hand\n" + sampleSTL), Complete},
		{"STL of two solids", "a.stl", []byte(sampleSTL + sampleSTL), Complete},
		{"STL of two solids, cut", "a.stl", []byte(sampleSTL + sampleSTL[:60]), Incomplete},
		{"STL of two solids, cut at the second's name", "a.stl", []byte(sampleSTL + "solid "), Incomplete},
		{"STL of two solids, the second not filled", "a.stl", append([]byte(sampleSTL), make([]byte, 2000)...), CannotTell},
		{"STL of nameless solids", "a.stl", []byte(solid + solid), Complete},
		{"something else named STL", "a.stl", []byte(strings.Repeat("certificates, a list of them\n", 20)), CannotTell},
		{"binary STL with a line break behind it", "a.stl", append(fixture(t, "cube.stl"), '\n'), Complete},
		{"PLY with white space in its header", "a.ply", bytes.Replace(samplePLY(le, "binary_little_endian", 3, 4), []byte("end_header"), []byte("end_header  "), 1), Complete},
		{"PLY of CR lines, and data that begins like LF", "a.ply", []byte("ply\rformat binary_little_endian 1.0\relement vertex 2\rproperty uchar x\rend_header\r\n\n"), Complete},
		{"PLY with bytes behind it", "a.ply", append(samplePLY(le, "binary_little_endian", 3, 4), make([]byte, 5000)...), Complete},
		{"PLY with a text behind it", "a.ply", append(samplePLY(be, "binary_big_endian", 3, 4), "\nmade by hand\n"...), Complete},
		{"PLY of values over lines", "a.ply", bytes.Replace(sampleTextPLY(), []byte("0 0 0\n1 0 0\n"), []byte("0 0 0 1 0 0 "), 1), Complete},
		{"the same, cut", "a.ply", bytes.Replace(sampleTextPLY()[:len(sampleTextPLY())-4], []byte("0 0 0\n1 0 0\n"), []byte("0 0 0 1 0 0 "), 1), Incomplete},
		{"PLY of nothing, many times", "a.ply", []byte("ply\nformat ascii 1.0\nelement a 100000000000000\nelement v 1\nproperty float x\nend_header\n1\n"), Complete},
		{"JSON as lines", "a.json", []byte("{\"a\":1}\n{\"b\":2}\n"), CannotTell},
		{"JSON as lines, cut", "a.json", []byte("{\"a\":1}\n{\"b\":2"), Incomplete},
		{"JSON with comments", "a.json", []byte("// a {\n{ /* [ */ \"a\": 1, // {\n \"b\": \"//\" }\n"), Complete},
		{"JSON with single quotes", "a.json", []byte("{'a': 'it is {', b: 1}\n"), Complete},
		{"JSON with an apostrophe that is none", "a.json", []byte("{a: it's}\n"), CannotTell},
		{"JSON with something behind it", "a.json", []byte("{\"a\":1}\"rest\":{}}"), CannotTell},
		{"JSON with an open brace right behind it", "a.json", []byte("{\"a\":1}{\"rest\":"), CannotTell},
		{"JSON of one string", "a.json", []byte("\"a castle\""), Complete},
		{"JSON of one string, cut", "a.json", []byte("\"a cas"), Incomplete},
		{"JSON of one number", "a.json", []byte("12"), CannotTell},
		{"a text named JSON", "a.json", []byte("a castle"), CannotTell},
		{"glTF with another behind it", "a.gltf", append(sampleGLTF(), "{\"rest"...), Complete},
		{"SVG behind instructions", "a.svg", []byte(quoted + `<svg xmlns="http://www.w3.org/2000/svg"/>`), Complete},
		{"SVG behind instructions, cut", "a.svg", []byte(quoted + `<svg xmlns="http://www.w3.org/2000/svg"`), Incomplete},
		{"SVG behind a comment", "a.svg", []byte("<!-- a > and <svg> -->\n<svg></svg>"), Complete},
		{"SVG whose declarations have comments", "a.svg", []byte("<!DOCTYPE svg [ <!-- don't ]> --> <!ENTITY a 'b>'> ] >\n<svg></svg>"), Complete},
		{"SVG with bytes behind it", "a.svg", append([]byte(sampleSVG), make([]byte, 5000)...), Complete},
		{"SVG without its declaration", "a.svg", []byte("<svg></svg><!-- done -->\n\x00"), Complete},
		{"SVG with a prefix", "a.svg", []byte("<svg:svg xmlns:svg='http://www.w3.org/2000/svg'></svg:svg>"), Complete},
		{"FBX cut in its scene", "a.fbx", []byte(sampleFBX[:len(sampleFBX)-3]), Incomplete},
		{"FBX without the first line", "a.fbx", []byte(sampleFBX[strings.Index(sampleFBX, "FBXHeader"):]), CannotTell},
		{"FBX with a comment behind it", "a.fbx", []byte(sampleFBX + ";v7400 {"), CannotTell},
		{"USD cut in a string of lines", "a.usda", []byte("#usda 1.0\n(\ndoc = \"\"\"a\n"), Incomplete},
		{"USD without prims", "a.usda", []byte("#usda 1.0\n"), CannotTell},
		{"MTL cut behind a word", "a.mtl", []byte("newmtl a\nKd"), Incomplete},
	})
}

// TestLongTexts has texts that are longer than can be followed by the quick check.
func TestLongTexts(t *testing.T) {
	node := "Model: 1, \"Model::a\", \"Mesh\" {\n\t\tShading: T\n\t}\n\t"
	fbx := sampleFBX + "Objects:  {\n\t" + strings.Repeat(node, MaxText/len(node)) + "\n}\n"
	text := "ply\nformat ascii 1.0\nelement vertex 200000\nproperty float x\nproperty float y\nend_header\n" + strings.Repeat("0.5 1.25\n", 200000)
	svg := "<svg>" + strings.Repeat("<g><path d=''/></g>", MaxText/19+10) + "</svg>"
	decide(t, []decision{
		{"FBX", "a.fbx", []byte(fbx), CannotTell},
		{"FBX in UTF-16", "a.fbx", utf16Of(fbx, true, true), CannotTell},
		{"FBX, cut", "a.fbx", []byte(fbx[:len(fbx)-4]), Incomplete},
		{"FBX not indented, with something behind it", "a.fbx", []byte(fbx + "Version5: 1\n"), CannotTell},
		{"PLY", "a.ply", []byte(text), CannotTell},
		{"PLY, cut in a line", "a.ply", []byte(text[:len(text)-5]), Incomplete},
		{"PLY, its last line not ended", "a.ply", []byte(text[:len(text)-1]), CannotTell},
		{"SVG with a long comment behind it", "a.svg", []byte(svg + "<!--" + strings.Repeat("x", 2*many) + "-->"), Complete},
	})
}
