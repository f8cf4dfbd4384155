package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"scenario-drop/file"
	"scenario-drop/trash"
)

// tidy does with the local file what its rule asks, if it is still the version whose
// bytes Scenario holds. What cannot be done leaves the file where it is: the asset is
// imported all the same.
func (w *worker) tidy(ctx context.Context) error {
	w.progress.doing(w.shown, "tidying")
	now, _, err := file.Lstat(w.it.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w.done(ctx, "", "The file was moved or deleted by somebody else.")
	case err != nil:
		return w.done(ctx, "not-tidied", "Imported, but the file could not be looked at and stays where it is: "+err.Error()+".")
	case !now.SameContent(w.it.Fingerprint):
		return w.done(ctx, "not-tidied", "Imported; the file has changed since and stays where it is.")
	}
	switch w.rule.After {
	case Move:
		to, err := w.moveAway()
		if err != nil {
			return w.done(ctx, "not-tidied", fmt.Sprintf("Imported, but the file could not be moved and stays where it is: %v.", err))
		}
		return w.done(ctx, "moved", "Moved to "+to+".")
	case Trash:
		if err := trash.Put(w.it.Path); err != nil {
			return w.done(ctx, "not-tidied", fmt.Sprintf("Imported, but the file could not be put into the trash and stays where it is: %v.", err))
		}
		return w.done(ctx, "trashed", "Put into the trash.")
	}
	return w.done(ctx, "", "")
}

// moveAway moves the file below the rule's folder for uploaded files, with its place
// below the watch folder kept, under a name that is free there.
func (w *worker) moveAway() (string, error) {
	rel, err := filepath.Rel(w.rule.Root, w.it.Path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s is not in %s", w.it.Path, w.rule.Root)
	}
	return file.MoveInto(w.it.Path, filepath.Join(w.rule.MoveTo, rel))
}
