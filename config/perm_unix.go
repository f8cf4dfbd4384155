//go:build unix

package config

import "os"

// othersCanRead reports whether a file's mode lets every user of the machine read it.
// A group is somebody's decision and counts as right.
func othersCanRead(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o004 != 0
}
