package whole

import (
	"bytes"
	"encoding/binary"
)

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// begins is a signature at the very beginning.
func begins(signatures ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, s := range signatures {
			if bytes.HasPrefix(head, []byte(s)) {
				return true
			}
		}
		return false
	}
}

// form is a signature of a container with a form type at byte 8.
func form(container string, types ...string) func([]byte) bool {
	return func(head []byte) bool {
		if len(head) < 12 || string(head[:4]) != container {
			return false
		}
		for _, t := range types {
			if string(head[8:12]) == t {
				return true
			}
		}
		return false
	}
}

// gates is the table of formats. A signature is tried in this order, so the weak ones
// come last; an extension belongs to one gate.
func gates() []gate {
	return []gate{
		{format: "PNG", exts: []string{".png", ".apng"}, magic: begins("\x89PNG\r\n\x1a\n"), signed: 8, check: checkPNG},
		{format: "JPEG", exts: []string{".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}, magic: begins("\xff\xd8\xff"), signed: 3, check: checkJPEG},
		{format: "GIF", exts: []string{".gif"}, magic: begins("GIF87a", "GIF89a"), signed: 6, check: checkGIF},
		{format: "WebP", exts: []string{".webp"}, magic: form("RIFF", "WEBP"), signed: 12, check: checkWebP},
		{format: "TIFF", exts: []string{".tif", ".tiff", ".dng"}, magic: begins("II*\x00", "MM\x00*", "II+\x00\x08\x00\x00\x00", "MM\x00+\x00\x08\x00\x00"), signed: 8, check: checkTIFF},
		{format: "PSD", exts: []string{".psd", ".psb"}, magic: begins("8BPS\x00\x01", "8BPS\x00\x02"), signed: 6, check: checkPSD},
		{format: "EXR", exts: []string{".exr"}, magic: begins("\x76\x2f\x31\x01"), signed: 4, check: checkEXR},
		{format: "HDR", exts: []string{".hdr", ".rgbe", ".pic"}, magic: begins("#?RADIANCE\n", "#?RGBE\n"), signed: 11, check: checkHDR},
		{format: "WAV", exts: []string{".wav", ".wave", ".bwf", ".rf64"}, magic: wave, signed: 12, check: checkWAV},
		{format: "AVI", exts: []string{".avi"}, magic: form("RIFF", "AVI "), signed: 12, check: checkAVI},
		{format: "AIFF", exts: []string{".aif", ".aiff", ".aifc"}, magic: form("FORM", "AIFF", "AIFC"), signed: 12, check: checkAIFF},
		{format: "OGG", exts: []string{".ogg", ".oga", ".ogv", ".opus", ".spx"}, magic: begins("OggS"), signed: 4, check: checkOGG},
		{format: "FLAC", exts: []string{".flac"}, magic: begins("fLaC"), signed: 4, check: checkFLAC},
		{format: "WebM", exts: []string{".webm", ".mkv", ".mka", ".mk3d"}, magic: begins("\x1a\x45\xdf\xa3"), signed: 4, check: checkEBML},
		{format: "MP4", exts: []string{".mp4", ".m4v", ".mov", ".qt", ".m4a", ".m4b", ".3gp", ".3g2", ".heic", ".heif", ".hif", ".avif"}, magic: bmff, signed: 8, check: checkBMFF},
		{format: "GLB", exts: []string{".glb"}, magic: begins("glTF"), signed: 4, check: checkGLB},
		{format: "FBX", exts: []string{".fbx"}, magic: begins(fbxSignature, "; FBX"), signed: len(fbxSignature), check: checkFBX},
		{format: "PLY", exts: []string{".ply"}, magic: begins("ply\n", "ply\r"), signed: 4, check: checkPLY},
		{format: "VOX", exts: []string{".vox"}, magic: begins("VOX "), signed: 4, check: checkVOX},
		{format: "BLEND", exts: []string{".blend"}, magic: begins("BLENDER"), signed: 0, check: checkBLEND},
		{format: "ZIP", exts: []string{".zip", ".3mf", ".usdz", ".kra", ".ora", ".cbz", ".docx", ".xlsx", ".pptx"}, magic: begins("PK\x03\x04", "PK\x05\x06"), signed: 4, check: checkZIP},
		{format: "SVG", exts: []string{".svg"}, magic: xmlOf("svg"), text: true, check: checkXML},
		{format: "COLLADA", exts: []string{".dae"}, magic: xmlOf("COLLADA"), text: true, check: checkXML},
		{format: "XML", exts: []string{".xml"}, text: true, check: checkXML},
		{format: "safetensors", exts: []string{".safetensors"}, magic: safetensors, text: true, check: checkSafetensors},
		{format: "glTF", exts: []string{".gltf"}, text: true, check: checkJSON},
		{format: "JSON", exts: []string{".json"}, text: true, check: checkJSON},
		{format: "OBJ", exts: []string{".obj"}, check: checkOBJ},
		{format: "STL", exts: []string{".stl"}, check: checkSTL},
		{format: "MP3", exts: []string{".mp3", ".mp2"}, magic: begins("ID3"), check: checkMP3},
	}
}
