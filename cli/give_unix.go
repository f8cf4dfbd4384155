//go:build unix

package cli

import (
	"os"
	"syscall"
)

// giveTo gives a file the owner and mode of another.
func giveTo(f *os.File, like os.FileInfo) error {
	if s, ok := like.Sys().(*syscall.Stat_t); ok && (int(s.Uid) != os.Geteuid() || int(s.Gid) != os.Getegid()) {
		if err := f.Chown(int(s.Uid), int(s.Gid)); err != nil {
			return err
		}
	}
	return f.Chmod(like.Mode().Perm())
}
