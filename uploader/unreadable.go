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
func (f *files) unreadable(ctx context.Context, j *job, err error) error {
	var irregular *file.NotRegularError
	var swapped *file.SwappedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*disk.UnresponsiveError)):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return f.gone(ctx, j, drop.TextGoneBefore.With())
	case errors.As(err, &irregular):
		return f.end(ctx, j, drop.Gone, drop.ReasonGone.With(drop.TextNoFileNow.With("why", err.Error())))
	case errors.Is(err, fs.ErrPermission):
		return f.leave(ctx, j, drop.Held, drop.ReasonUnreadable.With(drop.TextMayNotRead.With()))
	case errors.As(err, &swapped):
		return &postponeError{drop.ReasonFolderReplaced.With(swapped.Detail())}
	case errors.Is(err, disk.ErrChanged):
		return f.changed(ctx, j)
	case file.InUse(err):
		return errStillOpen()
	case file.OutOfDescriptors(err):
		return &postponeError{drop.ReasonNoDescriptors.With(drop.TextCannotReadNow.With())}
	}
	if fp, lerr := f.disk.Lstat(ctx, j.it.Root, j.it.Path); errors.Is(lerr, fs.ErrNotExist) {
		return f.gone(ctx, j, drop.TextVanished.With())
	} else if lerr == nil && !fp.SameContent(j.it.Fingerprint) {
		return f.changed(ctx, j)
	}
	return fmt.Errorf("read the file: %w", err)
}

// gone takes the item off its way, since its file is not there any more.
func (f *files) gone(ctx context.Context, j *job, detail drop.Detail) error {
	if err := f.missing(ctx, j); err != nil {
		return err
	}
	return f.end(ctx, j, drop.Gone, drop.ReasonGone.With(detail))
}

// changed takes the item off its way: its file is another version by now, which the
// watcher brings as an item of its own.
func (f *files) changed(ctx context.Context, j *job) error {
	return f.leave(ctx, j, drop.Superseded, drop.ReasonChanged.With(drop.TextChanged.With()))
}

// leave takes the item off its way, and its file back to whoever finds files.
func (f *files) leave(ctx context.Context, j *job, to drop.State, why drop.Why) error {
	err := f.end(ctx, j, to, why)
	if err == nil && f.recheck != nil {
		f.recheck(j.it.Root, j.it.Path)
	}
	return err
}
