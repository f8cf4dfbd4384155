package whole

import "encoding/binary"

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// gates is the table of formats, by the names that package magic has for them. An extension
// belongs to one gate.
func gates() []gate {
	return append(append(modelGates(), mediaGates()...), []gate{
		{format: "PNG", exts: []string{".png", ".apng"}, signed: 8, check: checkPNG, exact: exactPNG},
		{format: "JPEG", exts: []string{".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}, signed: 3, check: checkJPEG, exact: exactJPEG},
		{format: "GIF", exts: []string{".gif"}, signed: 14, check: checkGIF, exact: exactGIF},
		{format: "WebP", exts: []string{".webp"}, signed: 12, check: checkWebP, exact: exactWebP},
		{format: "TIFF", exts: []string{".tif", ".tiff", ".dng", ".nef", ".nrw", ".arw", ".sr2", ".cr2", ".pef", ".srw", ".3fr", ".erf"}, signed: 8, check: checkTIFF, exact: exactTIFF},
		{format: "ORF", exts: []string{".orf"}, signed: 8, check: checkTIFF, exact: exactTIFF},
		{format: "RW2", exts: []string{".rw2"}, signed: 8, check: checkTIFF, exact: exactTIFF},
		{format: "PSD", exts: []string{".psd", ".psb"}, signed: 6, check: checkPSD, exact: exactPSD},
		{format: "EXR", exts: []string{".exr"}, signed: 4, check: checkEXR},
		{format: "HDR", exts: []string{".hdr", ".rgbe", ".pic"}, signed: 11, check: checkHDR},
	}...)
}
