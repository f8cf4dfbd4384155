//go:build linux || darwin

package file

import (
	"os"

	"golang.org/x/sys/unix"
)

// holes asks by lseek(2) with SEEK_HOLE and SEEK_DATA. What is allocated and was never
// written is a hole, too, on most filesystems of Linux.
func holes(f *os.File, size, minimum int64) (found []Range) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	_ = conn.Control(func(fd uintptr) { found = seekHoles(int(fd), size, minimum) }) // it fails for a closed file only
	return found
}

func seekHoles(fd int, size, minimum int64) (found []Range) {
	at := int64(0)
	for range maxExtents {
		from, err := unix.Seek(fd, at, seekHole)
		if err != nil || from >= size { // there is a hole at the end of every file
			return found
		}
		to, err := unix.Seek(fd, from, seekData)
		if err == unix.ENXIO { // nothing but the hole up to the end
			to = size
		} else if err != nil {
			return found
		}
		to = min(to, size)
		if to-from >= minimum {
			if found == nil && makesHoles(fd) {
				return nil
			}
			if found = append(found, Range{from, to}); len(found) == maxHoles {
				return found
			}
		}
		if to >= size || to <= at {
			return found
		}
		at = to
	}
	return found
}
