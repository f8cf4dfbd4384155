//go:build unix

package trash

import "golang.org/x/sys/unix"

// renameToVacant moves a name to another unless something is there (fs.ErrExist), as far as two calls
// can promise that.
func renameToVacant(fromfd int, from string, tofd int, to string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(tofd, to, &st, unix.AT_SYMLINK_NOFOLLOW); err != unix.ENOENT {
		if err == nil {
			err = unix.EEXIST
		}
		return err
	}
	return unix.Renameat(fromfd, from, tofd, to)
}
