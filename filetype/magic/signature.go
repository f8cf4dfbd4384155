package magic

import (
	"bytes"
	"slices"
)

// begins is a signature at the very beginning.
func begins(signatures ...string) func([]byte) bool {
	return func(head []byte) bool {
		return slices.ContainsFunc(signatures, func(s string) bool { return bytes.HasPrefix(head, []byte(s)) })
	}
}

// form is a signature of a container with a form type at byte 8.
func form(container string, types ...string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && string(head[:4]) == container && slices.Contains(types, string(head[8:12]))
	}
}
