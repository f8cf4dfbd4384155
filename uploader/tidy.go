package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"scenario-drop/file"
	"scenario-drop/trash"
)

// tidy does with the local file what its rule asks, if it is still the version whose
// bytes Scenario holds. What cannot be done leaves the file where it is: the asset is
// imported all the same.
func (w *worker) tidy(ctx context.Context) error {
	w.progress.doing(w.shown, "tidying")
	now, err := w.disk.lstat(ctx, w.it.Root, w.it.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := w.missing(ctx); err != nil {
			return err
		}
		return w.done(ctx, "", "The file was moved or deleted by somebody else.")
	case errors.As(err, new(*file.NotRegularError)):
		return w.done(ctx, "not-tidied", "Imported; what is under its name now is left alone: "+err.Error()+".")
	case err != nil && !errors.Is(err, fs.ErrPermission): // a share that is away comes back
		return fmt.Errorf("look at the imported file: %w", err)
	case err != nil:
		return w.done(ctx, "not-tidied", "Imported, but the file could not be looked at and stays where it is: "+err.Error()+".")
	case !now.SameContent(w.it.Fingerprint):
		return w.done(ctx, "not-tidied", "Imported; the file has changed since and stays where it is.")
	}
	switch w.rule.After {
	case Move:
		var to string
		err := w.disk.move(ctx, w.it.Root, func() (err error) {
			to, err = file.MoveInto(w.it.Root, w.it.Path, w.rule.MoveTo, w.it.Fingerprint)
			return err
		}, w.setAside)
		if unfinished(ctx, err) {
			return err
		}
		if err != nil {
			return w.done(ctx, "not-tidied", fmt.Sprintf("Imported, but the file could not be moved and stays where it is: %v.", err))
		}
		return w.done(ctx, "moved", "Moved to "+to+".")
	case Trash:
		err := w.disk.move(ctx, w.it.Root, func() error { return trash.Put(w.it.Root, w.it.Path, w.it.Fingerprint) }, w.setAside)
		if unfinished(ctx, err) {
			return err
		}
		if err != nil {
			return w.done(ctx, "not-tidied", fmt.Sprintf("Imported, but the file could not be put into the trash and stays where it is: %v.", err))
		}
		return w.done(ctx, "trashed", "Put into the trash.")
	}
	return w.done(ctx, "", "")
}

// unfinished reports whether a move was left before it came to an end.
func unfinished(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.As(err, new(*silentError)))
}
