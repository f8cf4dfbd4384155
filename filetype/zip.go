package filetype

import (
	"bytes"
	"encoding/binary"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// zipped tells what a zip is: by what its first entry says of it, by what is in it, by its name.
func zipped(head []byte, ext string) (f format, ok bool) {
	archive, _ := find(table.byName, "zip")
	if f, ok := byMIME(declaredMIME(head)); ok {
		return f, true
	}
	named, isNamed := byExt(ext)
	if modelEntry(zipEntry(head)) {
		switch {
		case ext == ".zip", ext == "":
			return find(table.byName, "zipped model")
		case isNamed && named.name == "checkpoint":
			return named, true
		}
	}
	if isNamed && (archive.contains(named) || named.family == software) {
		return named, true
	}
	if mime := bareMIME(mimetype.Detect(head)); trusted(mime) {
		if f, ok := byMIME(mime); ok {
			return f, true
		}
	}
	return archive, true
}

// declaredMIME is what the first entry "mimetype" of a zip says, as OpenDocument, EPUB, Krita
// and OpenRaster have it (OpenDocument 1.2 part 3, section 3.3); "" if there is none.
func declaredMIME(head []byte) string {
	if len(head) < 38 || zipEntry(head) != "mimetype" || binary.LittleEndian.Uint16(head[8:]) != 0 { // stored
		return ""
	}
	n, extra := int(binary.LittleEndian.Uint32(head[18:])), int(binary.LittleEndian.Uint16(head[28:]))
	from := 38 + extra
	if n <= 0 || n > 200 || from+n > len(head) {
		return ""
	}
	return strings.TrimSuffix(string(bytes.TrimSpace(head[from:from+n])), "-template")
}

// zipEntry is the name of a zip's first entry.
func zipEntry(head []byte) string {
	if len(head) < 30 || !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
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
