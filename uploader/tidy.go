package uploader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/trash"
	"scenario-drop/uploader/disk"
)

// tidy does with the local file what its rule asks, if it is still the version whose
// bytes Scenario holds. What cannot be done now is tried again; what can never be done
// any more, since the file is another by now, leaves it where it is. The asset is
// imported all the same.
func (w *worker) tidy(ctx context.Context) error {
	w.progress.doing(w.shown, "tidying")
	if err := w.goOnTidying(ctx); err != nil || w.it.State == drop.Imported {
		return err
	}
	now, err := w.disk.Lstat(ctx, w.it.Root, w.it.Path)
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
		return unfinishedCleanup("The file cannot be checked", err)
	case !now.SameContent(w.it.Fingerprint):
		return w.done(ctx, "not-tidied", "Imported; the file has changed since and stays where it is.")
	}
	if w.rule.After != Keep {
		if note, err := w.placedByAPerson(ctx); err != nil || note != "" {
			if err != nil {
				return err
			}
			return w.done(ctx, "not-tidied", note)
		}
		if err := w.closed(ctx); err != nil {
			return err
		}
	}
	switch w.rule.After {
	case Move:
		return w.moveAway(ctx)
	case Trash:
		return w.putInTrash(ctx)
	}
	return w.done(ctx, "", "")
}

// moveOf is the move of the item's file that its rule asks for.
func (w *worker) moveOf(ctx context.Context) file.Move {
	into := w.rule.MoveTo
	return file.Move{Root: w.it.Root, Path: w.it.Path, Into: into, Want: w.it.Fingerprint, SHA256: w.it.SHA256,
		Begin: func(b file.Begun) error {
			return w.Ledger.CleanupBegins(ctx, w.it, w.owner, ledger.Cleanup{Target: into, Begun: b})
		}}
}

func (w *worker) moveAway(ctx context.Context) error {
	m := w.moveOf(ctx)
	var moved file.Moved
	err := w.disk.Move(ctx, w.it.Root, func() (err error) {
		if err := w.notSwapped(m.Into); err != nil {
			return err
		}
		moved, err = file.MoveInto(ctx, m)
		return err
	}, w.setAside)
	switch {
	case err == nil:
		return w.cleanedUp(ctx, moved, "moved", "Moved to "+moved.Path+".")
	case unfinished(ctx, err), errors.Is(err, ledger.ErrNotMoved), ledger.Unwritable(err):
		return err
	case errors.Is(err, file.ErrChanged):
		return w.done(ctx, "not-tidied", fmt.Sprintf("Imported; the file was not moved: %v.", err))
	}
	return unfinishedCleanup("The file could not be moved into "+m.Into+" and is still where it was", err)
}

// notSwapped is a *file.SwappedError where the item's folder, or the one that it goes to, is
// not to be used. One inside the watch folder is reached through no link.
func (w *worker) notSwapped(into string) error {
	if err := w.disk.PinsCheck(w.it.Root); err != nil {
		return err
	}
	if within(into, w.it.Root) {
		return nil
	}
	return w.disk.PinsCheck(into)
}

func (w *worker) putInTrash(ctx context.Context) error {
	if err := w.Ledger.CleanupBegins(ctx, w.it, w.owner, ledger.Cleanup{}); err != nil {
		return err
	}
	err := w.disk.Move(ctx, w.it.Root, func() error {
		if err := w.disk.PinsCheck(w.it.Root); err != nil {
			return err
		}
		return trash.Put(w.it.Root, w.it.Path, w.it.Fingerprint)
	}, w.setAside)
	switch {
	case err == nil:
		return w.cleanedUp(ctx, file.Moved{}, "trashed", "Put into the trash.")
	case unfinished(ctx, err):
		return err
	case errors.Is(err, file.ErrChanged):
		return w.done(ctx, "not-tidied", fmt.Sprintf("Imported; the file was not put into the trash: %v.", err))
	}
	return unfinishedCleanup("The file could not be put into the trash and is still where it was", err)
}

// goOnTidying looks after what was begun with the file and cut off. The item is Imported
// when that has come about.
func (w *worker) goOnTidying(ctx context.Context) error {
	begun, ok, err := w.Ledger.CleanupOf(ctx, w.it)
	if err != nil || !ok || begun.Done {
		return err
	}
	if begun.ToTrash() {
		_, err := w.disk.Lstat(ctx, w.it.Root, w.it.Path)
		if !errors.Is(err, fs.ErrNotExist) {
			return nil // it begins again
		}
		if err := w.missing(ctx); err != nil {
			return err
		}
		return w.cleanedUp(ctx, file.Moved{}, "trashed", "Put into the trash.")
	}
	m := w.moveOf(ctx)
	m.Into = begun.Target
	var moved file.Moved
	var done bool
	err = w.disk.Move(ctx, w.it.Root, func() (err error) {
		if err := w.notSwapped(m.Into); err != nil {
			return err
		}
		moved, done, err = file.Resume(ctx, m, begun.Begun)
		return err
	}, w.setAside)
	switch {
	case unfinished(ctx, err):
		return err
	case errors.As(err, new(*file.NotRegularError)):
		return nil // something else has taken a directory's place, which ends it
	case err != nil:
		return unfinishedCleanup("Moving the file into "+begun.Target+" was interrupted and could not be finished", err)
	case done:
		return w.cleanedUp(ctx, moved, "moved", "Moved to "+moved.Path+".")
	}
	return nil
}

// cleanedUp ends the item's way once after_upload is done.
func (w *worker) cleanedUp(ctx context.Context, moved file.Moved, reason, note string) error {
	if err := w.Ledger.CleanedUp(ctx, w.it, w.owner, moved, reason, note); err != nil {
		return err
	}
	return w.restsImported(note)
}

// unfinished reports whether a move was left before it came to an end.
func unfinished(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.As(err, new(*disk.UnresponsiveError)))
}

func unfinishedCleanup(what string, err error) error {
	return &afterImportError{"cleanup-failed", fmt.Sprintf("%s: %s.", what, withoutCalls(err)), err}
}

// withoutCalls is an error's text without the names of the system's calls, which mean
// nothing to a person.
func withoutCalls(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		text = strings.ReplaceAll(text, e.Error(), e.Path+": "+e.Err.Error())
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		text = strings.ReplaceAll(text, e.Error(), e.New+": "+e.Err.Error())
	}
	return text
}

// afterImportError says that something which comes after the import could not be done
// yet. It is tried again, however often that takes.
type afterImportError struct {
	reason, sentence string
	err              error
}

// Error is a sentence for people.
func (e *afterImportError) Error() string { return e.sentence }

// Unwrap returns the cause.
func (e *afterImportError) Unwrap() error { return e.err }
