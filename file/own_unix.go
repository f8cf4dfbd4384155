//go:build unix

package file

import "golang.org/x/sys/unix"

// NoFollow is the flag of os.OpenFile by which a link at the end of the path is not followed.
const NoFollow = unix.O_NOFOLLOW

// makePrivate does nothing: the mode of the directory says it.
func makePrivate(string) error { return nil }
