//go:build !linux && !darwin && !windows

package file

import "io/fs"

// FromInfo takes size and modification time; the rest is not read on this platform.
func FromInfo(info fs.FileInfo) Fingerprint {
	return Fingerprint{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
}

// Placeholder is always false: this platform has no mark for it.
func Placeholder(fs.FileInfo) bool { return false }
