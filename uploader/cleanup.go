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

// cleanupRecords are what a cleaner reads and writes down.
type cleanupRecords interface {
	CleanupBegins(ctx context.Context, it ledger.Item, owner string, c ledger.Cleanup) error
	CleanupOf(ctx context.Context, it ledger.Item) (c ledger.Cleanup, ok bool, err error)
	CleanedUp(ctx context.Context, it ledger.Item, owner string, moved file.Moved, why drop.Why) error
	MoveTargets(ctx context.Context) (dirs []string, err error)
	MovedBefore(ctx context.Context, it ledger.Item) ([]ledger.Earlier, error)
}

// cleaner does with imported files what after_upload says.
type cleaner struct {
	*base
	ledger cleanupRecords
	files  *files
}

// cleanUp does with the local file what its rule asks, if it is still the version whose
// bytes Scenario holds. What cannot be done now is tried again; what can never be done
// any more, since the file is another by now, leaves it where it is. The asset is
// imported all the same.
func (c *cleaner) cleanUp(ctx context.Context, j *job) error {
	c.progress.doing(j.shown, "cleaning up")
	if err := c.resumeCleanup(ctx, j); err != nil || j.it.State == drop.Imported {
		return err
	}
	now, err := c.files.disk.Lstat(ctx, j.it.Root, j.it.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := c.files.missing(ctx, j); err != nil {
			return err
		}
		return c.done(ctx, j, drop.Why{Detail: drop.TextTakenAway.With()})
	case errors.As(err, new(*file.NotRegularError)):
		return c.done(ctx, j, drop.ReasonNotCleanedUp.With(drop.TextStaysOther.With("why", err.Error())))
	case err != nil && !errors.Is(err, fs.ErrPermission): // a share that is not there comes back
		return fmt.Errorf("check the imported file: %w", err)
	case err != nil:
		return unfinishedCleanup(drop.TextCannotCheck, "", err)
	case !now.SameContent(j.it.Fingerprint):
		return c.done(ctx, j, drop.ReasonNotCleanedUp.With(drop.TextStaysChanged.With()))
	}
	if j.rule.After != Keep {
		if note, err := c.placedByAPerson(ctx, j); err != nil || note != "" {
			if err != nil {
				return err
			}
			return c.done(ctx, j, drop.ReasonNotCleanedUp.With(note))
		}
		if err := c.files.closed(ctx, j); err != nil {
			return err
		}
	}
	switch j.rule.After {
	case Move:
		return c.moveAway(ctx, j)
	case Trash:
		return c.putInTrash(ctx, j)
	}
	return c.done(ctx, j, drop.Why{})
}

// moveOf is the move of the item's file that its rule asks for.
func (c *cleaner) moveOf(ctx context.Context, j *job) file.Move {
	into := j.rule.MoveTo
	return file.Move{Root: j.it.Root, Path: j.it.Path, Into: into, Want: j.it.Fingerprint, SHA256: j.it.SHA256,
		Begin: func(b file.Begun) error {
			return c.ledger.CleanupBegins(ctx, j.it, c.owner, ledger.Cleanup{Target: into, Begun: b})
		}}
}

func (c *cleaner) moveAway(ctx context.Context, j *job) error {
	m := c.moveOf(ctx, j)
	var moved file.Moved
	err := c.files.disk.Move(ctx, j.it.Root, func() (err error) {
		if err := c.notSwapped(j, m.Into); err != nil {
			return err
		}
		moved, err = file.MoveInto(ctx, m)
		return err
	}, j.setAside)
	switch {
	case err == nil:
		return c.cleanedUp(ctx, j, moved, drop.ReasonMoved.With(drop.TextMoved.With("path", moved.Path)))
	case unfinished(ctx, err), errors.Is(err, ledger.ErrNotMoved), ledger.Unwritable(err):
		return err
	case errors.Is(err, file.ErrChanged):
		return c.done(ctx, j, drop.ReasonNotCleanedUp.With(drop.TextStaysNotMoved.With("why", err.Error())))
	}
	return unfinishedCleanup(drop.TextCannotMove, m.Into, err)
}

