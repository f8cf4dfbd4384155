// Package filetype tells what a file is, from its content and its name, in the words of
// Scenario's API: the kind an upload is given and its MIME type; and whether a folder takes it
// (Rule.Judge).
//
// Content decides where it can be recognised, the extension where it cannot: a JPEG named
// castle.png is a JPEG, and a text whose name ends in .obj is an OBJ. The signatures are those of
// package magic, the one table of them; what that does not have is asked of mimetype, as far as
// it tells a type by enough of the content.
//
// For kind "auto" a file gets a kind of its own only if Scenario's documents name its
// format for that kind; all else is an "asset", which Scenario stores whatever it is. A
// file that is stored under a broad kind is worth more than one that is refused under a
// narrow one. So a Photoshop document, a BMP or an MKV is an asset in a folder of kind
// "auto", while a folder of kind "image" sends any image as one.
//
// A zip is named for models, but is as likely a set of textures. It is a model only if
// the first entry in it is a part of one (*.safetensors, a pickle of PyTorch,
// model_index.json …), and an asset otherwise.
package filetype

import (
	"cmp"
	"path"
	"strings"
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

// extension is the extension of a name, in lower case and with its dot.
func extension(name string) string {
	return strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
}
