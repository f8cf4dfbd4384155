package watcher

import (
	"context"
	"errors"

	"scenario-drop/drop"
	"scenario-drop/file"
)

// Candidate is a finished file: ready to be sent as far as the filesystem can tell.
type Candidate struct {
	Folder      string // the watch folder it belongs to, as in Folder.Path
	Path        string // absolute
	Fingerprint file.Fingerprint
}

// Held is a file that was seen and is not to be sent as it is. It stays under watch: it
// becomes a Candidate by itself once the reason is gone.
type Held struct {
	Folder      string // the watch folder it belongs to, as in Folder.Path
	Path        string // absolute
	Fingerprint file.Fingerprint
	Reason      drop.Reason
	Detail      drop.Detail // what is wrong and what to do
}

// ErrNotAwaited is what Sink.Held returns for a version that is sent although the watcher holds it, or
// that is not to be sent at all: it is awaited no longer.
var ErrNotAwaited = errors.New("the file is sent as it is, or not at all")

// stillBeingWritten reports whether a file held for that reason is one that its program is not done
// with, and may change at any time.
func stillBeingWritten(r drop.Reason) bool {
	return r == drop.ReasonStillOpen || r == drop.ReasonKeepsChanging || r == drop.ReasonTransferUnfinished
}

// ExistingSink tells files that were in a folder before it was watched, and are not to be found,
// from others. Its methods are called like those of Sink.
type ExistingSink interface {
	// Existing takes files of a folder that a scan came upon and that Known does not name, some
	// hundreds at most, and reports for each whether it was there before: the watcher leaves it
	// alone then. None of them was opened.
	Existing(ctx context.Context, found []Candidate) ([]bool, error)

	// ExistingDone is told that all of a folder was scanned, with the folder's Existing.
	ExistingDone(ctx context.Context, folder, existing string) error
}

// Sink takes what the watcher finds. Its methods are called from one goroutine per
// folder, so for several folders at once. When one fails, the watcher keeps what it
// has, reports the folder as in trouble and calls again a little later.
type Sink interface {
	// Known tells, by base name, the versions of the files in a directory that need
	// no further check. A scan calls it once per directory; files with a version
	// named here are not opened. The caller keeps the map no longer than that
	// directory's listing takes and does not change it.
	Known(ctx context.Context, dir string) (map[string]file.Fingerprint, error)

	// Ready takes finished files, at most a few hundred at a time. The same version
	// may come again: after a restart, or when an event follows for a file that did
	// not change.
	Ready(ctx context.Context, found []Candidate) error

	// Held takes a file that is not to be sent as it is. It is called again for the
	// same file when the reason or the sentence changes, after Retell, and after a
	// restart. ErrNotAwaited says that this version is sent all the same, since a person asked
	// for it: the watcher forgets it until it changes.
	Held(ctx context.Context, held Held) error
}