// notSwapped is a *file.SwappedError where the item's folder, or the one that it goes to, is
// not to be used. One inside the watch folder is reached through no link.
func (c *cleaner) notSwapped(j *job, into string) error {
	if err := c.files.disk.PinsCheck(j.it.Root); err != nil {
		return err
	}
	if within(into, j.it.Root) {
		return nil
	}
	return c.files.disk.PinsCheck(into)
}

func (c *cleaner) putInTrash(ctx context.Context, j *job) error {
	if err := c.ledger.CleanupBegins(ctx, j.it, c.owner, ledger.Cleanup{}); err != nil {
		return err
	}
	err := c.files.disk.Move(ctx, j.it.Root, func() error {
		if err := c.files.disk.PinsCheck(j.it.Root); err != nil {
			return err
		}
		return trash.Put(j.it.Root, j.it.Path, j.it.Fingerprint)
	}, j.setAside)
	switch {
	case err == nil:
		return c.cleanedUp(ctx, j, file.Moved{}, drop.ReasonTrashed.With(drop.TextTrashed.With()))
	case unfinished(ctx, err):
		return err
	case errors.Is(err, file.ErrChanged):
		return c.done(ctx, j, drop.ReasonNotCleanedUp.With(drop.TextStaysNotTrashed.With("why", err.Error())))
	}
	return unfinishedCleanup(drop.TextCannotTrash, "", err)
}

// resumeCleanup finishes what was begun with the file and interrupted. The item is Imported
// when that has come about.
func (c *cleaner) resumeCleanup(ctx context.Context, j *job) error {
	begun, ok, err := c.ledger.CleanupOf(ctx, j.it)
	if err != nil || !ok || begun.Done {
		return err
	}
	if begun.ToTrash() {
		_, err := c.files.disk.Lstat(ctx, j.it.Root, j.it.Path)
		if !errors.Is(err, fs.ErrNotExist) {
			return nil // it begins again
		}
		if err := c.files.missing(ctx, j); err != nil {
			return err
		}
		return c.cleanedUp(ctx, j, file.Moved{}, drop.ReasonTrashed.With(drop.TextTrashed.With()))
	}
	m := c.moveOf(ctx, j)
	m.Into = begun.Target
	var moved file.Moved
	var done bool
	err = c.files.disk.Move(ctx, j.it.Root, func() (err error) {
		if err := c.notSwapped(j, m.Into); err != nil {
			return err
		}
		moved, done, err = file.Resume(ctx, m, begun.Begun)
		return err
	}, j.setAside)
	switch {
	case unfinished(ctx, err):
		return err
	case errors.As(err, new(*file.NotRegularError)):
		return nil // something else has taken a directory's place, which ends it
	case err != nil:
		return unfinishedCleanup(drop.TextCannotFinishMove, begun.Target, err)
	case done:
		return c.cleanedUp(ctx, j, moved, drop.ReasonMoved.With(drop.TextMoved.With("path", moved.Path)))
	}
	return nil
}

// cleanedUp ends the item's way once after_upload is done.
func (c *cleaner) cleanedUp(ctx context.Context, j *job, moved file.Moved, why drop.Why) error {
	if err := c.ledger.CleanedUp(afterwards(ctx), j.it, c.owner, moved, why); err != nil {
		return err
	}
	return c.restsImported(j, why.Detail)
}

// unfinished reports whether a move was left before it came to an end.
func unfinished(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.As(err, new(*disk.UnresponsiveError)))
}

func unfinishedCleanup(what drop.Text, into string, err error) error {
	return &afterImportError{drop.ReasonCleanupFailed.With(what.With("folder", into, "why", withoutCalls(err))), err}
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
	why drop.Why
	err error
}

// Error implements error.
func (e *afterImportError) Error() string { return e.why.String() }

// Unwrap returns the cause.
func (e *afterImportError) Unwrap() error { return e.err }
