package file

import (
	"errors"
	"os"
)

// NoDescriptors is what is said of a process that can open no more files and connections.
const NoDescriptors = "no more files and connections can be opened: the limit of this process or computer is reached"

// OutOfDescriptors reports whether something could not be opened for the only reason that
// too much is open. It passes by itself.
func OutOfDescriptors(err error) bool {
	for _, e := range outOfDescriptors {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// CanOpen is an error of OutOfDescriptors while nothing can be opened.
func CanOpen() error {
	f, err := os.Open(os.DevNull)
	if err == nil {
		return f.Close()
	}
	if OutOfDescriptors(err) {
		return err
	}
	return nil
}
