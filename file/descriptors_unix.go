//go:build unix

package file

import "syscall"

var outOfDescriptors = [...]error{syscall.EMFILE, syscall.ENFILE}
