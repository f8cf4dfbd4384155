package watcher

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"scenario-drop/file"
)

// maxWatchCost is 0: inotify takes no descriptors.
const maxWatchCost = 0

func watchCost(string) int { return 0 }

// noWatch says why a directory, or a whole folder if instance is set, cannot be watched
// with events, and what to do about it.
func noWatch(err error, instance bool) string {
	watches, instances := watchLimits()
	switch {
	case instance && file.CanOpen() != nil:
		return file.NoDescriptors
	case instance && (errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE)):
		return fmt.Sprintf("the system allows a user only %d folders with events (fs.inotify.max_user_instances), and they are all taken; raise it with sysctl", instances)
	case errors.Is(err, unix.ENOSPC):
		return fmt.Sprintf("the system allows a user only %d watched directories (fs.inotify.max_user_watches), and they are all taken; raise it with sysctl", watches)
	}
	return fmt.Sprintf("the system refuses events: %v", cause(err))
}

// limitReached reports whether a watch was refused for want of room, so that the
// directory is to be polled instead; and whether the whole folder had better be.
func limitReached(err error) (reached, whole bool) {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.ENOMEM), false
}
