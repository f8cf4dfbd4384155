//go:build unix

package scenario

import "syscall"

// What the system calls the ends of connections.
const (
	connRefused     = syscall.ECONNREFUSED
	connReset       = syscall.ECONNRESET
	connAborted     = syscall.ECONNABORTED
	connBroken      = syscall.EPIPE
	netUnreachable  = syscall.ENETUNREACH
	hostUnreachable = syscall.EHOSTUNREACH
	netDown         = syscall.ENETDOWN
	addressInUse    = syscall.EADDRINUSE
	addressNotHere  = syscall.EADDRNOTAVAIL
)

// outOfDescriptors say that the process or the computer can open nothing more.
var outOfDescriptors = [...]error{syscall.EMFILE, syscall.ENFILE}
