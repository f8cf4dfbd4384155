package watcher

import (
	"fmt"

	"scenario-drop/drop"
)

// Filesystem is what matters to the watcher about where a folder lies.
type Filesystem struct {
	Type   string      // as the system calls it: "ext4", "cifs", "fuse.sshfs", "apfs", "NTFS"
	Remote bool        // others may change files there that this machine is not told of
	Why    drop.Detail // why it is polled under PollAuto, as a sentence; empty when it is not

	// WatchLimit and InstanceLimit are how many directories and how many folders one
	// user may watch with events (Linux: fs.inotify.max_user_watches and
	// max_user_instances, or what the user namespace allows if that is less); 0 where
	// the system has no such limit or does not tell.
	WatchLimit, InstanceLimit int
}

// Events reports whether changes in the folder come as events, so that it need not be
// polled.
func (f Filesystem) Events() bool { return !f.Remote }

// Inspect checks the filesystem on which a path lies. It follows symlinks. It may take
// long on a network share that hangs.
func Inspect(path string) (Filesystem, error) {
	fs, err := inspect(path)
	if err != nil {
		return Filesystem{}, fmt.Errorf("inspect the filesystem of %s: %w", quote(path), err)
	}
	fs.WatchLimit, fs.InstanceLimit = watchLimits()
	if fs.Remote {
		fs.Why = drop.TextPollRemote.With("filesystem", fs.Type)
	}
	return fs, nil
}
