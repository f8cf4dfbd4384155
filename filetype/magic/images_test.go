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
		"\xff\xd8\xff":                               "JPEG",
		"\xff\xd8\xff\xe0\x00":                       "JPEG",
		"\xff\xd8\xff\x20":                           "",
		"GIF89a\x10\x00\x10\x00\x00\x00\x00!\xf9":    "GIF",
		"GIF89a\x10\x00\x10\x00\xf7\x00\x00\x01\x02": "GIF",
		"RIFF\x00\x01\x00\x00WEBP":                   "WebP",
		"RIFF\x00\x01\x00\x00WEBPVP8X":               "WebP",
		"8BPS\x00\x02":                               "PSD",
	} {
		if got := Of([]byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head, got, want)
		}
	}
}
