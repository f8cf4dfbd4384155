package completeness

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
)

func chunk3DS(id uint16, content ...[]byte) []byte {
	body := slices.Concat(content...)
	b := le.AppendUint16(nil, id)
	return append(le.AppendUint32(b, uint32(6+len(body))), body...)
}

func sample3DS() []byte {
	mesh := chunk3DS(0x4110, []byte{100, 0}, random(1200))
	object := chunk3DS(0x4000, []byte("cube\x00"), chunk3DS(0x4100, mesh))
	return chunk3DS(0x4D4D, chunk3DS(0x0002, []byte{3, 0, 0, 0}), chunk3DS(0x3D3D, object), chunk3DS(0xB000, random(60)))
}

// iffChunk is a chunk whose content is padded to an even length.
func iffChunk(id string, content []byte) []byte {
	b := append(be.AppendUint32([]byte(id), uint32(len(content))), content...)
	return append(b, make([]byte, len(content)%2)...)
}

func sampleLWO() []byte {
	body := slices.Concat([]byte("LWO2"), iffChunk("TAGS", []byte("skin\x00\x00")), iffChunk("PNTS", random(1200)), iffChunk("POLS", random(301)))
	return append(be.AppendUint32([]byte("FORM"), uint32(len(body))), body...)
}

func sampleMB(wide bool) []byte {
	var all []byte
	for i := range 100 {
		body := append([]byte("Maya"), random(101+i%3)...)
		if wide {
			all = append(be.AppendUint64(append(all, "FOR8\x00\x00\x00\x00"...), uint64(len(body))), body...)
			all = append(all, make([]byte, -len(all)&7)...)
		} else {
			all = append(be.AppendUint32(append(all, "FOR4"...), uint32(len(body))), body...)
			all = append(all, make([]byte, -len(all)&3)...)
		}
	}
	return all
}

func sampleHDF5(version byte) []byte {
	b := append([]byte("\x89HDF\r\n\x1a\n"), version)
	if version == 0 {
		b = append(b, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0)
	} else {
		b = append(b, 8, 8, 0)
	}
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, 0xFFFFFFFFFFFFFFFF)
	b = le.AppendUint64(b, 2000)
	return append(b, random(2000-len(b))...)
}

func sampleCLIP() []byte {
	chunk := func(id string, content []byte) []byte {
		return append(be.AppendUint64([]byte("CHNK"+id), uint64(len(content))), content...)
	}
	body := slices.Concat(chunk("Head", random(40)), chunk("Exta", random(900)), chunk("SQLi", random(500)), chunk("Foot", nil))
	b := be.AppendUint64([]byte("CSFCHUNK"), uint64(24+len(body)))
	return append(be.AppendUint64(b, 24), body...)
}

// sampleCFB has its allocation table behind the header, or at its end.
func sampleCFB(last bool) []byte {
	const sector, n = 512, 6
	h := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, sector-8)...)
	copy(h[24:], "\x3e\x00\x03\x00\xfe\xff\x09\x00")
	le.PutUint32(h[44:], 1)
	table := bytes.Repeat([]byte{0xFF}, sector)
	for i := range n + 1 {
		le.PutUint32(table[4*i:], 0xFFFFFFFE)
	}
	if last {
		le.PutUint32(h[76:], n)
		return slices.Concat(h, random(sector*n), table)
	}
	return slices.Concat(h, table, random(sector*n))
}

const pdfBody = "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Length 9 >>\nstream\nBT ET BTE\nendstream\nendobj\n"

