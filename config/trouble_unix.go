//go:build unix

package config

import (
	"errors"
	"syscall"
)

// inTrouble reports whether an error tells of a disk or share that is away or broken:
// a FUSE program that died (ENOTCONN), a server that went, a disk that was pulled out.
func inTrouble(err error) bool {
	for _, errno := range []syscall.Errno{syscall.ENOTCONN, syscall.EIO, syscall.ESTALE, syscall.ETIMEDOUT, syscall.EHOSTDOWN,
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ENXIO, syscall.ENODEV} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
