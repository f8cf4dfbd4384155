package magic

import "testing"

// TestTextIsNoDocument has texts that begin as formats do.
func TestTextIsNoDocument(t *testing.T) {
	for _, text := range []string{
		"MMORPG concept art, a list", "MM stands for millimetres", "FORM LWO2 is an old format", "FOR4 friends, Maya and me",
		"xof 0 is the mark", "PXR-USDC is the binary form", "Ogawa is the new one", "\x89HDF\r\n\x1a\nabc",
		"SQLite format 3 is described here", "CSFCHUNK is what Clip Studio writes first", "A file begins with %PDF-1.7 always",
		"%PDF-version", "%!PS is PostScript", "GGUF is for llamas", "7z\xbc\xaf is its mark", "Rar! it cried",
	} {
		if got := Of([]byte(text)); got != "" {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

// TestDocuments has the beginnings that are enough.
func TestDocuments(t *testing.T) {
	for _, tt := range []struct {
		head string
		want Format
	}{
		{"MM\x00\x10\x00\x00\x02\x00\x0a\x00\x00\x00", "3DS"},
		{"FORM\x00\x00\x10\x00LWO2", "LWO"},
		{"FORM\x00\x00\x10\x00LXOB", "LWO"},
		{"FOR4\x00\x00\x10\x00Maya", "Maya binary"},
		{"FOR8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00Maya", "Maya binary"},
		{"//Maya ASCII 2022 scene", "Maya ASCII"},
		{"xof 0302txt 0064", "DirectX"},
		{"PXR-USDC\x00\x08\x00", "USDC"},
		{"Ogawa\x00\x00\x01", "Alembic"},
		{"\x89HDF\r\n\x1a\n\x02", "HDF5"},
		{"SQLite format 3\x00\x10\x00\x01\x01", "SQLite"},
		{"CSFCHUNK\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x18", "CLIP"},
		{"%PDF-1.7", "PDF"},
		{"\xef\xbb\xbf%PDF-2.0", "PDF"},
		{"%!PS-Adobe-3.0", "EPS"},
		{"\x93NUMPY\x01\x00", "NPY"},
		{"GGUF\x03\x00\x00\x00", "GGUF"},
		{"7z\xbc\xaf\x27\x1c\x00\x04", "7z"},
		{"Rar!\x1a\x07\x01\x00", "RAR"},
	} {
		if got := Of([]byte(tt.head)); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.head, got, tt.want)
		}
	}
}
