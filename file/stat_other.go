//go:build !linux && !darwin && !windows

package file

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

const searchOnly = unix.O_RDONLY

// FromInfo takes size and modification time; the rest is not read on this platform.
func FromInfo(info fs.FileInfo) Fingerprint {
	return Fingerprint{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
}

// Placeholder is always false: this platform has no mark for it.
func Placeholder(fs.FileInfo) bool { return false }

func placeholder(*unix.Stat_t) bool { return false }

// FromStat is FromInfo for what a call of the system told.
func FromStat(st *unix.Stat_t) Fingerprint {
	return Fingerprint{Size: st.Size, ModTime: st.Mtim.Nano()}
}

// renameNew cannot be had here: the caller has another way.
func renameNew(int, string, int, string) error { return unix.ENOTSUP }
