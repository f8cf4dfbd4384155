package e2e

import "hash/crc32"

// picture is a file of n bytes that is a PNG as far as its chunks go, with content that
// cannot be compressed.
func picture(n int, seed uint64) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		l := len(data)
		b = append(b, byte(l>>24), byte(l>>16), byte(l>>8), byte(l))
		b = append(b, kind...)
		b = append(b, data...)
		sum := crc32.ChecksumIEEE(b[len(b)-l-4:])
		b = append(b, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	}
	chunk("IHDR", []byte{0, 0, 1, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0})
	chunk("IDAT", noise(n-len(b)-24, seed))
	chunk("IEND", nil)
	return b
}
