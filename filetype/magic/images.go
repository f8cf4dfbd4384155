package magic

// images are pictures and picture programs' documents.
var images = []row{
	{"PNG", begins("\x89PNG\r\n\x1a\n")},
	{"JPEG", begins("\xff\xd8\xff")},
	{"GIF", begins("GIF87a", "GIF89a")},
	{"WebP", form("RIFF", "WEBP")},
	{"TIFF", begins("II*\x00", "MM\x00*", "II+\x00\x08\x00\x00\x00", "MM\x00+\x00\x08\x00\x00")},
	{"PSD", begins("8BPS\x00\x01", "8BPS\x00\x02")},
	{"EXR", begins("\x76\x2f\x31\x01")},
	{"HDR", begins("#?RADIANCE\n", "#?RGBE\n")},
}
