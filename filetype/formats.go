package filetype

import "slices"

// family is what a format is, whether Scenario takes it as such or not.
type family string

const (
	picture  family = "image"
	sound    family = "audio"
	movie    family = "video"
	shape    family = "3d"
	weights  family = "model"
	writing  family = "text"
	document family = "document" // a program's own project file, an office document
	program  family = "program"
	archive  family = "archive" // may hold anything
)

// format is one row of the table.
type format struct {
	name   string // as an artist knows it
	mime   string
	exts   []string
	kind   string // the kind for "auto"; "": Scenario's documents name it for none
	family family
	text   bool // its content is text
	vague  bool // its content does not tell it from others: a name may
	inside []string
}

// contains reports whether g's content looks like f's, so that only a name tells them
// apart.
func (f format) contains(g format) bool { return slices.Contains(f.inside, g.name) }

func byExt(table []format, ext string) (format, bool) {
	for _, f := range table {
		if slices.Contains(f.exts, ext) {
			return f, true
		}
	}
	return format{}, false
}

func byMIME(table []format, mime string) (format, bool) {
	mime = canonical(mime)
	for _, f := range table {
		if f.mime == mime && mime != unknownMIME {
			return f, true
		}
	}
	return format{}, false
}

// canonical turns mimetype's names into the ones used here.
func canonical(mime string) string {
	switch mime {
	case "image/apng", "image/vnd.mozilla.apng":
		return "image/png"
	case "image/heic-sequence":
		return "image/heic"
	case "image/heif-sequence":
		return "image/heif"
	case "audio/x-m4a":
		return "audio/mp4"
	case "video/x-m4v", "video/3gpp", "video/3gpp2", "audio/3gpp":
		return "video/mp4"
	case "application/ogg":
		return "audio/ogg"
	case "text/xml":
		return "application/xml"
	case "application/geo+json", "application/vnd.cyclonedx+json":
		return "application/json"
	}
	return mime
}

