package magic

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// Encoding tells how a text that begins with head is encoded: how many bytes its
// byte-order mark takes, and the order of its units if it is UTF-16, nil if it is UTF-8
// or any other superset of ASCII. UTF-16 without a mark is told by a beginning of ASCII
// characters, as XML (appendix F of its specification) and JSON (RFC 4627, section 3) do.
func Encoding(head []byte) (mark int, utf16 binary.ByteOrder) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return 3, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return 2, binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return 2, binary.BigEndian
	case wide(head, 0):
		return 0, binary.LittleEndian
	case wide(head, 1):
		return 0, binary.BigEndian
	}
	return 0, nil
}

// wide reports whether the first units of 16 bits are ASCII text whose characters stand
// at bytes char, char+2 and so on.
func wide(head []byte, char int) bool {
	n := min(len(head)&^1, 8)
	for i := 0; i < n; i += 2 {
		if c := head[i+char]; head[i+1-char] != 0 || c >= 0x7F || c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return n >= 4
}

// Text returns the beginning of a text as UTF-8 without a byte-order mark. What is not
// UTF-16 is not changed further.
func Text(head []byte) []byte {
	mark, order := Encoding(head)
	if head = head[mark:]; order == nil {
		return head
	}
	units := make([]uint16, len(head)/2)
	for i := range units {
		units[i] = order.Uint16(head[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
