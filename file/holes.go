package file

import "os"

// Range is a piece of a file: the bytes from From up to, and without, To.
type Range struct{ From, To int64 }

const (
	maxHoles   = 16  // that Holes returns
	maxExtents = 256 // pieces of a file that Holes checks
)

// Holes returns the pieces of an open file, of at least that many bytes each, for which its
// filesystem keeps no data: nobody has written them yet, and they read as zeros. Those at
// the end of the file are among them. It returns a few at most, looks no further than a few
// hundred pieces into the file, and reads no byte. A file without a hole costs one call.
//
// Nil means that there are none or that the filesystem does not tell. One that makes holes of
// zeros unasked (ZFS) counts as not telling.
func Holes(f *os.File, size, minimum int64) []Range {
	if size <= minimum {
		return nil
	}
	return holes(f, size, minimum)
}
