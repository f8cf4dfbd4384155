package watcher

import (
	"strings"

	"golang.org/x/sys/unix"
)

// inspect asks statfs(2). What is not mounted with MNT_LOCAL, or is a FUSE or shared
// folder of a virtual machine, may change behind this kernel's back.
func inspect(path string) (Filesystem, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return Filesystem{}, err
	}
	name := unix.ByteSliceToString(st.Fstypename[:])
	fs := Filesystem{Type: name, Remote: st.Flags&unix.MNT_LOCAL == 0}
	for _, shared := range []string{"fuse", "prl_fs", "vmhgfs", "virtiofs", "vboxsf"} {
		if strings.Contains(name, shared) {
			fs.Remote = true
		}
	}
	return fs, nil
}

// watchLimits is nothing here: what limits kqueue is the number of open files.
func watchLimits() (watches, instances int) { return 0, 0 }
