package magic

import "encoding/binary"

// models are 3D objects, scenes, weights, and archives.
var models = []row{
	{"GLB", begins("glTF")},
	{"FBX", begins("Kaydara FBX Binary  \x00\x1a\x00", "; FBX")},
	{"PLY", begins("ply\n", "ply\r")},
	{"VOX", begins("VOX ")},
	{"BLEND", begins("BLENDER")},
	{"ZIP", begins("PK\x03\x04", "PK\x05\x06")},
	{"safetensors", safetensors},
}

// safetensors recognises the length of a JSON header, and its first brace.
func safetensors(head []byte) bool {
	if len(head) < 10 || head[8] != '{' || head[9] != '"' && head[9] != '}' && head[9] != ' ' {
		return false
	}
	n := binary.LittleEndian.Uint64(head)
	return n >= 2 && n <= 100_000_000 // the limit of the reference implementation
}
