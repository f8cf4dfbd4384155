package service

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// countOpens counts, from now on, how often regular files below the folders are opened,
// as the kernel sees it.
func countOpens(t *testing.T, folders ...string) (count func() int) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			_, err = unix.InotifyAddWatch(fd, path, unix.IN_OPEN|unix.IN_ACCESS)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return func() int {
		n := 0
		buf := make([]byte, 1<<16)
		for {
			got, err := unix.Read(fd, buf)
			if errors.Is(err, unix.EAGAIN) {
				return n
			}
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < got; {
				mask := binary.NativeEndian.Uint32(buf[at+4:])
				if mask&unix.IN_ISDIR == 0 {
					n++
				}
				at += unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(buf[at+12:]))
			}
		}
	}
}
