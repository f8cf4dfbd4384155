package scenario

import "golang.org/x/sys/windows"

// What the system calls the ends of connections; syscall's names of Unix are invented
// numbers here, which no call returns.
const (
	connRefused     = windows.WSAECONNREFUSED
	connReset       = windows.WSAECONNRESET
	connAborted     = windows.WSAECONNABORTED
	connBroken      = windows.WSAESHUTDOWN
	netUnreachable  = windows.WSAENETUNREACH
	hostUnreachable = windows.WSAEHOSTUNREACH
	netDown         = windows.WSAENETDOWN
	addressInUse    = windows.WSAEADDRINUSE
	addressNotHere  = windows.WSAEADDRNOTAVAIL
)

// outOfDescriptors say that the process can open nothing more.
var outOfDescriptors = [...]error{windows.WSAEMFILE, windows.ERROR_TOO_MANY_OPEN_FILES}
