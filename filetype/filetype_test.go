package filetype

import (
	"archive/zip"
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func pngHead(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegHead(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifHead(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := z.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ftyp is the beginning of an MP4 of a brand.
func ftyp(brand string) []byte {
	return []byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00" + brand + "isom\x00\x00\x00\x08free")
}

func TestKindAndMIME(t *testing.T) {
	binary := append(bytes.Repeat([]byte{0x93, 0, 0xF1, 7}, 40), 0)
	tensors := append([]byte{200, 1, 0, 0, 0, 0, 0, 0}, `{"__metadata__":{"format":"pt"},"a":{"dtype":"F16"`...)
	stl := append([]byte("exported by a program"+strings.Repeat("\x00", 59)), 1, 0, 0, 0)
	stl = append(stl, make([]byte, 50)...)
	tests := []struct {
		name, file string
		head       []byte
		kind, mime string
	}{
		{"png", "a.png", pngHead(t), "image", "image/png"},
		{"jpeg", "a.JPG", jpegHead(t), "image", "image/jpeg"},
		{"gif", "a.gif", gifHead(t), "image", "image/gif"},
		{"a JPEG named png", "a.png", jpegHead(t), "image", "image/jpeg"},
		{"a picture named mp3", "a.mp3", pngHead(t), "image", "image/png"},
		{"a picture without extension", "castle", pngHead(t), "image", "image/png"},
		{"a picture named txt", "a.txt", pngHead(t), "image", "image/png"},
		{"a picture named glb", "a.glb", jpegHead(t), "image", "image/jpeg"},
		{"a picture named stl", "a.stl", append(pngHead(t), make([]byte, 100)...), "image", "image/png"},
		{"webp", "a.webp", []byte("RIFF\x24\x00\x00\x00WEBPVP8 "), "image", "image/webp"},
		{"avif", "a.avif", ftyp("avif"), "image", "image/avif"},
		{"heic", "a.heic", ftyp("heic"), "image", "image/heic"},
		{"heif that is named heic", "a.heic", ftyp("mif1"), "image", "image/heic"},
		{"tiff", "a.tif", []byte("II*\x00\x08\x00\x00\x00\x01\x00"), "image", "image/tiff"},
		{"big tiff", "a.tif", []byte("II+\x00\x08\x00\x00\x00\x01\x00"), "image", "image/tiff"},
		{"camera raw", "a.dng", []byte("II*\x00\x08\x00\x00\x00\x01\x00"), "asset", "image/x-dcraw"},
		{"svg", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1"/>`), "image", "image/svg+xml"},
		{"svg after a declaration", "a.svg", []byte("<?xml version=\"1.0\"?>\n<!-- made by hand -->\n<svg width='1'/>"), "image", "image/svg+xml"},
		{"bmp", "a.bmp", append([]byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 40)...), "asset", "image/bmp"},
		{"psd", "a.psd", []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00"), "asset", "image/vnd.adobe.photoshop"},
		{"psd named png", "a.png", []byte("8BPS\x00\x01\x00\x00\x00\x00\x00\x00"), "asset", "image/vnd.adobe.photoshop"},
		{"exr", "a.exr", []byte("\x76\x2f\x31\x01\x02\x00\x00\x00channels"), "asset", "image/x-exr"},
		{"hdr", "a.hdr", []byte("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n"), "asset", "image/vnd.radiance"},

		{"mp3 with a tag", "a.mp3", []byte("ID3\x04\x00\x00\x00\x00\x00\x20TIT2"), "audio", "audio/mpeg"},
		{"mp3 without a tag", "a.mp3", append([]byte("\xff\xfb\x90\x64"), make([]byte, 60)...), "audio", "audio/mpeg"},
		{"wav", "a.wav", []byte("RIFF\x24\x00\x00\x00WAVEfmt "), "audio", "audio/wav"},
		{"rf64", "a.wav", []byte("RF64\xff\xff\xff\xffWAVEds64"), "audio", "audio/wav"},
		{"ogg", "a.ogg", append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x1e\x01vorbis"), make([]byte, 30)...), "audio", "audio/ogg"},
		{"opus", "a.opus", append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x13OpusHead"), make([]byte, 30)...), "audio", "audio/ogg"},
		{"m4a", "a.m4a", ftyp("M4A "), "audio", "audio/mp4"},
		{"m4a of another brand", "a.m4a", ftyp("mp42"), "audio", "audio/mp4"},
		{"flac", "a.flac", []byte("fLaC\x00\x00\x00\x22\x10\x00"), "audio", "audio/flac"},
		{"aiff", "a.aiff", []byte("FORM\x00\x00\x00\x24AIFFCOMM"), "asset", "audio/aiff"},

		{"mp4", "a.mp4", ftyp("isom"), "video", "video/mp4"},
		{"m4v", "a.m4v", ftyp("M4V "), "video", "video/mp4"},
		{"mov", "a.mov", ftyp("qt  "), "video", "video/quicktime"},
		{"webm", "a.webm", []byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"), "video", "video/webm"},
		{"mkv", "a.mkv", []byte("\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x88matroska"), "asset", "video/matroska"},
		{"avi", "a.avi", []byte("RIFF\x24\x00\x00\x00AVI LIST"), "asset", "video/x-msvideo"},

		{"glb", "a.glb", []byte("glTF\x02\x00\x00\x00\x40\x00\x00\x00"), "3d", "model/gltf-binary"},
		{"gltf", "a.gltf", []byte("{\n  \"asset\": {\"version\": \"2.0\"}"), "3d", "model/gltf+json"},
		{"gltf that says so late", "a.gltf", []byte(`{"accessors":[{"bufferView":0,`), "3d", "model/gltf+json"},
		{"obj", "a.obj", []byte("# exported\nmtllib a.mtl\nv 1 2 3\n"), "3d", "model/obj"},
		{"obj like a web page's text", "a.obj", []byte("v 1 2 3\nv 1 2 3\nf 1 2 3\n"), "3d", "model/obj"},
		{"material", "a.mtl", []byte("newmtl red\nKd 1 0 0\n"), "asset", "model/mtl"},
		{"fbx", "a.fbx", []byte("Kaydara FBX Binary  \x00\x1a\x00\xe8\x1c\x00\x00"), "3d", "model/x-fbx"},
		{"fbx in text", "a.fbx", []byte("; FBX 7.4.0 project file\n"), "3d", "model/x-fbx"},
		{"stl", "a.stl", stl, "3d", "model/stl"},
		{"stl in text", "a.stl", []byte("solid cube\n facet normal 0 0 1\n"), "3d", "model/stl"},
		{"ply", "a.ply", []byte("ply\nformat ascii 1.0\n"), "3d", "model/ply"},
		{"vox", "a.vox", []byte("VOX \x96\x00\x00\x00MAIN"), "3d", "model/x-3d-vox"},
		{"collada", "a.dae", []byte(`<?xml version="1.0"?><COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema">`), "asset", "model/vnd.collada+xml"},
		{"blender", "a.blend", []byte("BLENDER-v300"), "asset", "application/x-blender"},

		{"safetensors", "a.safetensors", tensors, "model", "application/octet-stream"},
		{"safetensors without extension", "a", tensors, "model", "application/octet-stream"},
		{"old checkpoint", "a.ckpt", []byte("\x80\x02}q\x00X\x0a\x00\x00\x00state_dict"), "model", "application/octet-stream"},
		{"checkpoint", "a.ckpt", zipOf(t, "archive/data.pkl", "archive/version"), "model", "application/octet-stream"},
		{"zip of textures", "a.zip", zipOf(t, "wood.png", "stone.png"), "asset", "application/zip"},
		{"zip of a model", "a.zip", zipOf(t, "lora/style.safetensors"), "model", "application/zip"},
		{"empty zip", "a.zip", zipOf(t), "asset", "application/zip"},
		{"krita", "a.kra", zipOf(t, "maindoc.xml"), "asset", "application/x-krita"},

		{"text", "a.txt", []byte("a castle on a hill"), "text", "text/plain"},
		{"text in UTF-8", "a.txt", []byte("ein Schloß"), "text", "text/plain"},
		{"markdown", "a.md", []byte("# Prompts\n"), "text", "text/markdown"},
		{"json", "a.json", []byte(`{"prompt": "a castle"}`), "text", "application/json"},
		{"csv", "a.csv", []byte("a,b\n1,2\n3,4\n"), "text", "text/csv"},
		{"text that names nothing", "notes", []byte("a castle on a hill"), "text", "text/plain"},
		{"text of a program", "a.gcode", []byte("G1 X1 Y2\nG1 X2 Y2\n"), "asset", "text/plain"},
		{"text named png", "a.png", []byte("404 not found"), "asset", "text/plain"},
		{"a web page named png", "a.png", []byte("<!DOCTYPE html><html><body>404</body></html>"), "asset", "text/html"},
		{"binary named txt", "a.txt", binary, "asset", "application/octet-stream"},

		{"unknown", "a.xyz", binary, "asset", "application/octet-stream"},
		{"unknown content, known name", "a.tga", binary, "asset", "image/x-tga"},
		{"nothing but a name", "a.PNG", nil, "image", "image/png"},
		{"a name with backslashes", `C:\art\a.glb`, nil, "3d", "model/gltf-binary"},
		{"nothing known", "a", nil, "asset", "application/octet-stream"},
		{"dot in the folder only", "v1.png/a", nil, "asset", "application/octet-stream"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			is := Of(tt.file, tt.head)
			if kind := is.Kind(); kind != tt.kind {
				t.Errorf("Kind = %s; want %s", kind, tt.kind)
			}
			if mime := is.MIME(); mime != tt.mime {
				t.Errorf("MIME = %s, want %s", mime, tt.mime)
			}
		})
	}
}

func TestMIMEIsBare(t *testing.T) {
	for _, f := range table.rows {
		if strings.ContainsAny(f.mime, "; ") || !strings.Contains(f.mime, "/") {
			t.Errorf("%s: %q is not a bare MIME type", f.name, f.mime)
		}
	}
}

func TestTable(t *testing.T) {
	exts, names := map[string]string{}, map[string]bool{}
	for _, f := range table.rows {
		if names[f.name] {
			t.Errorf("%s stands twice", f.name)
		}
		names[f.name] = true
		if f.kind != "" && !Named(f.kind) {
			t.Errorf("%s: kind %s is not named", f.name, f.kind)
		}
		for _, e := range f.exts {
			if other, twice := exts[e]; twice {
				t.Errorf("%s belongs to %s and %s", e, other, f.name)
			}
			if exts[e] = f.name; !strings.HasPrefix(e, ".") || e != strings.ToLower(e) {
				t.Errorf("%s: extension %q", f.name, e)
			}
		}
	}
	for _, f := range table.rows {
		for _, in := range f.inside {
			if !names[in] {
				t.Errorf("%s: %s is not in the table", f.name, in)
			}
		}
	}
}

func TestNamed(t *testing.T) {
	if Named("movie") || !Named("3d") || !Named("auto") {
		t.Error("Named is wrong about a kind")
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("a.png", []byte("\x89PNG\r\n\x1a\n"))
	f.Add("a.zip", []byte("PK\x03\x04\x14\x00\x00\x00\x00\x00aaaabbbbccccdddd\xff\xff\x00\x00name"))
	f.Add("a.stl", []byte("solid"))
	f.Fuzz(func(t *testing.T, name string, head []byte) {
		is := Of(name, head)
		if kind := is.Kind(); !Named(kind) {
			t.Errorf("Kind = %q", kind)
		}
		if m := is.MIME(); m == "" || strings.Contains(m, ";") {
			t.Errorf("MIME = %q", m)
		}
		for _, kind := range []string{"image", "audio", "model", "text", "auto"} {
			r := Rule{Kind: kind}
			v, as := r.Judge(Of(name, head))
			if text := r.Explain(v, name, Of(name, head)); (v == Send) != (text == "") || (v == Send) != (as != "") {
				t.Errorf("of a folder of kind %s it says %v, %q, %q", kind, v, as, text)
			}
		}
	})
}
