package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/uploader/disk"
)

// unreadable takes the item off its way after its file could not be read, for what the
// error means to a person.
func (w *worker) unreadable(ctx context.Context, err error) error {
	var irregular *file.NotRegularError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*disk.UnresponsiveError)):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return w.gone(ctx, "The file was deleted, moved or renamed before it was sent.")
	case errors.As(err, &irregular):
		return w.end(ctx, drop.Gone, "gone", "There is no longer a file under this name: "+err.Error()+".")
	case errors.Is(err, fs.ErrPermission):
		return w.leave(ctx, drop.Held, "unreadable", "scenario-drop is not allowed to read it. Give the user that it runs as permission to read; it resumes automatically.")
	case errors.As(err, new(*file.SwappedError)):
		return &laterError{"folder-swapped", err.Error()}
	case errors.Is(err, disk.ErrChanged):
		return w.changed(ctx)
	case file.InUse(err):
		return errStillOpen()
	case file.OutOfDescriptors(err):
		return &laterError{"no-descriptors", "The file cannot be read now: " + file.NoDescriptors + ". It is tried again."}
	}
	if fp, lerr := w.disk.Lstat(ctx, w.it.Root, w.it.Path); errors.Is(lerr, fs.ErrNotExist) {
		return w.gone(ctx, "The file vanished while it was being read.")
	} else if lerr == nil && !fp.SameContent(w.it.Fingerprint) {
		return w.changed(ctx)
	}
	return fmt.Errorf("read the file: %w", err)
}

// gone takes the item off its way, since its file is not there any more.
func (w *worker) gone(ctx context.Context, detail string) error {
	if err := w.missing(ctx); err != nil {
		return err
	}
	return w.end(ctx, drop.Gone, "gone", detail)
}

// changed takes the item off its way: its file is another version by now, which the
// watcher brings as an item of its own.
func (w *worker) changed(ctx context.Context) error {
	return w.leave(ctx, drop.Superseded, "changed", "The file changed before it was complete at Scenario; the new version is sent in its place.")
}

// leave takes the item off its way, and its file back to whoever finds files.
func (w *worker) leave(ctx context.Context, to drop.State, reason, detail string) error {
	err := w.end(ctx, to, reason, detail)
	if err == nil && w.LookAgain != nil {
		w.LookAgain(w.it.Root, w.it.Path)
	}
	return err
}
