// Package filetype tells what a file is, from its first bytes and its name, in the words
// of Scenario's API: the kind an upload is given and its MIME type.
//
// Content decides where it can be recognised, the extension where it cannot: a JPEG named
// castle.png is a JPEG, and a text whose name ends in .obj is an OBJ.
//
// For kind "auto" a file gets a kind of its own only if Scenario's documents name its
// format for that kind; all else is an "asset", which Scenario stores whatever it is. A
// file that is stored under a broad kind is worth more than one that is refused under a
// narrow one. So a Photoshop document, a BMP or an MKV is an asset in a folder of kind
// "auto", while a folder of kind "image" sends whatever is in it as an image.
//
// A zip is named for models, but is as likely a set of textures. It is a model only if
// the first entry in it is a part of one (*.safetensors, a pickle of PyTorch,
// model_index.json …), and an asset otherwise.
package filetype

import (
	"bytes"
	"cmp"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// HeadSize is how many of a file's first bytes are worth handing in. Fewer do too: all
// of a shorter file, or none, when the name alone decides.
const HeadSize = 4096

const unknownMIME = "application/octet-stream"

// Type is what a file is. The zero Type is a file that was not recognised.
type Type struct {
	f format
}

// Of tells what a file is by its name and its first bytes.
func Of(name string, head []byte) Type { return Type{detect(name, head)} }

// Kind is the kind of upload in a folder of kind "auto": image, 3d, audio, video, model or
// text where Scenario's documents name the format for it, asset for all else.
func (t Type) Kind() string { return cmp.Or(t.f.kind, "asset") }

// MIME is the bare MIME type, without parameters; "application/octet-stream" if it is not known.
func (t Type) MIME() string { return cmp.Or(t.f.mime, unknownMIME) }

// Kind is Type.Kind of a file by its name and its first bytes; ok is false for an asset.
func Kind(name string, head []byte) (kind string, ok bool) {
	kind = Of(name, head).Kind()
	return kind, kind != "asset"
}

// MIME is Type.MIME of a file by its name and its first bytes.
func MIME(name string, head []byte) string { return Of(name, head).MIME() }

// extension is the extension of a name, in lower case and with its dot.
func extension(name string) string {
	return strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
}

// detect finds a file's format; with an empty name if it is none of the table.
func detect(name string, head []byte) format {
	ext := extension(name)
	named, isNamed := byExt(ext)
	if len(head) == 0 {
		if isNamed {
			return named
		}
		return format{mime: unknownMIME}
	}
	if f, ok := sniff(head, ext); ok {
		return f
	}
	found := mimetype.Detect(head)
	mime, _, _ := strings.Cut(found.String(), ";")
	f, ok := byMIME(mime)
	text := isText(found)
	switch {
	case ok && isNamed && f.contains(named):
		return named // a dialect that its name tells: .obj, .m4a
	case ok && text && named.isProse() && (f.family.noAsset() || f.family == document):
		return named // people write about programs and pages, and begin with HTML
	case ok && !f.vague:
		return f
	case isNamed && named.text == text && (text || mime == unknownMIME || weak(mime)):
		return named
	case ok && (!f.vague || !f.text || ext == ""):
		return f
	default: // a text whose name says something else may be anything
		return format{mime: mime, text: text}
	}
}

// sniff recognises the formats that mimetype does not know or takes for another.
func sniff(head []byte, ext string) (format, bool) {
	name := ""
	switch {
	case bytes.HasPrefix(head, []byte("glTF")):
		name = "GLB"
	case bytes.HasPrefix(head, []byte("Kaydara FBX Binary")), bytes.HasPrefix(head, []byte("; FBX ")):
		name = "FBX"
	case bytes.HasPrefix(head, []byte("ply\n")), bytes.HasPrefix(head, []byte("ply\r")):
		name = "PLY"
	case bytes.HasPrefix(head, []byte("VOX ")):
		name = "VOX"
	case bytes.HasPrefix(head, []byte("BLENDER")):
		name = "Blender file"
	case bytes.HasPrefix(head, []byte("\x76\x2f\x31\x01")):
		name = "EXR"
	case bytes.HasPrefix(head, []byte("8BPS")):
		name = "Photoshop document"
	case bytes.HasPrefix(head, []byte("MM\x00+")), bytes.HasPrefix(head, []byte("II+\x00")):
		name = "TIFF"
	case bytes.HasPrefix(head, []byte("RF64")), bytes.HasPrefix(head, []byte("BW64")):
		name = "WAV"
	case safetensors(head):
		name = "safetensors"
	case ext == ".stl" && (bytes.HasPrefix(head, []byte("solid")) || len(head) >= 84):
		name = "STL" // its binary form begins with 80 bytes of anything
		if m, _, _ := strings.Cut(mimetype.Detect(head).String(), ";"); m != "text/plain" && !weak(m) && m != unknownMIME {
			return format{}, false
		}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if modelEntry(zipEntry(head)) && (ext == ".zip" || ext == "") {
			name = "zipped model"
		} else if modelEntry(zipEntry(head)) && (ext == ".pt" || ext == ".pth" || ext == ".ckpt") {
			name = "checkpoint"
		}
	}
	return find(table.byName, name)
}

// safetensors recognises the length of a JSON header and its beginning.
func safetensors(head []byte) bool {
	return len(head) > 10 && head[8] == '{' && (head[9] == '"' || head[9] == ' ') && bytes.Equal(head[5:8], []byte{0, 0, 0})
}

// zipEntry is the name of a zip's first entry.
func zipEntry(head []byte) string {
	if len(head) < 30 {
		return ""
	}
	n := int(head[26]) | int(head[27])<<8
	return string(head[30:min(len(head), 30+n)])
}

// modelEntry reports whether an entry of that name makes a zip a model.
func modelEntry(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".safetensors", ".ckpt", ".pt", ".pth":
		return true
	}
	switch base {
	case "model_index.json", "data.pkl", "adapter_config.json", "pytorch_model.bin", "diffusion_pytorch_model.bin":
		return true
	}
	return false
}

// isText reports whether mimetype took the content for a kind of text.
func isText(m *mimetype.MIME) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is("text/plain") {
			return true
		}
	}
	return false
}

// weak reports whether mimetype recognises a MIME type by so few bytes that a name that
// says otherwise is right.
func weak(mime string) bool {
	switch mime {
	case "application/x-dbf", "application/vnd.shx", "application/vnd.shp", "application/tzif", "application/zlib",
		"application/x-os2-inf", "application/x-os2-hlp", "application/cbor", "application/marc", "application/x-bytecode.python",
		"application/vnd.framemaker", "audio/mpeg", "audio/aac", "video/mpeg", "image/x-icon", "application/vnd.lotus-1-2-3",
		"image/x-gimp-pat", "image/x-gimp-gbr", "application/onenote", "application/grib", "application/bufr":
		return true
	}
	return false
}
