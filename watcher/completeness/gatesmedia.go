package completeness

// mediaGates are those of sounds and videos, and of the pictures that share their containers.
func mediaGates() []gate {
	return []gate{
		{format: "WAV", exts: []string{".wav", ".wave", ".bwf", ".rf64"}, signed: 12, check: checkWAV, end: "the length of its data chunk; lengths that were never entered cannot tell"},
		{format: "AVI", exts: []string{".avi"}, signed: 12, check: checkAVI, exact: exactAVI, end: "the lengths of its RIFF pieces, and the index or the list of frames"},
		{format: "AIFF", exts: []string{".aif", ".aiff", ".aifc"}, signed: 12, check: checkAIFF, end: "the length of FORM and of the sound in it, less a padding byte"},
		{format: "W64", exts: []string{".w64"}, signed: 16, check: checkW64, end: "the length in its header, and the chunks"},
		{format: "CAF", exts: []string{".caf"}, signed: 8, check: checkCAF, end: "the chunks up to the sound; -1 is to the end, which cannot tell"},
		{format: "AU", exts: []string{".au"}, signed: 16, check: checkAU, end: "the length in its header; none cannot tell"},
		{format: "OGG", exts: []string{".ogg", ".oga", ".ogv", ".opus", ".spx", ".ogx"}, signed: 5, check: checkOGG, exact: exactOGG, end: "the last page, complete by its checksum and marked as the end; without the mark it cannot tell"},
		{format: "FLAC", exts: []string{".flac"}, signed: 8, check: checkFLAC, exact: exactFLAC, end: "the last frame, by its checksum, and the number of samples"},
		{format: "WebM", exts: []string{".webm", ".mkv", ".mka", ".mk3d"}, signed: 4, check: checkEBML, exact: exactEBML, end: "the length of its segment, the index at its place, and clusters to the end; a live one cannot tell"},
		{format: "HEIC", exts: []string{".heic", ".heif", ".hif"}, signed: 8, check: checkBMFF, end: "its boxes, and the pictures at the places that the index lists"},
		{format: "AVIF", exts: []string{".avif"}, signed: 8, check: checkBMFF, end: "its boxes, and the pictures at the places that the index lists"},
		{format: "CR3", exts: []string{".cr3"}, signed: 8, check: checkBMFF, end: "its boxes, with index and data"},
		{format: "M4A", exts: []string{".m4a", ".m4b"}, signed: 8, check: checkBMFF, end: "its boxes, with index and data"},
		{format: "MOV", exts: []string{".mov", ".qt"}, signed: 8, check: checkBMFF, end: "its boxes, with index and data"},
		{format: "MP4", exts: []string{".mp4", ".m4v", ".3gp", ".3g2", ".m4s"}, signed: 8, check: checkBMFF, end: "its boxes, with index and data; parts of streams by what they list"},
		{format: "MP3", exts: []string{".mp3", ".mp2"}, check: checkMP3, exact: exactMP3, end: "the length in the first frame's header, and the last frame; without such a header it cannot tell"},
		{format: "AAC", exts: []string{".aac"}, check: checkAAC, exact: exactAAC, end: "its frames to the end, which cannot tell more than that the last is complete"},
		{format: "MIDI", exts: []string{".mid", ".midi", ".kar"}, signed: 10, check: checkMIDI, end: "as many tracks as the header counts, of the lengths they state"},
		{format: "FLV", exts: []string{".flv"}, signed: 9, check: checkFLV, exact: exactFLV, end: "the lengths before and behind each tag"},
		{format: "ASF", exts: []string{".wmv", ".wma", ".asf"}, signed: 16, check: checkASF, end: "the length in its header, or of its data"},
		{format: "MPEG-TS", exts: []string{".m2ts"}, check: checkTransport, end: "whole packets to the end, which cannot tell more"}, // .ts and .mts are texts of other programs too
		{format: "MPEG-PS", exts: []string{".mpg", ".mpeg", ".vob"}, check: checkProgram, end: "the end code; without it, it cannot tell"},
		{format: "DSF", exts: []string{".dsf"}, signed: 12, check: checkDSF, end: "the lengths in its header"},
	}
}
