package filetype

import (
	"errors"
	"io"
)

// Identify tells what the file of a name and a size in bytes is, by what r reads of it: its
// first HeadSize bytes. The error is that of reading; a file shorter than size is one.
func Identify(name string, r io.ReaderAt, size int64) (Type, error) {
	head := make([]byte, min(HeadSize, max(size, 0)))
	n, err := r.ReadAt(head, 0)
	if n < len(head) {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Type{}, err
	}
	return Of(name, head), nil
}
