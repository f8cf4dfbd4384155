//go:build unix

package file

import (
	"os"

	"golang.org/x/sys/unix"
)

// ForeignLink reports whether an open file of the directory, below the watch folder root, is
// another name of a file of somebody else, which was perhaps never meant to be in the folder:
// whoever may write there can give a file such a name that he may not read himself, and that
// the daemon may.
//
// It is one if it has several names, not everybody may read it, and it belongs neither to who
// owns the watch folder or this directory, nor to the account that the daemon runs as, unless
// that is root, who owns what is secret too. So the hard links of backup and sync programs,
// and those of a team that shares its files, are none.
func (d *Dir) ForeignLink(root string, f *os.File) (bool, error) {
	var st, dir, top unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return false, err
	}
	if st.Nlink < 2 || st.Mode&0o004 != 0 {
		return false, nil
	}
	if me := os.Geteuid(); me != 0 && int(st.Uid) == me {
		return false, nil
	}
	if err := unix.Fstat(d.fd, &dir); err != nil {
		return false, err
	}
	if err := unix.Stat(root, &top); err != nil {
		return false, err
	}
	return st.Uid != dir.Uid && st.Uid != top.Uid, nil
}