// formats is the table: what Scenario's documents name for each kind, and what else an
// artist's folder holds. The first row of a MIME type is the one found by content.
func formats() []format {
	return []format{
		{name: "JPEG", mime: "image/jpeg", exts: []string{".jpg", ".jpeg", ".jpe", ".jfif"}, kind: "image", family: picture},
		{name: "PNG", mime: "image/png", exts: []string{".png", ".apng"}, kind: "image", family: picture},
		{name: "GIF", mime: "image/gif", exts: []string{".gif"}, kind: "image", family: picture},
		{name: "SVG", mime: "image/svg+xml", exts: []string{".svg"}, kind: "image", family: picture, text: true},
		{name: "WebP", mime: "image/webp", exts: []string{".webp"}, kind: "image", family: picture},
		{name: "AVIF", mime: "image/avif", exts: []string{".avif"}, kind: "image", family: picture},
		{name: "TIFF", mime: "image/tiff", exts: []string{".tif", ".tiff"}, kind: "image", family: picture, inside: []string{"camera raw"}},
		{name: "HEIC", mime: "image/heic", exts: []string{".heic", ".hif"}, kind: "image", family: picture},
		{name: "HEIF", mime: "image/heif", exts: []string{".heif"}, kind: "image", family: picture, inside: []string{"HEIC"}},
		{name: "BMP", mime: "image/bmp", exts: []string{".bmp"}, family: picture},
		{name: "JPEG XL", mime: "image/jxl", exts: []string{".jxl"}, family: picture},
		{name: "JPEG 2000", mime: "image/jp2", exts: []string{".jp2"}, family: picture},
		{name: "EXR", mime: "image/x-exr", exts: []string{".exr"}, family: picture},
		{name: "HDR", mime: "image/vnd.radiance", exts: []string{".hdr"}, family: picture},
		{name: "TGA", mime: "image/x-tga", exts: []string{".tga"}, family: picture},
		{name: "DDS", mime: "image/vnd-ms.dds", exts: []string{".dds"}, family: picture},
		{name: "icon", mime: "image/x-icon", exts: []string{".ico"}, family: picture},
		{name: "camera raw", mime: "image/x-dcraw", exts: []string{".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"}, family: document},

		{name: "MP3", mime: "audio/mpeg", exts: []string{".mp3"}, kind: "audio", family: sound},
		{name: "WAV", mime: "audio/wav", exts: []string{".wav", ".wave", ".bwf", ".rf64"}, kind: "audio", family: sound},
		{name: "OGG", mime: "audio/ogg", exts: []string{".ogg", ".oga", ".opus"}, kind: "audio", family: sound, inside: []string{"OGG video"}},
		{name: "M4A", mime: "audio/mp4", exts: []string{".m4a", ".m4b"}, kind: "audio", family: sound},
		{name: "FLAC", mime: "audio/flac", exts: []string{".flac"}, kind: "audio", family: sound},
		{name: "AAC", mime: "audio/aac", exts: []string{".aac"}, kind: "audio", family: sound},
		{name: "AIFF", mime: "audio/aiff", exts: []string{".aif", ".aiff", ".aifc"}, family: sound},
		{name: "MIDI", mime: "audio/midi", exts: []string{".mid", ".midi"}, family: sound},

		{name: "MP4", mime: "video/mp4", exts: []string{".mp4", ".m4v"}, kind: "video", family: movie, inside: []string{"M4A"}},
		{name: "WebM", mime: "video/webm", exts: []string{".webm"}, kind: "video", family: movie},
		{name: "MOV", mime: "video/quicktime", exts: []string{".mov", ".qt"}, kind: "video", family: movie},
		{name: "MKV", mime: "video/matroska", exts: []string{".mkv"}, family: movie},
		{name: "AVI", mime: "video/x-msvideo", exts: []string{".avi"}, family: movie},
		{name: "MPEG video", mime: "video/mpeg", exts: []string{".mpg", ".mpeg"}, family: movie},
		{name: "OGG video", mime: "video/ogg", exts: []string{".ogv"}, family: movie},
		{name: "Windows Media video", mime: "video/x-ms-asf", exts: []string{".wmv", ".asf"}, family: movie},
		{name: "Flash video", mime: "video/x-flv", exts: []string{".flv"}, family: movie},

		{name: "GLB", mime: "model/gltf-binary", exts: []string{".glb"}, kind: "3d", family: shape},
		{name: "glTF", mime: "model/gltf+json", exts: []string{".gltf"}, kind: "3d", family: shape, text: true},
		{name: "OBJ", mime: "model/obj", exts: []string{".obj"}, kind: "3d", family: shape, text: true},
		{name: "FBX", mime: "model/x-fbx", exts: []string{".fbx"}, kind: "3d", family: shape},
		{name: "STL", mime: "model/stl", exts: []string{".stl"}, kind: "3d", family: shape},
		{name: "PLY", mime: "model/ply", exts: []string{".ply"}, kind: "3d", family: shape},
		{name: "VOX", mime: "model/x-3d-vox", exts: []string{".vox"}, kind: "3d", family: shape},
		{name: "COLLADA", mime: "model/vnd.collada+xml", exts: []string{".dae"}, family: shape, text: true},
		{name: "USDZ", mime: "model/vnd.usdz+zip", exts: []string{".usdz"}, family: shape},
		{name: "USD", mime: "model/vnd.usd", exts: []string{".usd", ".usda", ".usdc"}, family: shape},
		{name: "3MF", mime: "model/3mf", exts: []string{".3mf"}, family: shape},
		{name: "material of an OBJ", mime: "model/mtl", exts: []string{".mtl"}, family: document, text: true},

		{name: "safetensors", mime: unknownMIME, exts: []string{".safetensors"}, kind: "model", family: weights, vague: true},
		{name: "checkpoint", mime: unknownMIME, exts: []string{".ckpt", ".pt", ".pth"}, kind: "model", family: weights, vague: true},
		{name: "zip", mime: "application/zip", exts: []string{".zip"}, family: archive, vague: true, inside: []string{"USDZ", "3MF", "Krita document", "OpenRaster document", "checkpoint"}},
		{name: "zipped model", mime: "application/zip", kind: "model", family: weights},

		{name: "text", mime: "text/plain", exts: []string{".txt"}, kind: "text", family: writing, text: true, vague: true},
		{name: "Markdown", mime: "text/markdown", exts: []string{".md", ".markdown"}, kind: "text", family: writing, text: true},
		{name: "JSON", mime: "application/json", exts: []string{".json"}, kind: "text", family: writing, text: true, vague: true},
		{name: "CSV", mime: "text/csv", exts: []string{".csv"}, kind: "text", family: writing, text: true, vague: true},
		{name: "XML", mime: "application/xml", exts: []string{".xml"}, family: document, text: true, vague: true},
		{name: "web page", mime: "text/html", exts: []string{".html", ".htm"}, family: document, text: true},

		{name: "Photoshop document", mime: "image/vnd.adobe.photoshop", exts: []string{".psd", ".psb"}, family: document},
		{name: "GIMP document", mime: "image/x-xcf", exts: []string{".xcf"}, family: document},
		{name: "Krita document", mime: "application/x-krita", exts: []string{".kra"}, family: document},
		{name: "OpenRaster document", mime: "image/openraster", exts: []string{".ora"}, family: document},
		{name: "Blender file", mime: "application/x-blender", exts: []string{".blend"}, family: document},
		{name: "Maya file", mime: "application/x-maya", exts: []string{".ma", ".mb"}, family: document},
		{name: "Substance file", mime: "application/x-substance", exts: []string{".spp", ".sbs", ".sbsar"}, family: document},
		{name: "ZBrush file", mime: "application/x-zbrush", exts: []string{".zpr", ".ztl"}, family: document},
		{name: "Clip Studio document", mime: "application/x-clip-studio", exts: []string{".clip"}, family: document},
		{name: "PDF", mime: "application/pdf", exts: []string{".pdf"}, family: document, inside: []string{"Illustrator document"}},
		{name: "Illustrator document", mime: "application/illustrator", exts: []string{".ai"}, family: document},
		{name: "Word document", mime: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", exts: []string{".docx"}, family: document},
		{name: "Excel sheet", mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", exts: []string{".xlsx"}, family: document},
		{name: "PowerPoint document", mime: "application/vnd.openxmlformats-officedocument.presentationml.presentation", exts: []string{".pptx"}, family: document},
		{name: "Windows program", mime: "application/vnd.microsoft.portable-executable", exts: []string{".exe", ".dll"}, family: program},
		{name: "7-Zip archive", mime: "application/x-7z-compressed", exts: []string{".7z"}, family: archive},
		{name: "RAR archive", mime: "application/vnd.rar", exts: []string{".rar"}, family: archive},
	}
}
