package whole

// mediaGates are those of sounds and videos, and of the pictures that share their containers.
func mediaGates() []gate {
	return []gate{
		{format: "WAV", exts: []string{".wav", ".wave", ".bwf", ".rf64"}, signed: 12, check: checkWAV},
		{format: "AVI", exts: []string{".avi"}, signed: 12, check: checkAVI, exact: exactAVI},
		{format: "AIFF", exts: []string{".aif", ".aiff", ".aifc"}, signed: 12, check: checkAIFF},
		{format: "W64", exts: []string{".w64"}, signed: 16, check: checkW64},
		{format: "CAF", exts: []string{".caf"}, signed: 8, check: checkCAF},
		{format: "AU", exts: []string{".au"}, signed: 16, check: checkAU},
		{format: "OGG", exts: []string{".ogg", ".oga", ".ogv", ".opus", ".spx", ".ogx"}, signed: 5, check: checkOGG, exact: exactOGG},
		{format: "FLAC", exts: []string{".flac"}, signed: 8, check: checkFLAC, exact: exactFLAC},
		{format: "WebM", exts: []string{".webm", ".mkv", ".mka", ".mk3d"}, signed: 4, check: checkEBML, exact: exactEBML},
		{format: "HEIC", exts: []string{".heic", ".heif", ".hif"}, signed: 8, check: checkBMFF},
		{format: "AVIF", exts: []string{".avif"}, signed: 8, check: checkBMFF},
		{format: "CR3", exts: []string{".cr3"}, signed: 8, check: checkBMFF},
		{format: "M4A", exts: []string{".m4a", ".m4b"}, signed: 8, check: checkBMFF},
		{format: "MOV", exts: []string{".mov", ".qt"}, signed: 8, check: checkBMFF},
		{format: "MP4", exts: []string{".mp4", ".m4v", ".3gp", ".3g2", ".m4s"}, signed: 8, check: checkBMFF},
		{format: "MP3", exts: []string{".mp3", ".mp2"}, check: checkMP3, exact: exactMP3},
		{format: "AAC", exts: []string{".aac"}, check: checkAAC, exact: exactAAC},
		{format: "MIDI", exts: []string{".mid", ".midi", ".kar"}, signed: 10, check: checkMIDI},
		{format: "FLV", exts: []string{".flv"}, signed: 9, check: checkFLV, exact: exactFLV},
		{format: "ASF", exts: []string{".wmv", ".wma", ".asf"}, signed: 16, check: checkASF},
		{format: "MPEG-TS", exts: []string{".m2ts"}, check: checkTransport}, // .ts and .mts are texts of other programs too
		{format: "MPEG-PS", exts: []string{".mpg", ".mpeg", ".vob"}, check: checkProgram},
		{format: "DSF", exts: []string{".dsf"}, signed: 12, check: checkDSF},
	}
}
