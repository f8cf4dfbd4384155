package filetype

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"scenario-drop/filetype/magic"
)

// ebml is an element with a length of eight bytes, or of none known.
func ebml(id string, unknown bool, content ...string) string {
	body := strings.Join(content, "")
	size := []byte{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	if !unknown {
		binary.BigEndian.PutUint64(size, uint64(len(body))|1<<56)
	}
	return id + string(size) + body
}

// film is an EBML file with tracks of these types behind a void of a length.
func film(docType string, void int, unknown bool, types ...byte) []byte {
	var entries []string
	for _, t := range types {
		entries = append(entries, ebml("\xae", false, ebml("\xd7", false, "\x01"), ebml("\x83", false, string(t))))
	}
	return []byte(ebml("\x1a\x45\xdf\xa3", false, ebml("\x42\x82", false, docType)) +
		ebml("\x18\x53\x80\x67", unknown, ebml("\xec", false, strings.Repeat("\x00", void)), ebml("\x16\x54\xae\x6b", false, entries...), ebml("\x1f\x43\xb6\x75", unknown, strings.Repeat("\x11", 3000))))
}

func box(kind string, content ...string) string {
	body := strings.Join(content, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + kind + body
}

// mp4 is one with tracks of these handlers, in a movie box behind its data.
func mp4(brand string, data int, handlers ...string) []byte {
	var tracks []string
	for _, h := range handlers {
		tracks = append(tracks, box("trak", box("tkhd", strings.Repeat("\x00", 84)), box("mdia", box("mdhd", strings.Repeat("\x00", 24)), box("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00"+h+strings.Repeat("\x00", 13)))))
	}
	return []byte(box("ftyp", brand, "\x00\x00\x02\x00", brand, "isom") + box("mdat", strings.Repeat("\x11", data)) + box("moov", append([]string{box("mvhd", strings.Repeat("\x00", 100))}, tracks...)...))
}

// tagged is content behind an ID3 tag with a cover of a length.
func tagged(cover int, content []byte) []byte {
	n := cover + 10
	tag := []byte{'I', 'D', '3', 3, 0, 0, byte(n >> 21 & 0x7f), byte(n >> 14 & 0x7f), byte(n >> 7 & 0x7f), byte(n & 0x7f)}
	tag = append(tag, "APIC"...)
	tag = binary.BigEndian.AppendUint32(tag, uint32(cover))
	tag = append(tag, 0, 0)
	return append(append(tag, bytes.Repeat([]byte{0x33}, cover)...), content...)
}

// utf16le is a text in UTF-16 with a byte-order mark.
func utf16le(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	return b
}

// zipStored is a zip whose first entry is stored and has that content.
func zipStored(name, content string) []byte {
	b := append([]byte("PK\x03\x04\x14\x00\x00\x00\x00\x00"), make([]byte, 20)...)
	binary.LittleEndian.PutUint32(b[18:], uint32(len(content)))
	binary.LittleEndian.PutUint32(b[22:], uint32(len(content)))
	binary.LittleEndian.PutUint16(b[26:], uint16(len(name)))
	return append(append(b, name...), content...)
}

func TestIdentify(t *testing.T) {
	license := "<!-- " + strings.Repeat("Permission is hereby granted. ", 200) + "-->\n"
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="24"><path d="M0 0"/></svg>`
	indices := bytes.Repeat([]byte("\x00\x00\x01\x00\x02\x00\x03\x00\x02\x00\x01\x00"), 500)
	counted := make([]byte, 6000)
	for i := range 3000 {
		binary.LittleEndian.PutUint16(counted[2*i:], uint16(i))
	}
	flac := append([]byte("fLaC\x00\x00\x00\x22\x10\x00\x10\x00"), make([]byte, 200)...)
	mpeg := bytes.Repeat(append([]byte("\xff\xfb\x90\x64"), make([]byte, 413)...), 4)
	for _, tt := range []struct {
		file       string
		content    []byte
		kind, mime string
	}{
		// SVG however it is written.
		{"a.svg", []byte("<!-- @license lucide - ISC -->\n<svg\n  xmlns=\"http://www.w3.org/2000/svg\"></svg>\n"), "image", "image/svg+xml"},
		{"a.svg", []byte(license + svg), "image", "image/svg+xml"},
		{"a", []byte(license + svg), "image", "image/svg+xml"},
		{"a.txt", []byte("\xef\xbb\xbf<?xml version=\"1.0\"?>\r\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x.dtd\" [<!ENTITY a '>'>]>\r\n" + svg), "image", "image/svg+xml"},
		{"a.svg", utf16le("<?xml version=\"1.0\" encoding=\"UTF-16\"?><!-- a -->" + svg), "image", "image/svg+xml"},
		{"a.svg", []byte("<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>"), "image", "image/svg+xml"},
		{"a.svg", []byte("<!DOCTYPE html>\n<html><body>404</body></html>"), "asset", "text/html"},
		{"a.svg", []byte("<html><body><svg/></body></html>"), "asset", "text/html"},
		{"a.svg", []byte("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), "asset", "application/xml"},
		{"a.xml", []byte(license + "<osm version='0.6'></osm>"), "asset", "application/xml"},
		{"a.dae", []byte("<!-- made by hand --><COLLADA xmlns='http://www.collada.org/2005/11/COLLADASchema'/>"), "asset", "model/vnd.collada+xml"},

		// Text that begins like a page or a program.
		{"a.md", []byte("<p align=\"center\">Hero</p>\n\n# Title\n"), "text", "text/markdown"},
		{"README.MD", []byte("<!-- a comment -->\n# Title\n"), "text", "text/markdown"},
		{"a.md", []byte("<!DOCTYPE html>\n<html>"), "text", "text/markdown"},
		{"a.md", []byte("#!/bin/sh\necho\n"), "text", "text/markdown"},
		{"a.txt", []byte("<3 a castle"), "text", "text/plain"},
		{"a.txt", []byte("GIF89a is what emotes use"), "text", "text/plain"},
		{"a.txt", []byte("The wide valley"), "text", "text/plain"},
		{"a.txt", []byte("MZ is how programs begin"), "text", "text/plain"},
		{"a.txt", []byte("BM and PK and ID3"), "text", "text/plain"},
		{"a.txt", []byte("icns, and what else Apple has"), "text", "text/plain"},
		{"a.html", []byte("<p>a page</p>"), "asset", "text/html"},
		{"a.obj", []byte("<!DOCTYPE html><html>404</html>"), "asset", "text/html"},
		{"a.json", []byte("<html>404</html>"), "asset", "text/html"},
		{"a.json", utf16le(`{"a": [1, 2]}`), "text", "application/json"},
		{"a.obj", []byte("v 1 2 3\nf 1 1 1\n\x1a"), "3d", "model/obj"},
		{"a.obj", []byte("v 1 2 3\nf 1 1 1\n\n\x00"), "3d", "model/obj"},
		{"a.txt", []byte("\x83\x65\x83\x58\x83\x67 in Shift-JIS"), "text", "text/plain"},
		{"key.txt", []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n"), "asset", "application/x-pem-file"},

		// 3D objects and scenes.
		{"a.usda", []byte("#usda 1.0\ndef Xform \"a\" {}\n"), "asset", "model/vnd.usda"},
		{"a.usd", []byte("#usda 1.0\ndef Xform \"a\" {}\n"), "asset", "model/vnd.usda"},
		{"a.usd", []byte("PXR-USDC\x00\x08\x00\x00\x00\x00\x00\x00"), "asset", "model/vnd.usd"},
		{"a.fbx", []byte("; FBX 7.4.0 project file\n"), "3d", "model/x-fbx"},
		{"a.fbx", []byte("; made by hand\r\n\r\nFBXHeaderExtension:  {\r\n"), "3d", "model/x-fbx"},
		{"a", []byte("Kaydara FBX Binary  \x00\x1a\x00"), "3d", "model/x-fbx"},
		{"a.stl", []byte("\xef\xbb\xbfSOLID a\r facet normal 0 0 1\r"), "3d", "model/stl"},
		{"a", []byte("solid a\nendsolid a\n"), "3d", "model/stl"},
		{"a.txt", []byte("solid ground for all"), "text", "text/plain"},
		{"a.bin", indices, "asset", "application/octet-stream"},
		{"a.bin", counted, "asset", "application/octet-stream"},
		{"a.abc", []byte("Ogawa\xff\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"), "asset", "model/x-alembic"},
		{"a.abc", append([]byte("\x89HDF\r\n\x1a\n"), make([]byte, 100)...), "asset", "model/x-alembic"},
		{"a.blend", []byte("\x28\xb5\x2f\xfd\x04\x58\x41\x00\x00\x93\x01"), "asset", "application/x-blender"},
		{"a.blend", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x93\x01"), "asset", "application/x-blender"},
		{"a.max", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00\x00\x00\x00\x00"), "asset", "application/x-3dsmax"},

		{"a.aup3", append([]byte("SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20"), make([]byte, 100)...), "asset", "application/x-audacity"},
		{"a.xyz", append([]byte("SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20"), make([]byte, 100)...), "asset", "application/vnd.sqlite3"},

		// Pictures.
		{"a.cr3", []byte(box("ftyp", "crx ", "\x00\x00\x00\x01", "crx isom") + box("moov", strings.Repeat("\x01", 100))), "asset", "image/x-canon-cr3"},
		{"a", []byte(box("ftyp", "crx ", "\x00\x00\x00\x01", "crx isom")), "asset", "image/x-canon-cr3"},
		{"a.heif", ftyp("mif1"), "image", "image/heif"},
		{"a.tga", append([]byte("\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00\x08\x00\x18\x00"), make([]byte, 192)...), "asset", "image/x-tga"},
		{"a.TGA", append([]byte("\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00\x08\x00\x20\x08"), bytes.Repeat([]byte{0x83}, 90)...), "asset", "image/x-tga"},
		{"a.ktx2", append([]byte("\xabKTX 20\xbb\r\n\x1a\n"), make([]byte, 100)...), "asset", "image/ktx2"},
		{"a", append([]byte("\xabKTX 11\xbb\r\n\x1a\n\x01\x02\x03\x04"), make([]byte, 100)...), "asset", "image/ktx"},
		{"a.qoi", []byte("qoif\x00\x00\x00\x08\x00\x00\x00\x08\x04\x00\xfe\x00\x00\x00"), "asset", "image/qoi"},
		{"a.ppm", []byte("P3\n# a\n2 2\n255\n0 0 0\n"), "asset", "image/x-portable-pixmap"},
		{"a", []byte("P6 2 2 255\n\x00\x01\x02"), "asset", "image/x-portable-pixmap"},
		{"P2.txt", []byte("P2 is the second"), "text", "text/plain"},
		{"a.cur", append([]byte("\x00\x00\x02\x00\x01\x00\x20\x20\x00\x00\x00\x00\x00\x00\x30\x01\x00\x00\x16\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 304)...), "asset", "image/x-icon"},
		{"a.kra", zipStored("mimetype", "application/x-krita"), "asset", "application/x-krita"},
		{"renamed.zip", zipStored("mimetype", "image/openraster"), "asset", "image/openraster"},
		{"a.aseprite.bak", append([]byte("\x80\x00\x00\x00\xe0\xa5\x01\x00\x20\x00\x20\x00\x20\x00\x01\x00\x00\x00"), make([]byte, 110)...), "asset", "image/x-aseprite"},

		// Sounds and videos, by what is in them.
		{"a.mp3", tagged(300_000, mpeg), "audio", "audio/mpeg"},
		{"a.mp3", tagged(300_000, flac), "audio", "audio/flac"},
		{"a.mp3", tagged(50, flac), "audio", "audio/flac"},
		{"a.flac", tagged(300_000, mpeg), "audio", "audio/mpeg"},
		{"a.mp3", tagged(3_000_000, nil)[:200_000], "audio", "audio/mpeg"}, // cut off within its tag
		{"a.webm", film("webm", 10, false, 1, 2), "video", "video/webm"},
		{"a.webm", film("webm", 10, true, 1), "video", "video/webm"},
		{"a.webm", film("webm", 9000, true, 2), "asset", "audio/webm"},
		{"a.mkv", film("matroska", 9000, false, 1, 2, 17), "asset", "video/matroska"},
		{"a.mkv", film("matroska", 9000, true, 2, 17), "asset", "audio/matroska"},
		{"a.mka", film("matroska\x00", 10, false, 2), "asset", "audio/matroska"},
		{"a.mkv", film("webm", 10, false, 1), "video", "video/webm"},
		{"a.mkv", film("matroska", 10, false), "asset", "video/matroska"}, // no tracks told
		{"a.mp4", mp4("isom", 9000, "vide", "soun"), "video", "video/mp4"},
		{"a.mp4", mp4("isom", 9000, "soun"), "audio", "audio/mp4"},
		{"a.m4a", mp4("mp42", 9000, "soun", "text"), "audio", "audio/mp4"},
		{"a.m4a", mp4("M4A ", 9000, "vide", "soun"), "video", "video/mp4"},
		{"a.mp4", mp4("isom", 9000), "video", "video/mp4"},
		{"a.ts", bytes.Repeat(append([]byte("\x47\x40\x00\x10"), bytes.Repeat([]byte{0xff}, 184)...), 20), "asset", "video/mp2t"},
		{"a.ts", []byte("export const castle = 1\n"), "asset", "text/plain"},
		{"a.ogg", []byte("OggS\x00\x02" + strings.Repeat("\x00", 20) + "\x01\x2a\x80theora\x03\x02\x01" + strings.Repeat("\x00", 40)), "asset", "video/ogg"},
		{"a.caf", []byte("caff\x00\x01\x00\x00desc\x00\x00\x00\x00\x00\x00\x00\x20"), "asset", "audio/x-caf"},
		{"a.w64", []byte("riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00wave"), "asset", "audio/x-w64"},

		// A weak recognition does not stand against a name, and is nothing without one.
		{"a.tga", []byte("\x03\x01\x02\x03\x10\x00\x00\x00\x41\x00\x20\x00" + strings.Repeat("\x99", 60)), "asset", "image/x-tga"}, // as a dBase table
		{"a", []byte("\x03\x7e\x06\x0f\x10\x00\x00\x00\x41\x00\x20\x00" + strings.Repeat("\x00\x99", 60)), "asset", "application/octet-stream"},
		{"a.vox", []byte("\xff\xe3\x00\x01" + strings.Repeat("\x00", 60)), "3d", "model/x-3d-vox"}, // as a frame of MPEG sound
		{"a.raw", []byte("\xff\xf1\x00\x01" + strings.Repeat("\x00", 60)), "asset", "application/octet-stream"},
		{"a.tga", []byte("\xff\x0a\x02\x00" + strings.Repeat("\x00", 60)), "asset", "image/x-tga"}, // as a JPEG XL
		{"a.png", []byte("\x78\x9c\x01\x02\x00\x00"), "image", "image/png"},                        // as zlib's

		// Names with several extensions, with none, and in upper case.
		{"a.png.txt", []byte("a castle"), "text", "text/plain"},
		{"ARCHIVE.TAR.GZ", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x93\x01"), "asset", "application/gzip"},
		{"A.GLB", []byte("glTF\x02\x00\x00\x00\x40\x00\x00\x00"), "3d", "model/gltf-binary"},
		{"ends.", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "image", "image/png"},
		{"", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "image", "image/png"},
	} {
		r := &counting{r: bytes.NewReader(tt.content)}
		is, err := Identify(tt.file, r, int64(len(tt.content)))
		what := fmt.Sprintf("%s (%.40q, %d bytes)", tt.file, tt.content, len(tt.content))
		if err != nil || is.Kind() != tt.kind || is.MIME() != tt.mime {
			t.Errorf("%s: %s as %s, %v; want %s as %s", what, is.MIME(), is.Kind(), err, tt.mime, tt.kind)
		}
		if most := 2*HeadSize + deepHead + 24*mostElements; r.n > most {
			t.Errorf("%s: %d bytes were read, at most %d may be", what, r.n, most)
		}
	}
}

// counting counts what is read.
type counting struct {
	r interface {
		ReadAt(p []byte, off int64) (int, error)
	}
	n int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += n
	return n, err
}

// A format that package magic knows is in the table, or is told apart by signed.
func TestEveryMagicHasARow(t *testing.T) {
	for name := range calledOtherwise {
		if f, ok := signed(name, nil, ""); !ok || f.name == "" {
			t.Errorf("%s is of no row", name)
		}
	}
	for _, name := range magic.Formats() {
		if name == "CFB" {
			continue // which is told by what is in it
		}
		if f, ok := signed(name, nil, ""); !ok || f.name == "" {
			t.Errorf("%s is of no row", name)
		}
	}
}

func TestIdentifyShort(t *testing.T) {
	if _, err := Identify("a.png", bytes.NewReader([]byte("\x89PNG")), 100); err == nil {
		t.Error("a file that became shorter is no error")
	}
	if is, err := Identify("a.png", bytes.NewReader(nil), 0); err != nil || is.MIME() != "image/png" {
		t.Errorf("an empty file: %v, %v", is.MIME(), err)
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("a.mkv", film("matroska", 100, true, 1, 2))
	f.Add("a.mp4", mp4("isom", 100, "vide"))
	f.Add("a.mp3", tagged(5000, []byte("fLaC\x00\x00\x00\x22")))
	f.Add("a.svg", []byte("<!-- "+strings.Repeat("a", 5000)+"--><svg/>"))
	f.Add("a.kra", zipStored("mimetype", "application/x-krita"))
	f.Add("a.ppm", []byte("P3 # a\n1 1"))
	f.Add("a.wma", []byte("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		is, err := Identify(name, bytes.NewReader(content), int64(len(content)))
		if err != nil || !Named(is.Kind()) || is.MIME() == "" || strings.Contains(is.MIME(), ";") {
			t.Errorf("%v, %q, %q", err, is.Kind(), is.MIME())
		}
	})
}
