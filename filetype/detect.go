package filetype

import (
	"bytes"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"scenario-drop/filetype/magic"
)

// detect finds a file's format by its name and its first bytes; one with an empty name if it
// is none of the table. In order of precedence:
//
//	nothing of the content is known               → by the extension
//	a signature, and the fields behind it         → that format, or a dialect of it that the name tells
//	a text                                        → see textual
//	content that mimetype knows by enough of it   → that format, or a dialect of it that the name tells
//	an extension of a format that is no text      → that format
//	anything else                                 → not recognised
func detect(name string, head []byte) format {
	ext := extension(name)
	named, isNamed := byExt(ext)
	switch {
	case len(head) == 0 && isNamed:
		return named
	case len(head) == 0:
		return format{mime: unknownMIME}
	}
	if f, ok := signed(magic.Of(head), head, ext); ok {
		return f.orDialect(named)
	}
	if text := plainText(head); text != nil {
		return textual(text, named, ext)
	}
	mime := bareMIME(mimetype.Detect(head))
	f, ok := byMIME(mime)
	switch {
	case trusted(mime) && ok:
		return f.orDialect(named)
	case trusted(mime):
		return format{mime: mime}
	case isNamed && (!named.text || named.either):
		return named
	}
	return format{mime: unknownMIME}
}

// orDialect is f, or named where that looks the same and only a name tells it from f.
func (f format) orDialect(named format) format {
	if named.name != "" && f.contains(named) {
		return named
	}
	return f
}

func bareMIME(m *mimetype.MIME) string {
	mime, _, _ := strings.Cut(m.String(), ";")
	return mime
}

// calledOtherwise are the rows of the formats that package magic has other names for.
var calledOtherwise = map[magic.Format]string{
	"PSD": "Photoshop document", "BLEND": "Blender file", "ICO": "icon", "JP2": "JPEG 2000", "KTX": "KTX texture", "KTX2": "KTX2 texture",
	"Aseprite": "Aseprite document", "W64": "Wave64", "CAF": "Core Audio sound", "AU": "Sun sound", "ASF": "Windows Media video", "FLV": "Flash video",
	"MPEG-TS": "MPEG transport stream", "MPEG-PS": "MPEG video", "DSF": "DSD sound", "CR3": "Canon raw picture", "ORF": "camera raw", "RW2": "camera raw",
	"USDA": "USD text", "LWO": "LightWave object", "3DS": "3D Studio mesh", "USDC": "USD", "XCF": "GIMP document", "JXL": "JPEG XL",
	"Maya binary": "Maya file", "Maya ASCII": "Maya file", "DirectX": "DirectX mesh", "HDF5": "HDF5 file", "SQLite": "SQLite data", "CLIP": "Clip Studio document",
	"EPS": "PostScript", "NPY": "NumPy array", "GGUF": "GGUF model", "PAM": "portable arbitrary map", "PFM": "portable float map", "SGI": "SGI image", "Sun raster": "Sun raster image",
	"7z": "7-Zip archive", "RAR": "RAR archive", "TAR": "tar archive",
}

// signed is the row of a format that package magic found, told from others of its signature; ok is
// false where the table has none, or the signature is that of an archive that may be anything.
func signed(m magic.Format, head []byte, ext string) (f format, ok bool) {
	switch m {
	case "", "CFB": // a container of anything, in which mimetype looks
		return f, false
	case "ZIP":
		return zipped(head, ext)
	case "JXL": // two bytes tell it where it has no boxes
		if named, isNamed := byExt(ext); isNamed && bytes.HasPrefix(head, []byte("\xff\x0a")) && !named.text {
			return named, true
		}
	case "PNM":
		kinds := [3]string{"portable bitmap", "portable graymap", "portable pixmap"}
		if kind, _, ok := magic.PNM(head); ok {
			return find(table.byName, kinds[(kind-'1')%3])
		}
		return find(table.byName, kinds[2])
	case "SQLite": // artists' programs keep their documents in one
		if named, _ := byExt(ext); named.family == document && !named.text {
			return named, true
		}
	case "OGG":
		if oggVideo(head) {
			return find(table.byName, "OGG video")
		}
	case "WebM":
		return ebmlFormat(matroska(bytes.NewReader(head), int64(len(head)))), true
	case "ASF":
		if asfSound(head) {
			return find(table.byName, "Windows Media sound")
		}
	case "VRML":
		if bytes.HasPrefix(magic.Text(head), []byte("#X3D")) {
			return find(table.byName, "X3D in VRML")
		}
	}
	if name, other := calledOtherwise[m]; other {
		return find(table.byName, name)
	}
	return find(table.byName, string(m))
}

// oggVideo reports whether the first stream of an OGG is a video, or says that there are several
// (RFC 3533; Theora, appendix A; Ogg Skeleton).
func oggVideo(head []byte) bool {
	if len(head) < 27 {
		return false
	}
	at := min(27+int(head[26]), len(head))
	for _, codec := range []string{"\x80theora", "BBCD\x00", "OVP80\x01", "\x01video", "fishead\x00"} {
		if bytes.HasPrefix(head[at:], []byte(codec)) {
			return true
		}
	}
	return false
}

// asfSound reports whether the streams of an ASF that are described in head are sounds alone
// (ASF specification, section 10.3: the media types).
func asfSound(head []byte) bool {
	return bytes.Contains(head, []byte("\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b")) &&
		!bytes.Contains(head, []byte("\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b"))
}

// trusted reports whether mimetype recognises a type of binary content by so much that a name
// that says otherwise is wrong. What package magic knows it need not tell; all else it tells by
// two or three bytes, a number that anything may begin with, or a word that any text may.
func trusted(mime string) bool {
	switch canonical(mime) {
	case "application/pdf", "application/postscript", "application/x-7z-compressed", "application/x-tar", "application/x-xar", "application/x-xz",
		"application/gzip", "application/zstd", "application/vnd.rar", "application/lzip", "application/x-elf", "application/x-java-applet",
		"application/x-mach-binary", "application/wasm", "application/x-rpm", "application/vnd.debian.binary-package", "application/x-archive",
		"application/x-chrome-extension", "application/x-ms-installer",
		"application/java-archive", "application/vnd.android.package-archive", "application/epub+zip",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/vnd.oasis.opendocument.text",
		"application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation", "application/vnd.oasis.opendocument.graphics",
		"application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/msword",
		"application/x-msaccess", "application/vnd.apache.parquet", "application/dicom", "image/fits",
		"image/x-xcf", "image/vnd.djvu", "image/jxr", "image/jxs", "image/jxl", "image/jp2", "image/x-xpixmap", "image/bpg", "image/vnd.dwg",
		"font/otf", "font/woff", "font/woff2", "font/collection", "audio/qcelp", "application/vnd.rn-realmedia-vbr":
		return true
	}
	return false
}
