package magic

import (
	"strings"
	"testing"
	"unicode/utf16"
)

// TestTextIsNoModel has texts that begin as formats do.
func TestTextIsNoModel(t *testing.T) {
	for _, text := range []string{
		"glTF is a format for scenes", "VOX is Latin for voice", "BLENDER tips and tricks", "BLENDER-vs-Maya, a comparison",
		"ply the trade of a sculptor", "ply\nthe trade", "PKs and other abbreviations", "; FBX is what we deliver\n",
		"Kaydara FBX Binary is its first line", "#VRML is an old language\n", "#usda is the text form\n",
		"<3 this picture", "<svg", "{\"a\": 1}", "solid rock",
	} {
		if got := Of([]byte(text)); got != "" {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

// TestModels has the beginnings that are enough, cut right behind what is looked at.
func TestModels(t *testing.T) {
	for _, tt := range []struct {
		head string
		want Format
	}{
		{"glTF\x02\x00\x00\x00", "GLB"},
		{"VOX \xc8\x00\x00\x00", "VOX"},
		{"BLENDER-v300", "BLEND"},
		{"BLENDER_V249", "BLEND"},
		{"BLENDER17-01v0500", "BLEND"},
		{"ply\nformat ", "PLY"},
		{"ply \r\ncomment", "PLY"},
		{"\xef\xbb\xbfply\robj_info", "PLY"},
		{"PK\x05\x06", "ZIP"},
		{"PK\x07\x08PK\x03\x04", "ZIP"},
		{"; FBX 7", "FBX"},
		{"; made by hand\r; and more\r\rFBXHeaderExtension:", "FBX"},
		{"Kaydara FBX Binary  \x00\x1a\x00", "FBX"},
		{"#VRML V2.0 utf8", "VRML"},
		{"#X3D V3.3", "VRML"},
		{"#usda 1.", "USDA"},
		{"<svg>", "SVG"},
		{"<!-- a -->\n<svg:svg\n", "SVG"},
		{"<?xml-stylesheet href='a>b'?><svg/>", "SVG"},
		{"<!DOCTYPE svg [<!ENTITY a '>'> <!-- ]> -->] ><svg ", "SVG"},
		{"<COLLADA ", "COLLADA"},
		{"<!DOCTYPE X3D PUBLIC \"a\" \"b\"><X3D ", "X3D"},
	} {
		if got := Of([]byte(tt.head)); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.head, got, tt.want)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "<svg>für</svg>"
	for _, mark := range []bool{true, false} {
		units := utf16.Encode([]rune(text))
		if mark {
			units = append([]uint16{0xFEFF}, units...)
		}
		var little, big []byte
		for _, u := range units {
			little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
		}
		for _, b := range [][]byte{little, big} {
			if got := string(Text(b)); got != text || Of(b) != "SVG" {
				t.Errorf("% x: %q, %s", b[:6], got, Of(b))
			}
		}
	}
	if got := string(Text([]byte("\xef\xbb\xbfabc"))); got != "abc" {
		t.Errorf("with a mark of UTF-8: %q", got)
	}
	if _, order := Encoding([]byte(strings.Repeat("\x00", 16))); order != nil {
		t.Error("zeros are taken for UTF-16")
	}
}
