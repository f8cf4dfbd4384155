package whole

import "encoding/binary"

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

// gates is the table of formats, by the names that package magic has for them. An extension
// belongs to one gate.
func gates() []gate {
	return append(modelGates(), []gate{
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
		{format: "WAV", exts: []string{".wav", ".wave", ".bwf", ".rf64"}, signed: 12, check: checkWAV},
		{format: "AVI", exts: []string{".avi"}, signed: 12, check: checkAVI},
		{format: "AIFF", exts: []string{".aif", ".aiff", ".aifc"}, signed: 12, check: checkAIFF},
		{format: "OGG", exts: []string{".ogg", ".oga", ".ogv", ".opus", ".spx", ".ogx"}, signed: 5, check: checkOGG},
		{format: "FLAC", exts: []string{".flac"}, signed: 4, check: checkFLAC},
		{format: "WebM", exts: []string{".webm", ".mkv", ".mka", ".mk3d"}, signed: 4, check: checkEBML},
		{format: "HEIC", exts: []string{".heic", ".heif", ".hif"}, signed: 8, check: checkBMFF},
		{format: "AVIF", exts: []string{".avif"}, signed: 8, check: checkBMFF},
		{format: "CR3", exts: []string{".cr3"}, signed: 8, check: checkBMFF},
		{format: "M4A", exts: []string{".m4a", ".m4b"}, signed: 8, check: checkBMFF},
		{format: "MOV", exts: []string{".mov", ".qt"}, signed: 8, check: checkBMFF},
		{format: "MP4", exts: []string{".mp4", ".m4v", ".3gp", ".3g2", ".m4s"}, signed: 8, check: checkBMFF},
		{format: "MP3", exts: []string{".mp3", ".mp2"}, check: checkMP3},
	}...)
}
