package file

import "golang.org/x/sys/unix"

const (
	seekData = unix.SEEK_DATA
	seekHole = unix.SEEK_HOLE
)

// makesHoles reports whether the filesystem turns zeros that a program wrote into holes.
func makesHoles(fd int) bool {
	const zfs = 0x2fc12fc1
	var st unix.Statfs_t
	return unix.Fstatfs(fd, &st) != nil || int64(st.Type) == zfs
}