func pdfTail(s string) string {
	return s + fmt.Sprintf("xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(s))
}

const sampleEPS = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n0 0 moveto 9 9 lineto stroke\nshowpage\n%%EOF\n"

func sampleBinaryEPS() []byte {
	b := []byte("\xc5\xd0\xd3\xc6")
	for _, n := range []int{30, len(sampleEPS), 0, 0, 30 + len(sampleEPS), 400} {
		b = le.AppendUint32(b, uint32(n))
	}
	return slices.Concat(b, []byte{0xFF, 0xFF}, []byte(sampleEPS), random(400))
}

func sampleNPY() []byte {
	head := "{'descr': '<f4', 'fortran_order': False, 'shape': (10, 25, ), }" + strings.Repeat(" ", 54) + "\n"
	return slices.Concat([]byte("\x93NUMPY\x01\x00"), le.AppendUint16(nil, uint16(len(head))), []byte(head), random(1000))
}

func sampleGGUF() []byte {
	str := func(b []byte, s string) []byte { return append(le.AppendUint64(b, uint64(len(s))), s...) }
	b := []byte("GGUF\x03\x00\x00\x00")
	b = le.AppendUint64(b, 2) // tensors
	b = le.AppendUint64(b, 4) // values
	b = str(le.AppendUint32(str(b, "general.architecture"), 8), "llama")
	b = le.AppendUint32(le.AppendUint32(str(b, "general.alignment"), 4), 64)
	b = le.AppendUint64(le.AppendUint32(le.AppendUint32(str(b, "tokens"), 9), 8), 2)
	b = str(str(b, "a"), "b")
	b = le.AppendUint64(le.AppendUint32(le.AppendUint32(str(b, "scores"), 9), 6), 3)
	b = append(b, random(12)...)
	for i, name := range []string{"first", "second"} {
		b = le.AppendUint32(str(b, name), 2)
		b = le.AppendUint64(le.AppendUint64(b, 64), 4)
		b = le.AppendUint64(le.AppendUint32(b, 8), uint64(i)*320) // 256 values in 8 blocks of 34 bytes
	}
	b = append(b, make([]byte, -len(b)&63)...)
	return append(b, random(320+272)...)
}

func sample7Z() []byte {
	header := append([]byte{0x17}, random(120)...)
	place := le.AppendUint64(le.AppendUint64(nil, 900), uint64(len(header)))
	place = le.AppendUint32(place, crc32.ChecksumIEEE(header))
	b := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), le.AppendUint32(nil, crc32.ChecksumIEEE(place))...)
	return slices.Concat(b, place, random(900), header)
}

// sampleRAR is an archive of some files, of RAR 5 or 4.
func sampleRAR(version int) []byte {
	if version == 5 {
		b := []byte("Rar!\x1a\x07\x01\x00")
		block := func(header string) []byte {
			return append(le.AppendUint32(nil, crc32.ChecksumIEEE([]byte(header))), header...)
		}
		b = append(b, block("\x03\x01\x00\x00")...)
		for range 3 {
			b = append(append(b, block("\x05\x02\x02\xe8\x07\x00")...), random(1000)...)
		}
		return append(b, "\x1d\x77\x56\x51\x03\x05\x04\x00"...)
	}
	b := append([]byte("Rar!\x1a\x07\x00"), "\x00\x00\x73\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00"...)
	for range 3 {
		head := append([]byte("\x01\x01\x74\x00\x80\x24\x00\xe8\x03\x00\x00"), random(25)...)
		le.PutUint16(head, uint16(crc32.ChecksumIEEE(head[2:])))
		b = append(append(b, head...), random(1000)...)
	}
	return append(b, "\xc4\x3d\x7b\x00\x40\x07\x00"...)
}

func sampleTAR(t testing.TB, files int) []byte {
	return encoded(t, func(w io.Writer) error {
		a := tar.NewWriter(w)
		for i := range files {
			if err := a.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d.txt", i), Mode: 0o600, Size: 600, Format: tar.FormatUSTAR}); err != nil {
				return err
			}
			if _, err := a.Write(random(600)); err != nil {
				return err
			}
		}
		return a.Close()
	})
}

func sampleGZIP(t testing.TB, content []byte) []byte {
	return encoded(t, func(w io.Writer) error {
		z := gzip.NewWriter(w)
		z.Name = "drawing.svg"
		if _, err := z.Write(content); err != nil {
			return err
		}
		return z.Close()
	})
}

const (
	sampleMA  = "//Maya ASCII 2022 scene\n//Name: cube.ma\nrequires maya \"2022\";\ncreateNode transform -n \"a;b\";\n\tsetAttr \".t\" -type \"double3\" 0 1 2 ;\n// End of cube.ma\n"
	sampleDXF = "  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n  8\n0\n 10\n0.0\n  0\nENDSEC\n  0\nEOF\n"
	sampleX   = "xof 0303txt 0032\n# a {\nMesh cube {\n 3;\n 0.0;0.0;0.0;, // {\n \"} a\";\n}\n"
)

