//go:build !linux && !windows

package watcher

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"scenario-drop/drop"
)

// maxWatchCost is how many descriptors the watches of one folder may take. kqueue takes
// one for every file in a watched directory, of some ten thousand that a process has.
const maxWatchCost = 4096

// watchCost is the number of descriptors that watching a directory takes.
func watchCost(path string) int {
	dir, err := os.Open(path)
	if err != nil {
		return 1 // Add fails with the same error and says so
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(maxWatchCost + 1) // what is read before an error is an estimate still
	return 1 + len(names)
}

// noWatch says why a directory or a folder cannot be watched with events.
func noWatch(err error, _ bool) drop.Detail {
	if errors.Is(err, errTooMany) {
		return drop.TextPollTooManyFiles.With("max", strconv.Itoa(maxWatchCost))
	}
	return drop.TextPollRefused.With("why", cause(err).Error())
}

// limitReached reports whether a watch was refused for want of resources, so that the
// directory is to be polled instead; and whether the whole folder had better be.
func limitReached(err error) (reached, all bool) {
	reached = errors.Is(err, errTooMany) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
	return reached, reached
}
