package completeness

// pictureGates are those of pictures and textures.
func pictureGates() []gate {
	return []gate{
		{format: "PNG", exts: []string{".png", ".apng"}, signed: 8, check: checkPNG, exact: exactPNG, end: "the chunks up to IEND"},
		{format: "JPEG", exts: []string{".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}, signed: 3, check: checkJPEG, exact: exactJPEG, end: "the mark EOI behind the picture's data, and what its header promises behind that"},
		{format: "GIF", exts: []string{".gif"}, signed: 14, check: checkGIF, exact: exactGIF, end: "the blocks up to the trailer"},
		{format: "WebP", exts: []string{".webp"}, signed: 12, check: checkWebP, exact: exactWebP, end: "the length of RIFF, and the picture in it"},
		{format: "TIFF", exts: []string{".tif", ".tiff", ".dng", ".nef", ".nrw", ".arw", ".sr2", ".cr2", ".pef", ".srw", ".3fr", ".erf"}, signed: 8, check: checkTIFF, exact: exactTIFF, end: "the directories, also those of pictures within, and the strips or tiles they list"},
		{format: "ORF", exts: []string{".orf"}, signed: 8, check: checkTIFF, exact: exactTIFF, end: "as TIFF"},
		{format: "RW2", exts: []string{".rw2"}, signed: 8, check: checkTIFF, exact: exactTIFF, end: "as TIFF, with the length of the raw picture from its size"},
		{format: "PSD", exts: []string{".psd", ".psb"}, signed: 6, check: checkPSD, exact: exactPSD, end: "the sections, and the flattened picture by its size or its table of rows"},
		{format: "EXR", exts: []string{".exr"}, signed: 4, check: checkEXR, end: "the tables of chunks of all parts, and the last chunk"},
		{format: "HDR", exts: []string{".hdr", ".rgbe", ".pic"}, signed: 11, check: checkHDR, exact: exactHDR, end: "as many rows as its header states"},
		{format: "BMP", exts: []string{".bmp", ".dib"}, signed: 30, check: checkBMP, exact: exactBMP, end: "the length of the picture from its size; compressed: the runs to its end"},
		{format: "TGA", exts: []string{".tga", ".vda", ".icb"}, check: checkTGA, exact: exactTGA, end: "the length of the picture from its size; compressed: the runs to its end"},
		{format: "DDS", exts: []string{".dds"}, signed: 8, check: checkDDS, end: "the length of all textures from its header"},
		{format: "KTX", exts: []string{".ktx"}, signed: 12, check: checkKTX, end: "the lengths of its levels"},
		{format: "KTX2", exts: []string{".ktx2"}, signed: 12, check: checkKTX2, end: "the lengths and places of its levels"},
		{format: "JP2", exts: []string{".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"}, signed: 12, check: checkJP2, exact: exactJP2, end: "its boxes, and the mark EOC of the picture"},
		{format: "Aseprite", exts: []string{".aseprite", ".ase"}, signed: 14, check: checkAseprite, exact: exactAseprite, end: "the length in its header, and its frames"},
		{format: "QOI", exts: []string{".qoi"}, signed: 14, check: checkQOI, exact: exactQOI, end: "the end mark, or all pixels"},
		{format: "XCF", exts: []string{".xcf"}, signed: 30, check: checkXCF, end: "the layers, channels and tiles that its tables list"},
		{format: "JXL", exts: []string{".jxl"}, signed: 12, check: checkJXL, exact: exactJXL, end: "its boxes; a picture without boxes cannot tell"},
		{format: "PNM", exts: []string{".ppm", ".pgm", ".pbm", ".pnm"}, check: checkPNM, end: "as many bytes as its header says; the text forms cannot tell"},
		{format: "PAM", exts: []string{".pam"}, signed: 10, check: checkPAM, end: "as many bytes as its header says"},
		{format: "PFM", exts: []string{".pfm"}, check: checkPFM, end: "as many bytes as its header says"},
		{format: "PCX", exts: []string{".pcx"}, signed: 68, check: checkPCX, exact: exactPCX, end: "the runs to the last row, and the palette"},
		{format: "SGI", exts: []string{".sgi", ".rgb", ".rgba", ".bw"}, signed: 12, check: checkSGI, end: "the rows that its table lists, or as many bytes as its header says"},
		{format: "Sun raster", exts: []string{".ras", ".sun"}, signed: 32, check: checkSun, end: "as many bytes as its header says, or the runs to the last pixel"},
		{format: "ICO", exts: []string{".ico", ".cur"}, signed: 22, check: checkICO, end: "the pictures that its table lists"},
	}
}
