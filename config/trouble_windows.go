package config

import (
	"errors"

	"golang.org/x/sys/windows"
)

// inTrouble reports whether an error tells of a disk or share that is away or broken. A
// server that is not found at all counts as a folder that does not exist (fs.ErrNotExist).
func inTrouble(err error) bool {
	for _, errno := range []windows.Errno{windows.ERROR_NOT_READY, windows.ERROR_NETNAME_DELETED, windows.ERROR_UNEXP_NET_ERR,
		windows.ERROR_NETWORK_UNREACHABLE, windows.ERROR_HOST_UNREACHABLE, windows.ERROR_SEM_TIMEOUT, windows.ERROR_DEVICE_NOT_CONNECTED} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
