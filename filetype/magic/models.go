package magic

import (
	"bytes"
	"encoding/binary"
)

// models are 3D objects, scenes, weights, and archives.
var models = []row{
	{"GLB", glb},
	{"FBX", fbx},
	{"PLY", ply},
	{"VOX", vox},
	{"BLEND", blend},
	{"ZIP", zip},
	{"safetensors", safetensors},
}

// glb recognises the signature and a version below 256.
func glb(head []byte) bool {
	return startsWith(head, "glTF") && len(head) >= 8 && head[4] > 0 && string(head[5:8]) == "\x00\x00\x00"
}

// vox recognises the signature and a version below 65536.
func vox(head []byte) bool {
	return startsWith(head, "VOX ") && len(head) >= 8 && string(head[6:8]) == "\x00\x00"
}

// blend recognises a Blender file that is not compressed: the size of pointers, the byte
// order, and the version, as in BLENDER-v300, since Blender 5.0 with the header's length
// and a version of it before, as in BLENDER17-01v0500.
func blend(head []byte) bool {
	h, ok := bytes.CutPrefix(head, []byte("BLENDER"))
	if ok && len(h) >= 10 && digit(h[0]) && digit(h[1]) && digit(h[3]) && digit(h[4]) {
		return h[2] == '-' && (h[5] == 'v' || h[5] == 'V') && digit(h[6]) && digit(h[7])
	}
	return ok && len(h) >= 5 && (h[0] == '-' || h[0] == '_') && (h[1] == 'v' || h[1] == 'V') && digit(h[2]) && digit(h[3]) && digit(h[4])
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// zip recognises a local file header, also behind the mark of an archive in several
// volumes, and the end record of an empty archive.
func zip(head []byte) bool {
	return begins("PK\x03\x04", "PK\x05\x06", "PK\x07\x08PK\x03\x04", "PK00PK\x03\x04")(head)
}

// safetensors recognises the length of a JSON header, and its first brace.
func safetensors(head []byte) bool {
	if len(head) < 10 || head[8] != '{' || head[9] != '"' && head[9] != '}' && head[9] != ' ' {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n <= 100_000_000 // the limit of the reference implementation
}

// fbx recognises the binary form by its signature and the byte order behind it, and the
// text form.
func fbx(head []byte) bool {
	const signature = "Kaydara FBX Binary  \x00\x1a"
	return startsWith(head, signature+"\x00") || startsWith(head, signature+"\x01") || fbxText(head)
}

// ply recognises the signature and the beginning of a second line that a PLY may have.
func ply(head []byte) bool {
	line, ok := bytes.CutPrefix(Text(head), []byte("ply"))
	if !ok {
		return false
	}
	rest := bytes.TrimLeft(line, " \t")
	if len(rest) == 0 || rest[0] != '\r' && rest[0] != '\n' {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return startsWith(rest, "format ") || startsWith(rest, "comment") || startsWith(rest, "obj_info") || startsWith(rest, "element ")
}
