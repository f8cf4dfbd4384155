package magic

// others are formats of artists' programs, and of pictures, sounds, videos and 3D objects, that
// are told by a signature of four bytes and more that no text begins with, or by one with the
// fields behind it. What is told by less is not here: its name has to do.
var others = []row{
	{"IFF image", iffForm("ILBM", "PBM ")},
	{"OpenVDB volume", begins(" BDV\x00\x00\x00\x00")},
	{"E57 point cloud", begins("ASTM-E57\x01\x00\x00\x00")},
	{"LAS point cloud", begins("LASF\x00\x00")},
	{"point cloud", begins("# .PCD v")},
	{"STEP", begins("ISO-10303-21;")},
	{"MilkShape model", begins("MS3D000000")},
	{"Draco mesh", begins("DRACO\x02")},

	{"camera raw", either(begins("FUJIFILMCCD-RAW ", "FOVb\x00\x00\x02\x00", "FOVb\x01\x00\x02\x00", "\x00MRM\x00"), crw)},
	{"DPX", begins("SDPX\x00\x00", "XPDS")},
	{"Cineon image", begins("\x80\x2a\x5f\xd7\x00\x00", "\xd7\x5f\x2a\x80")},
	{"FLIF", begins("FLIF1", "FLIFA", "FLIFQ", "FLIFa", "FLIFq")},
	{"Valve texture", begins("VTF\x00\x07\x00\x00\x00")},
	{"PVR texture", begins("PVR\x03\x00\x00\x00\x00", "PVR\x03\x02\x00\x00\x00")},
	{"Blizzard texture", begins("BLP2\x01\x00\x00\x00", "BLP1\x00\x00\x00\x00", "BLP1\x01\x00\x00\x00")},
	{"ASTC texture", begins("\x13\xab\xa1\x5c")},
	{"JNG", begins("\x8bJNG\r\n\x1a\n")},
	{"MNG", begins("\x8aMNG\r\n\x1a\n")},
	{"Windows metafile", begins("\xd7\xcd\xc6\x9a\x00\x00")},
	{"enhanced metafile", emf},
	{"Windows animated cursor", chunked(le, []string{"RIFF"}, "ACON")},

	{"Monkey's Audio", begins("MAC \x80\x0f", "MAC \x96\x0f", "MAC \xa0\x0f", "MAC \x8c\x0f", "MAC \x82\x0f")},
	{"Musepack", begins("MPCK", "MP+\x07", "MP+\x17")},
	{"True Audio", begins("TTA1\x01\x00", "TTA1\x02\x00", "TTA1\x03\x00", "TTA2")},
	{"DTS", begins("\x7f\xfe\x80\x01", "\xfe\x7f\x01\x80")},
	{"Creative voice", begins("Creative Voice File\x1a")},
	{"RealAudio", begins(".ra\xfd\x00")},
	{"tracker module", begins("Extended Module: ", "IMPM")},
	{"SoundFont", chunked(le, []string{"RIFF"}, "sfbk")},

	{"MXF", begins("\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01")},
	{"raw video", begins("YUV4MPEG2 ")},
	{"IVF", begins("DKIF\x00\x00\x20\x00")},
	{"RealMedia video", begins(".RMF\x00\x00\x00")},

	{"Cinema 4D file", begins("QC4DC4D6", "QC4DC4DL")},
	{"Rhino file", begins("3D Geometry File Format ")},
	{"SketchUp file", begins("\xff\xfe\xff\x0eS\x00k\x00e\x00t\x00c\x00h\x00U\x00p\x00")},
	{"Affinity document", begins("\x00\xffKSA")},
	{"Paint Shop document", begins("Paint Shop Pro Image File\n\x1a")},
	{"paint.net document", begins("PDN3")},
	{"CorelDRAW document", cdr},
	{"Photoshop brushes", begins("\x00\x06\x00\x01"+"8BIMsamp", "\x00\x06\x00\x02"+"8BIMsamp")},
	{"Windows program", windowsProgram},
	{"After Effects project", chunked(be, []string{"RIFX"}, "Egg!")},
}

// windowsProgram wants a newer header (PE, NE, LE, LX) where the old one says that it is, if that
// is in head.
func windowsProgram(head []byte) bool {
	if len(head) < 64 || !startsWith(head, "MZ") {
		return false
	}
	at := le.Uint32(head[0x3C:])
	if at < 4 || at >= 1<<16 {
		return false
	}
	return int(at)+4 > len(head) || begins("PE\x00\x00", "NE", "LE\x00", "LX\x00")(head[at:])
}

func either(some ...func([]byte) bool) func([]byte) bool {
	return func(head []byte) bool {
		for _, is := range some {
			if is(head) {
				return true
			}
		}
		return false
	}
}

// iffForm is an IFF file (EA IFF 85) of one of these types.
func iffForm(types ...string) func([]byte) bool {
	return func(head []byte) bool {
		if len(head) < 12 || !startsWith(head, "FORM") || be.Uint32(head[4:]) < 4 {
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

// crw is Canon's raw format of old: a header of 26 bytes with its signature.
func crw(head []byte) bool {
	return len(head) >= 14 && startsWith(head, "II\x1a\x00\x00\x00") && string(head[6:14]) == "HEAPCCDR"
}

// emf wants the header record and its signature.
func emf(head []byte) bool {
	return len(head) >= 44 && startsWith(head, "\x01\x00\x00\x00") && string(head[40:44]) == " EMF"
}

// cdr is a RIFF whose type is CDR and the letter of a version.
func cdr(head []byte) bool {
	return len(head) >= 12 && startsWith(head, "RIFF") && (string(head[8:11]) == "CDR" || string(head[8:11]) == "cdr")
}