// documentSamples are one file and more of each format of scenes, documents and archives.
func documentSamples(t testing.TB) []sample {
	archive := sampleTAR(t, 3)
	xHidden := unbracketed([]byte(sampleX), "# a {", "// {", "\"} a\"")
	return []sample{
		{file: "a.3ds", data: sample3DS(), format: "3DS", raw: true},
		{file: "a.lwo", data: sampleLWO(), format: "LWO", raw: true, enough: at(len(sampleLWO()) - 1)},
		{file: "a.mb", data: sampleMB(false), format: "Maya binary", raw: true, enough: mbEnough(sampleMB(false), 4)},
		{file: "wide.mb", data: sampleMB(true), format: "Maya binary", raw: true, enough: mbEnough(sampleMB(true), 8)},
		{file: "a.ma", data: []byte(sampleMA), format: "Maya ASCII", soft: always},
		{file: "a.dxf", data: []byte(sampleDXF), format: "DXF", enough: at(len(sampleDXF) - 1)},
		{file: "a.x", data: []byte(sampleX), format: "DirectX", endless: true, soft: xHidden},
		{file: "cube.usdc", data: fixture(t, "cube.usdc"), format: "USDC", raw: true},
		{file: "cube.abc", data: fixture(t, "cube.abc"), format: "Alembic", raw: true},
		{file: "old.h5", data: sampleHDF5(0), format: "HDF5", raw: true},
		{file: "new.h5", data: sampleHDF5(2), format: "HDF5", raw: true},
		{file: "notes.sqlite", data: fixture(t, "notes.sqlite"), format: "SQLite", raw: true},
		{file: "a.clip", data: sampleCLIP(), format: "CLIP"},
		{file: "a.max", data: sampleCFB(false), format: "CFB", raw: true, enough: from(len(sampleCFB(false)) - 511)},
		{file: "last.max", data: sampleCFB(true), format: "CFB", raw: true},
		{file: "a.pdf", data: []byte(pdfTail(pdfBody)), format: "PDF", soft: at(len(pdfTail(pdfBody)) - 6), enough: at(len(pdfTail(pdfBody)) - 1)},
		{file: "a.eps", data: []byte(sampleEPS), format: "EPS", soft: func(n int) bool { return strings.HasSuffix(sampleEPS[:n], "\n") }, enough: at(len(sampleEPS) - 1)},
		{file: "preview.eps", data: sampleBinaryEPS(), format: "EPS", raw: true},
		{file: "a.npy", data: sampleNPY(), format: "NPY", raw: true},
		{file: "a.gguf", data: sampleGGUF(), format: "GGUF", raw: true},
		{file: "a.7z", data: sample7Z(), format: "7z"},
		{file: "a.rar", data: sampleRAR(5), format: "RAR"},
		{file: "old.rar", data: sampleRAR(4), format: "RAR", soft: rar4Soft},
		{file: "a.tar", data: archive, format: "TAR", raw: true, soft: tarSoft, enough: from(len(archive) - 512)},
		{file: "many.tar", data: sampleTAR(t, 70), format: "TAR", raw: true, soft: tarSoft, enough: from(len(sampleTAR(t, 70)) - 512)},
		{file: "a.svgz", data: sampleGZIP(t, []byte(sampleSVG)), format: "compressed"},
		{file: "large.svgz", data: sampleGZIP(t, random(MaxRead)), format: "compressed"},
		{file: "old.blend", data: sampleGZIP(t, random(3000)), format: "BLEND"},
		{file: "notes.txt.xz", data: fixture(t, "notes.txt.xz"), format: "compressed"},
		{file: "notes.txt.zst", data: fixture(t, "notes.txt.zst"), format: "compressed", raw: true},
	}
}

// mbEnough is where a group of the outermost level ends, which may be a Maya scene's end.
func mbEnough(data []byte, align int) func(int) bool {
	name := fmt.Sprintf("FOR%d", align)
	return func(n int) bool {
		for end := n; end < n+align && end < len(data); end++ {
			if string(data[end:end+4]) == name {
				return true
			}
		}
		return n > len(data)-align
	}
}

// tarSoft is between two files.
func tarSoft(n int) bool { return n%(3*512) == 0 }

// rar4Soft is between two files.
func rar4Soft(n int) bool { return (n-20)%1036 == 0 }

// sampleTexturedGLB has faces, and a picture behind them.
func sampleTexturedGLB(picture []byte) []byte {
	pad := func(b []byte, with byte) []byte { return append(b, bytes.Repeat([]byte{with}, -len(b)&3)...) }
	scene := pad(fmt.Appendf(nil, `{"asset":{"version":"2.0"},"accessors":[{"bufferView":0}],"meshes":[{"primitives":[{"indices":0}]}],"images":[{"bufferView":1}],`+
		`"bufferViews":[{"buffer":0,"byteLength":200},{"buffer":0,"byteOffset":200,"byteLength":%d}]}`, len(picture)), ' ')
	data := pad(append(random(200), picture...), 0)
	b := []byte("glTF\x02\x00\x00\x00")
	b = le.AppendUint32(b, uint32(12+8+len(scene)+8+len(data)))
	b = slices.Concat(le.AppendUint32(b, uint32(len(scene))), []byte("JSON"), scene)
	return slices.Concat(le.AppendUint32(b, uint32(len(data))), []byte("BIN\x00"), data)
}

