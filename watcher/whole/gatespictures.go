package whole

// pictureGates are those of pictures and textures.
func pictureGates() []gate {
	return []gate{
		{format: "PNG", exts: []string{".png", ".apng"}, signed: 8, check: checkPNG, exact: exactPNG},
		{format: "JPEG", exts: []string{".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}, signed: 3, check: checkJPEG, exact: exactJPEG},
		{format: "GIF", exts: []string{".gif"}, signed: 14, check: checkGIF, exact: exactGIF},
		{format: "WebP", exts: []string{".webp"}, signed: 12, check: checkWebP, exact: exactWebP},
		{format: "TIFF", exts: []string{".tif", ".tiff", ".dng", ".nef", ".nrw", ".arw", ".sr2", ".cr2", ".pef", ".srw", ".3fr", ".erf"}, signed: 8, check: checkTIFF, exact: exactTIFF},
		{format: "ORF", exts: []string{".orf"}, signed: 8, check: checkTIFF, exact: exactTIFF},
		{format: "RW2", exts: []string{".rw2"}, signed: 8, check: checkTIFF, exact: exactTIFF},
		{format: "PSD", exts: []string{".psd", ".psb"}, signed: 6, check: checkPSD, exact: exactPSD},
		{format: "EXR", exts: []string{".exr"}, signed: 4, check: checkEXR},
		{format: "HDR", exts: []string{".hdr", ".rgbe", ".pic"}, signed: 11, check: checkHDR, exact: exactHDR},
		{format: "BMP", exts: []string{".bmp", ".dib"}, signed: 30, check: checkBMP, exact: exactBMP},
		{format: "TGA", exts: []string{".tga", ".vda", ".icb"}, check: checkTGA, exact: exactTGA},
		{format: "DDS", exts: []string{".dds"}, signed: 8, check: checkDDS},
		{format: "KTX", exts: []string{".ktx"}, signed: 12, check: checkKTX},
		{format: "KTX2", exts: []string{".ktx2"}, signed: 12, check: checkKTX2},
		{format: "JP2", exts: []string{".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"}, signed: 12, check: checkJP2, exact: exactJP2},
		{format: "Aseprite", exts: []string{".aseprite", ".ase"}, signed: 14, check: checkAseprite, exact: exactAseprite},
		{format: "QOI", exts: []string{".qoi"}, signed: 14, check: checkQOI, exact: exactQOI},
		{format: "XCF", exts: []string{".xcf"}, signed: 30, check: checkXCF},
		{format: "JXL", exts: []string{".jxl"}, signed: 12, check: checkJXL, exact: exactJXL},
		{format: "PNM", exts: []string{".ppm", ".pgm", ".pbm", ".pnm"}, check: checkPNM},
		{format: "PAM", exts: []string{".pam"}, signed: 10, check: checkPAM},
		{format: "PFM", exts: []string{".pfm"}, check: checkPFM},
		{format: "PCX", exts: []string{".pcx"}, signed: 68, check: checkPCX, exact: exactPCX},
		{format: "SGI", exts: []string{".sgi", ".rgb", ".rgba", ".bw"}, signed: 12, check: checkSGI},
		{format: "Sun raster", exts: []string{".ras", ".sun"}, signed: 32, check: checkSun},
		{format: "ICO", exts: []string{".ico", ".cur"}, signed: 22, check: checkICO},
	}
}
