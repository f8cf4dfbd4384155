package file

import (
	"io/fs"
	"syscall"
)

// FromInfo takes the fingerprint from what os.Lstat, os.Stat or (*os.File).Stat told.
func FromInfo(info fs.FileInfo) Fingerprint {
	fp := Fingerprint{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		fp.ChangeTime = st.Ctim.Nano()
		fp.ID = ID{Dev: uint64(st.Dev), Ino: st.Ino}
	}
	return fp
}

// Placeholder reports whether a file's content is not on this disk and would be fetched
// by reading it. Linux has no mark for that: always false.
func Placeholder(fs.FileInfo) bool { return false }
