package status

import "unicode/utf8"

// PathBytes is a path as JSON is to carry it besides its text: nil for one that is
// UTF-8, and else its bytes, which the text cannot hold.
func PathBytes(path string) []byte {
	if utf8.ValidString(path) {
		return nil
	}
	return []byte(path)
}
