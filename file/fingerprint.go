// Package file checks and opens single files safely, the same way on every
// platform: symlinks are not followed, and what is not a regular file (a FIFO, a
// device, a socket) is never opened.
package file

import (
	"io/fs"
	"time"
)

// ID tells one file on a filesystem from another, whatever its name: device and
// inode on Unix. It is zero where the platform gives none without opening the file
// (Windows).
type ID struct {
	Dev, Ino uint64
}

// Fingerprint is what can be known of a file's version without reading a byte of it.
type Fingerprint struct {
	Size       int64 // bytes
	ModTime    int64 // Unix nanoseconds
	ChangeTime int64 // Unix nanoseconds of the inode's last change; 0 where there is none (Windows)
	ID         ID
}

// Entry is what StatEntry tells of an entry of a directory.
type Entry struct {
	Fingerprint
	Mode        fs.FileMode
	Placeholder bool // see Placeholder
	Hidden      bool // see Hidden
}

// WholeSeconds reports whether the times look as if their filesystem kept them in whole seconds: a
// file saved twice within that may have the same ones. The change time tells them from a copied
// modification time, where there is one.
func (f Fingerprint) WholeSeconds() bool {
	return f.ModTime%int64(time.Second) == 0 && f.ChangeTime%int64(time.Second) == 0
}

// SameVersion reports whether two checks of one path saw the same version: equal in
// size and times. The identity is left out, since devices are renumbered by a reboot
// and some network filesystems make up inodes with every mount.
func (f Fingerprint) SameVersion(g Fingerprint) bool {
	return f.Size == g.Size && f.ModTime == g.ModTime && f.ChangeTime == g.ChangeTime
}

// SameContent reports whether a file that is being read is still the one that was
// opened: same size, modification time and identity. The change time is left out, so
// that a backup tool making a hard link, or a chmod, does not start a transfer anew.
func (f Fingerprint) SameContent(g Fingerprint) bool {
	return f.Size == g.Size && f.ModTime == g.ModTime && f.ID == g.ID
}
