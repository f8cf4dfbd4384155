package filetype

import (
	"path"
	"strings"
)

// Named reports whether kind is a kind of upload that Scenario's documents name, or
// "auto".
func Named(kind string) bool {
	switch kind {
	case "image", "3d", "audio", "video", "model", "avatar", "asset", "text", "auto":
		return true
	}
	return false
}

// base is the last element of a path, whatever system it comes from.
func base(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

// fits reports whether a file can be sent as of a kind. One that was not recognised can be sent
// as an asset alone: an image in a format that nobody knows is more likely no image at all.
func (t Type) fits(kind string) bool {
	f, want := t.f, family(kind)
	switch kind {
	case "avatar":
		want = picture
	case "asset", "auto", "":
		return true
	}
	switch {
	case !Named(kind), f.family == want:
		return true
	case kind == "model": // a zip may hold one, and a program's data be one
		return f.family == archive || f.name == binaryData
	case kind == "text": // XML and the like are text, and so is what nobody knows better
		return f.text && (f.family == document || f.family == "" || f.family == script || f.family == source)
	case kind == "audio": // may hold sound alone
		return f.name == "MP4" || f.name == "WebM"
	}
	return false
}

func plural(kind string) string {
	switch kind {
	case "3d":
		return "3D objects"
	case "audio":
		return "sounds"
	case "text":
		return "texts"
	default:
		return kind + "s"
	}
}

// withArticle puts a or an before a format's name, by how it is spoken.
func withArticle(name string) string {
	first, _, _ := strings.Cut(name, " ")
	switch first {
	case "FLAC", "MIDI", "MOV", "HEIC", "HEIF", "RAR", "FLIF", "FITS", "FLIC", "USD", "USDZ", "U3D", "LAS", "LAZ", "REX", "RED", "MNG", "REAPER", "SAI":
		return "a " + name
	}
	for _, vowel := range "aeiouAEIO" {
		if rune(name[0]) == vowel {
			return "an " + name
		}
	}
	if len(first) > 1 && strings.ToUpper(first) == first && strings.ContainsRune("FHLMNRSX", rune(name[0])) {
		return "an " + name // spelt: an STL
	}
	return "a " + name
}
