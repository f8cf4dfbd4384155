package file

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// searchOnly opens a directory for what is done by names in it: no right to list it is
// needed.
const searchOnly = unix.O_PATH

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

func placeholder(*unix.Stat_t) bool { return false }

// FromStat is FromInfo for what a call of the system told.
func FromStat(st *unix.Stat_t) Fingerprint {
	return Fingerprint{Size: st.Size, ModTime: st.Mtim.Nano(), ChangeTime: st.Ctim.Nano(), ID: ID{Dev: st.Dev, Ino: st.Ino}}
}

// renameNew renames, or fails with EEXIST where there is something under the new name.
func renameNew(fromFD int, from string, toFD int, to string) error {
	return unix.Renameat2(fromFD, from, toFD, to, unix.RENAME_NOREPLACE)
}
