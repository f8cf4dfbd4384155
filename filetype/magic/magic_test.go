package magic

import (
	"strings"
	"testing"
)

// TestTableIsWellFormed has one recogniser for each format.
func TestTableIsWellFormed(t *testing.T) {
	seen := map[Format]bool{}
	for _, r := range table {
		if r.format == "" || r.is == nil || seen[r.format] {
			t.Errorf("row %q", r.format)
		}
		seen[r.format] = true
	}
}

// TestOf has the shortest beginning of each format that is recognised.
func TestOf(t *testing.T) {
	for _, tt := range []struct {
		head string
		want Format
	}{
		{"", ""},
		{strings.Repeat("\x00", HeadSize), ""},
		{"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"},
		{"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP"},
		{"RIFF\x10\x00\x00\x00WAVEfmt ", "WAV"},
		{"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- made by hand -->\n<svg>", "SVG"},
		{"\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":", "safetensors"},
	} {
		if got := Of([]byte(tt.head)); got != tt.want {
			t.Errorf("%.20q: %q, want %q", tt.head, got, tt.want)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range []string{"", "RIFF", "FORM\x00\x00\x00\x00AIFF", "\x00\x00\x00\x18ftypisom", "P6 # a\n3 4\n255\n", "Pf\n1 2\n-1\n", "GIF89a\x01\x00\x01\x00\xf7\x00\x00", "gimp xcf v011\x00", "<!--", "<svg", "{\"a\":", "ply\nformat ", "; FBX 7", "<!DOCTYPE a [<!-- ", "\xff\xfe<\x00", "BLENDER17-01v0500"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) { Of(head[:min(len(head), HeadSize)]) })
}
