package magic

import "testing"

// TestTextLikeAPicture has texts that begin with a picture's signature.
func TestTextLikeAPicture(t *testing.T) {
	for _, text := range []string{
		"GIF89a is the format to use for emotes\n",
		"GIF87a, the older of the two, has no transparency\n",
		"GIF89a",
		"8BPS is how a PSD begins\n",
		"RIFF is a WEBP file's container\n",
		"RIFFs, a WEBPage about them\n",
		"II* is how a TIFF begins\n",
		"MM is the other byte order\n",
		"BM is the signature of a bitmap's file header\n",
		"DDS is a container for textures\n",
		"qoif is how a picture in the QOI format begins\n",
		"gimp xcf v011 is what GIMP 2.10 writes\n",
		"gimp xcf file is what the first one wrote\n",
		"P6 is a heading of the sixth chapter\n",
		"P1\n\nThe first part, of 3 or 4\n",
		"P5 12 monkeys and 30 cats\n",
		"P7\nis next\n",
		"PF\nis short for portable float\n1\n2\n",
		"IIRO, IIRS: how Olympus' files begin\n",
	} {
		if got := Of([]byte(text)); got != "" {
			t.Errorf("%.20q is taken for %s", text, got)
		}
	}
}

// TestPictures has the shortest beginnings that are recognised.
func TestPictures(t *testing.T) {
	for head, want := range map[string]Format{
		"\xff\xd8\xff":                                 "JPEG",
		"\xff\xd8\xff\xe0\x00":                         "JPEG",
		"\xff\xd8\xff\x20":                             "",
		"GIF89a\x10\x00\x10\x00\x00\x00\x00!\xf9":      "GIF",
		"GIF89a\x10\x00\x10\x00\xf7\x00\x00\x01\x02":   "GIF",
		"RIFF\x00\x01\x00\x00WEBP":                     "WebP",
		"RIFF\x00\x01\x00\x00WEBPVP8X":                 "WebP",
		"P6 # by a program\n 3 4\n255\n\x01":           "PNM",
		"P4\n10 10\n":                                  "PNM",
		"P7\nWIDTH 4\n":                                "PAM",
		"Pf\n10 20\n-1.0\n":                            "PFM",
		"DDS \x7c\x00\x00\x00":                         "DDS",
		"\xff\x4f\xff\x51":                             "JP2",
		"qoif\x00\x00\x00\x01\x00\x00\x00\x01\x04\x00": "QOI",
		"\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00\x68\x04\x00\x00\x16\x00\x00\x00": "ICO",
		"\x00\x00\x01\x00\x02\x00\x03\x00\x02\x00\x01\x00\x00\x00\x01\x00\x02\x00\x03\x00\x02\x00": "", // indices of a model
		"\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00\x10\x00\x18\x00\x01\x02\x03\x04": "", // a TGA
		"8BPS\x00\x02": "PSD",
	} {
		if got := Of([]byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}
