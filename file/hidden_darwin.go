package file

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// MarksHidden tells whether files can be Hidden on this platform at all.
const MarksHidden = true

// ufHidden is UF_HIDDEN of <sys/stat.h>: the Finder does not show the file or directory.
const ufHidden = 0x8000

// Hidden reports whether the system marks a file or directory as one that people are not
// shown.
func Hidden(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Flags&ufHidden != 0
}

func hidden(st *unix.Stat_t) bool { return st.Flags&ufHidden != 0 }