func TestDocumentDecisions(t *testing.T) {
	glb := sampleTexturedGLB(random(900))
	unfilled := bytes.Clone(glb)
	clear(unfilled[len(unfilled)-500:])
	zip := sampleZIP(t, "")
	volumes := append([]byte("PK00"), zip...)
	end := bytes.LastIndex(zip, []byte(zipEnd))
	signed := slices.Concat(zip[:end], []byte("PK\x05\x05\x04\x00abcd"), zip[end:])
	pdf := pdfTail(pdfBody)
	newer := pdf + "4 0 obj\n<< /Length 3 >>\nstream\nabc\nendstream\nendobj\n"
	fast := func(size int) []byte {
		return fmt.Appendf(nil, "%%PDF-1.5\n1 0 obj\n<< /Linearized 1 /L %d /H [ 1 2 ] >>\nendobj\n%s", size, pdfTail("xx"))
	}
	blend := sampleBLEND("BLENDER-v300", append([]byte("ENDB"), make([]byte, 20)...))
	damaged := sampleGZIP(t, random(3000))
	damaged[1500] ^= 0x55
	oldHeader := sampleHDF5(0)
	clear(oldHeader[40:48])
	frozen := fixture(t, "cube.abc")
	frozen[5] = 0
	early := fixture(t, "cube.usdc")
	clear(early[16:24])
	unclosed := sample7Z()
	clear(unclosed[8:32])
	wal := fixture(t, "notes.sqlite")
	be.PutUint32(wal[92:], 1+be.Uint32(wal[92:]))
	fbx := fixture(t, "cube.fbx")
	bigFBX := append([]byte("Kaydara FBX Binary  \x00\x1a\x01\x00\x00\x1c\xe8"), make([]byte, 13)...)
	be.PutUint32(bigFBX[27:], 60)
	bigFBX = append(append(bigFBX, random(60-len(bigFBX))...), make([]byte, 13+16+140)...)
	bigFBX = append(bigFBX, fbxFooter...)
	zeros := make([]byte, 100<<10)
	decide(t, []decision{
		{"GLB with a picture", "a.glb", glb, Complete},
		{"GLB whose picture is not there yet", "a.glb", unfilled, Incomplete},
		{"ZIP with more than 64 KiB behind it", "a.zip", append(bytes.Clone(zip), zeros...), Complete},
		{"ZIP with a text behind it", "a.zip", append(bytes.Clone(zip), strings.Repeat("PK\x05\x06 and such ", 20<<10)...), Complete},
		{"cut ZIP with an archive in it", "a.zip", zip[:len(zip)-30], Incomplete},
		{"ZIP made for several volumes", "a.zip", volumes, Complete},
		{"PDF", "a.ai", []byte(pdf), Complete},
		{"PDF with a megabyte behind it", "a.pdf", append([]byte(pdf), bytes.Repeat([]byte("x"), 1<<20)...), Complete},
		{"PDF whose newer version is cut off", "a.pdf", []byte(newer), Incomplete},
		{"PDF whose newer version is cut off in a long object", "a.pdf", append([]byte(pdf+"4 0 obj\n<< /Length 300000 >>\nstream\n"), random(100<<10)...), Incomplete},
		{"PDF of two versions", "a.pdf", []byte(pdfTail(newer)), Complete},
		{"PDF for the web", "a.pdf", fast(100), Complete},
		{"PDF for the web, cut", "a.pdf", fast(100000), Incomplete},
		{"PDF without the last mark", "a.pdf", []byte(strings.TrimSuffix(pdf, "%%EOF\n")), CannotTell},
		{"EPS without an end mark", "a.eps", []byte(strings.TrimSuffix(sampleEPS, "%%EOF\n")), CannotTell},
		{"EPS with an EPS in it, cut", "a.eps", []byte("%!PS-Adobe-3.0\n%%BeginDocument: a.eps\n" + sampleEPS + strings.Repeat("% picture\n", 1000)), Incomplete},
		{"EPS of a printer's driver", "a.eps", []byte(sampleEPS + "\x04"), Complete},
		{"Blender file with a megabyte behind it", "a.blend", append(bytes.Clone(blend), bytes.Repeat([]byte("x"), 2<<20)...), Complete},
		{"compressed Blender file with bytes behind it", "a.blend", append(seekable(fixture(t, "notes.txt.zst")), "\nrest"...), CannotTell},
		{"damaged gzip", "a.svgz", damaged, CannotTell},
		{"gzip that is extended before it is filled", "a.svgz", append(sampleGZIP(t, random(3000))[:2000], make([]byte, 1000)...), Incomplete},
		{"SVG that is not compressed", "a.svgz", []byte(sampleSVG), Complete},
		{"Maya scene of another program", "a.ma", []byte(strings.TrimSuffix(sampleMA, "// End of cube.ma\n")), CannotTell},
		{"Maya scene, cut", "a.ma", []byte(sampleMA[:90]), Incomplete},
		{"DXF with a comment behind it", "a.dxf", []byte(sampleDXF + "999\nmade by hand\n"), Complete},
		{"binary DXF", "a.dxf", []byte(dxfBinary + "\x00SECTION\x00 and more \x00ENDSEC\x00\x00EOF\x00"), Complete},
		{"binary DXF, cut", "a.dxf", []byte(dxfBinary + "\x00SECTION\x00 and more "), Incomplete},
		{"HDF5 whose length is yet to come", "a.h5", oldHeader, Incomplete},
		{"Alembic that is not closed", "a.abc", frozen, Incomplete},
		{"USD crate whose table is yet to come", "a.usd", early, Incomplete},
		{"USD text named USD", "a.usd", []byte(sampleUSDA), CannotTell},
		{"7-Zip archive whose table is yet to come", "a.7z", unclosed, Incomplete},
		{"database of an old program", "a.sqlite", wal, CannotTell},
		{"big-endian FBX", "a.fbx", bigFBX, Complete},
		{"big-endian FBX, cut", "a.fbx", bigFBX[:70], Incomplete},
		{"FBX with zeros behind it", "a.fbx", append(bytes.Clone(fbx), zeros...), Complete},
		{"RAR of an old program", "a.rar", sampleRAR(4)[:len(sampleRAR(4))-7], CannotTell},
		{"RAR of an old program with bytes behind it", "a.rar", append(sampleRAR(4)[:len(sampleRAR(4))-7], "\nextra bytes"...), CannotTell},
		{"RAR with encrypted names", "a.rar", append([]byte("Rar!\x1a\x07\x00\xce\x99\x73\x80\x00\x0d\x00\x00\x00\x00\x00\x00\x00"), random(900)...), CannotTell},
		{"ZIP with a signature before its end", "a.zip", signed, Complete},
		{"LWO whose padding is missing", "a.lwo", sampleLWO()[:len(sampleLWO())-1], Complete},
		{"GGUF that is cut in its header", "a.gguf", sampleGGUF()[:100], Incomplete},
		{"NumPy array of objects", "a.npy", bytes.Replace(sampleNPY(), []byte("'<f4'"), []byte("'|O' "), 1), CannotTell},
		{"a part of a split archive", "a.7z.001", sample7Z()[:600], CannotTell},
		{"the last volume of a ZIP", "a.zip", append([]byte("PK\x03\x04 and more PK\x05\x06\x02\x00"), make([]byte, 16)...), CannotTell},
		{"the first volume of a ZIP", "a.z01", append([]byte("PK\x07\x08PK\x03\x04"), random(500)...), CannotTell},
		{"gzip of two members", "a.gz", slices.Concat(sampleGZIP(t, random(500)), sampleGZIP(t, random(500))), Complete},
		{"gzip of two members, cut", "a.gz", slices.Concat(sampleGZIP(t, random(500)), sampleGZIP(t, random(500))[:300]), Incomplete},
		{"EPS that ends in a procedure", "a.eps", []byte("%!PS-Adobe-3.0 EPSF-3.0\n0 0 moveto S\n"), CannotTell},
		{"EPS that ends in a picture's data", "a.eps", []byte("%!PS-Adobe-3.0 EPSF-3.0\n9 9 8 image\nABCDEF\n"), Incomplete},
		{"web page named XML", "a.xml", []byte("<!DOCTYPE html>\n<html><body><br><p>a</body>\n"), CannotTell},
		{"subtitles named STL", "a.stl", append([]byte("850STL25.01"), make([]byte, 2000)...), CannotTell},
		{"tape archive with bytes behind it", "a.tar", append(sampleTAR(t, 3), "rest"...), Complete},
	})
}
