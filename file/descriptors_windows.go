package file

import "golang.org/x/sys/windows"

var outOfDescriptors = [...]error{windows.ERROR_TOO_MANY_OPEN_FILES, windows.WSAEMFILE}
