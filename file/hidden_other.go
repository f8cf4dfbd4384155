//go:build !windows && !darwin

package file

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// MarksHidden tells whether files can be Hidden on this platform at all.
const MarksHidden = false

// Hidden is always false: this platform has no mark for it beside a file's name.
func Hidden(fs.FileInfo) bool { return false }

func hidden(*unix.Stat_t) bool { return false }
