package filetype

import (
	"testing"

	"scenario-drop/status"
)

func TestJudge(t *testing.T) {
	unknown := []byte("\x93\x00\xF1\x07\x93\x00\xF1\x07\x01\x02")
	elf := append([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00\x01\x00\x00\x00"), make([]byte, 64)...)
	shell := []byte("#!/bin/sh\necho castle\n")
	wav := []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	psd := []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x08\x00\x00\x00\x08\x00\x08\x00\x03")
	tests := []struct {
		rule Rule
		file string
		head []byte
		want Verdict
		kind string
	}{
		{Rule{Kind: "asset"}, "a.exe", nil, Send, "asset"},
		{Rule{Kind: "asset"}, "a.png", pngHead(t), Send, "asset"},
		{Rule{Kind: "a kind of tomorrow"}, "a.exe", nil, Send, "a kind of tomorrow"},

		{Rule{Kind: "auto"}, "a.png", pngHead(t), Send, "image"},
		{Rule{Kind: "auto"}, "a.psd", psd, Send, "asset"},
		{Rule{Kind: "auto"}, "a.xyz", unknown, Send, "asset"},
		{Rule{Kind: "auto"}, "brief.docx", nil, Send, "asset"},
		{Rule{Kind: "auto"}, "textures.zip", zipOf(t, "wood.png"), Send, "asset"},
		{Rule{Kind: "auto"}, "notes", []byte("a castle"), Send, "text"},
		{Rule{Kind: "auto"}, "notes.txt", shell, Send, "text"},
		{Rule{Kind: "auto"}, "a.yaml", []byte("a: 1\n"), Send, "asset"},
		{Rule{Kind: "auto"}, "a.exe", nil, Ignore, ""},
		{Rule{Kind: "auto"}, "tool", elf, Ignore, ""},
		{Rule{Kind: "auto"}, "tool.v2", elf, Ignore, ""},
		{Rule{Kind: "auto"}, "install", shell, Ignore, ""},
		{Rule{Kind: "auto"}, "budget.xlsx", nil, Ignore, ""},
		{Rule{Kind: "auto"}, "library.sqlite", nil, Ignore, ""},
		{Rule{Kind: "auto"}, "library.xyz", append([]byte("SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20"), make([]byte, 100)...), Send, "asset"},
		{Rule{Kind: "auto"}, "key", []byte("-----BEGIN RSA PRIVATE KEY-----\nMII"), Ignore, ""},
		{Rule{Kind: "auto", SendOthers: true}, "budget.xlsx", nil, Ignore, ""},
		{Rule{Kind: "auto", Included: true}, "budget.xlsx", nil, Send, "asset"},
		{Rule{Kind: "auto", Forced: true}, "tool", elf, Send, "asset"},

		{Rule{Kind: "image"}, "a.png", pngHead(t), Send, "image"},
		{Rule{Kind: "avatar"}, "a.png", pngHead(t), Send, "avatar"},
		{Rule{Kind: "image"}, "a.tga", unknown, Send, "image"},
		{Rule{Kind: "image"}, "a.qoi", unknown, Send, "image"},
		{Rule{Kind: "image"}, "growl.wav", wav, Hold, ""},
		{Rule{Kind: "image"}, "growl.png", wav, Hold, ""},
		{Rule{Kind: "image"}, "a.psd", psd, Hold, ""},
		{Rule{Kind: "image"}, "a.png", []byte("404 not found"), Hold, ""},
		{Rule{Kind: "image"}, "a.xyz", unknown, Hold, ""},
		{Rule{Kind: "image"}, "a", unknown, Hold, ""},
		{Rule{Kind: "image"}, "core.12345", elf, Hold, ""},
		{Rule{Kind: "image", Included: true}, "growl.wav", wav, Hold, ""},
		{Rule{Kind: "image", SendOthers: true}, "growl.wav", wav, Send, "audio"},
		{Rule{Kind: "image", SendOthers: true}, "a.xyz", unknown, Send, "asset"},
		{Rule{Kind: "image", Forced: true}, "growl.wav", wav, Send, "audio"},
		{Rule{Kind: "image", Forced: true}, "core.12345", elf, Send, "asset"},
		{Rule{Kind: "image", Forced: true}, "a.png", pngHead(t), Send, "image"},

		{Rule{Kind: "3d"}, "a.dae", nil, Send, "3d"},
		{Rule{Kind: "3d"}, "a.abc", unknown, Send, "3d"},
		{Rule{Kind: "3d"}, "a.blend", []byte("BLENDER-v300"), Hold, ""},
		{Rule{Kind: "3d"}, "a.mtl", []byte("newmtl red\n"), Hold, ""},
		{Rule{Kind: "audio"}, "a.wav", wav, Send, "audio"},
		{Rule{Kind: "audio"}, "a.caf", nil, Send, "audio"},
		{Rule{Kind: "audio"}, "a.png", pngHead(t), Hold, ""},
		{Rule{Kind: "video"}, "a.mkv", nil, Send, "video"},
		{Rule{Kind: "video"}, "a.wav", wav, Hold, ""},
		{Rule{Kind: "model"}, "a.safetensors", nil, Send, "model"},
		{Rule{Kind: "model"}, "a.zip", zipOf(t, "wood.png"), Send, "model"},
		{Rule{Kind: "model"}, "pytorch_model.bin", unknown, Send, "model"},
		{Rule{Kind: "model"}, "config.json", []byte(`{"a": 1}`), Hold, ""},
		{Rule{Kind: "text"}, "a.xml", nil, Send, "text"},
		{Rule{Kind: "text"}, "a.py", []byte("import os\n"), Send, "text"},
		{Rule{Kind: "text"}, "a.gcode", []byte("G1 X1\n"), Send, "text"},
		{Rule{Kind: "text"}, "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), Hold, ""},
		{Rule{Kind: "text"}, "a.xyz", unknown, Hold, ""},
	}
	for _, tt := range tests {
		is := Of(tt.file, tt.head)
		v, kind := tt.rule.Judge(is)
		if v != tt.want || kind != tt.kind {
			t.Errorf("%+v, %s: %v as %q, want %v as %q", tt.rule, tt.file, v, kind, tt.want, tt.kind)
		}
		if text := tt.rule.Explain(v, tt.file, is); (text == "") != (v == Send) || text != "" && text.Value("is") == "" {
			t.Errorf("%+v, %s: says %q", tt.rule, tt.file, text)
		}
	}
}

func TestExplain(t *testing.T) {
	tests := []struct {
		kind, file string
		head       []byte
		want       string
	}{
		{"image", "/in/growl.wav", nil, `It is a sound; this folder takes images. Move it to a folder for sounds, or set other_kinds = "send" for this one.`},
		{"image", "a.psd", nil, `It is a Photoshop document; this folder takes images. Move it to a folder of kind "auto" or "asset", or set other_kinds = "send" for this one.`},
		{"image", "a.xyz", []byte("\x00\x93\x01\xf1"), `It is not recognised as an image; this folder takes images. Move it to a folder of kind "auto" or "asset", or set other_kinds = "send" for this one.`},
		{"3d", "a.png", nil, `It is an image; this folder takes 3D objects. Move it to a folder for images, or set other_kinds = "send" for this one.`},
		{"auto", "a.exe", nil, `It is a Windows program, which a folder of kind "auto" does not send. To have it uploaded, add "a.exe" to the folder's include patterns (and "*" for all others, if there are none yet).`},
	}
	for _, tt := range tests {
		r := Rule{Kind: tt.kind}
		is := Of(tt.file, tt.head)
		v, _ := r.Judge(is)
		if got := status.Words(r.Explain(v, tt.file, is)); got != tt.want {
			t.Errorf("%s in a folder of kind %s:\n%s\nwant:\n%s", tt.file, tt.kind, got, tt.want)
		}
	}
}

func TestNoAsset(t *testing.T) {
	for name, want := range map[string]string{
		"Setup.EXE": "a Windows program", "plugin.jar": "a Java package", "install.sh": "a shell script", "budget.xlsx": "an Excel sheet",
		"disk.iso": "a disk image", "Makefile": "a program's build file", "CMakeLists.txt": "a program's build file", "libz.so.1.2": "a Linux program",
		`C:\in\a.dll`: "a Windows program", "id_rsa": "a private key", "a.tar.deb": "a Debian package",
	} {
		if is, yes := NoAsset(name); !yes || is != want {
			t.Errorf("%s: %q, %v; want %q", name, is, yes, want)
		}
	}
	for _, name := range []string{"a.png", "a.psd", "a.zip", "a.7z", "a.txt", "a.md", "a.json", "a.csv", "a.docx", "a.pptx", "a.pdf", "a.ttf", "a.ts", "a.bin", "a.img",
		"a.xyz", "a", "exe", ".exe/a.png", "a.so.png", "a.uproject", "a.blend", "a.key", "a.obj", "a.unitypackage", "a.aep", ""} {
		if is, yes := NoAsset(name); yes {
			t.Errorf("%s is taken for %s", name, is)
		}
	}
}

func TestWithArticle(t *testing.T) {
	for name, want := range map[string]string{"SVG": "an SVG", "FLAC": "a FLAC", "MP4": "an MP4", "USD": "a USD", "STL": "an STL", "OGG": "an OGG", "PNG": "a PNG", "RAR archive": "a RAR archive",
		"X3D": "an X3D", "e-book": "an e-book", "Linux program": "a Linux program", "iOS package": "an iOS package", "Houdini file": "a Houdini file"} {
		if got := withArticle(name); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
