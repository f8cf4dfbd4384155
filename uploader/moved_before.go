package uploader

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/uploader/disk"
)

// placedByAPerson says, as a note for people, that the item's file is not to be moved or
// trashed though its rule asks for that: it lies where files are moved to, or was moved or
// trashed before and put by somebody where it is now. "" for any other.
//
// A watch folder that is set exactly where files were moved to is meant as it stands: what
// lies there is treated like any file.
func (c *cleaner) placedByAPerson(ctx context.Context, j *job) (note drop.Detail, err error) {
	targets, err := c.ledger.MoveTargets(ctx)
	if err != nil {
		return "", err
	}
	for _, dir := range targets {
		switch {
		case within(j.it.Root, dir):
			return "", nil
		case within(j.it.Path, dir):
			return drop.TextStaysInTarget.With(), nil
		}
	}
	before, err := c.ledger.MovedBefore(ctx, j.it)
	if err != nil || len(before) == 0 {
		return "", err
	}
	_, err = disk.Call(ctx, c.files.disk, j.it.Root, func() (struct{}, error) {
		note = broughtBack(j.it.Fingerprint.ID, before, func(path string) bool {
			_, err := os.Lstat(path)
			return errors.Is(err, fs.ErrNotExist)
		})
		return struct{}{}, nil
	}, nil)
	if err != nil {
		return "", err
	}
	return note, nil
}

// broughtBack says whether a file, equal in content, size and time to some that were moved
// or trashed before, is one of these. It is if it has the same inode, or if the place it
// was moved to is vacant; otherwise it is a copy.
func broughtBack(id file.ID, before []ledger.Earlier, vacant func(path string) bool) drop.Detail {
	for _, b := range before {
		same := b.Ino != 0 && b.Ino == id.Ino
		switch {
		case b.Path == "" && same:
			return drop.TextStaysBroughtBack.With()
		case b.Path != "" && (same || vacant(b.Path)):
			return drop.TextStaysMovedBefore.With("path", b.Path)
		}
	}
	return ""
}

// within reports whether a path is a directory, or lies in it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
