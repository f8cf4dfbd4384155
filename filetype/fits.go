package filetype

import (
	"fmt"
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

// Formats returns the names of the formats that Scenario's documents name for a kind,
// such as "PNG", most usual first; none for the kinds that take anything.
func Formats(kind string) []string {
	if kind == "avatar" {
		kind = "image"
	}
	var names []string
	for _, f := range formats() {
		if f.kind == kind && f.kind != "" {
			names = append(names, f.name)
		}
	}
	return names
}

// Fits reports whether a file can be of its folder's kind. It is false only for a file
// that plainly is something else, such as a Photoshop document or a video in a folder of
// images; the sentence then says so, for people. A file that is not recognised fits, and
// so does an unusual format of the right sort (a BMP as image): Scenario decides.
func Fits(kind, name string, head []byte) (ok bool, sentence string) {
	want := family(kind)
	switch kind {
	case "avatar":
		want = picture
	case "asset", "auto", "":
		return true, ""
	}
	f := detect(name, head)
	switch {
	case !Named(kind), f.name == "", f.family == want:
		return true, ""
	case kind == "model" && f.family == archive: // a zip may hold a model
		return true, ""
	case kind == "text" && f.text && f.family == document: // XML and the like are text
		return true, ""
	case kind == "audio" && (f.name == "MP4" || f.name == "WebM"): // may hold sound alone
		return true, ""
	}
	return false, fmt.Sprintf("%s is %s, but this folder is for %s: Scenario takes %s there.",
		path.Base(strings.ReplaceAll(name, `\`, "/")), withArticle(f.name), plural(kind), list(Formats(kind)))
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
	switch name {
	case "SVG", "AVIF", "EXR", "HDR", "icon", "MP3", "OGG", "M4A", "AAC", "AIFF", "MP4", "MKV", "AVI", "MPEG video", "OGG video",
		"OBJ", "FBX", "STL", "XML", "OpenRaster document", "Illustrator document", "Excel sheet":
		return "an " + name
	}
	return "a " + name
}

// list joins names as a sentence does.
func list(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
