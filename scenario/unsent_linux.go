package scenario

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unsentLimit is how many bytes may wait in the kernel behind those that are under way.
const unsentLimit = 128 << 10

// limitUnsent keeps the kernel from hoarding megabytes that a slow line takes minutes
// to carry: a write then returns when its bytes are about to leave, so that waiting
// for the answer really starts when the part is sent, and progress shown is progress
// made. The speed is not limited by it (TCP_NOTSENT_LOWAT, tcp(7)).
func limitUnsent(_, _ string, conn syscall.RawConn) error {
	return conn.Control(func(fd uintptr) {
		// Kernels without it work as before.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentLimit)
	})
}
