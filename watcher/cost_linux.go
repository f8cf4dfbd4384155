package watcher

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// maxWatchCost is 0: inotify takes no descriptors.
const maxWatchCost = 0

func watchCost(string) int { return 0 }

// noWatch says why a directory, or a whole folder if instance is set, cannot be watched
// with events, and what to do about it.
func noWatch(err error, instance bool) drop.Detail {
	watches, instances := watchLimits()
	switch {
	case instance && file.CanOpen() != nil:
		return drop.TextPollNoDescriptors.With()
	case instance && (errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE)):
		return drop.TextPollInstances.With("max", strconv.Itoa(instances))
	case errors.Is(err, unix.ENOSPC):
		return drop.TextPollWatches.With("max", strconv.Itoa(watches))
	}
	return drop.TextPollRefused.With("why", cause(err).Error())
}

// limitReached reports whether a watch was refused for want of resources, so that the
// directory is to be polled instead; and whether the whole folder had better be.
func limitReached(err error) (reached, all bool) {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.ENOMEM), false
}
