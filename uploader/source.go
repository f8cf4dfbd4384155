package uploader

import (
	"context"
	"errors"
	"io"
	"time"

	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/filetype"
	"scenario-drop/uploader/disk"
	"scenario-drop/uploader/transfer"
)

// staysOpen is how long a file that a program keeps open for writing must have been unchanged to
// be taken, if it is complete by its format: a document stays open in its program after it was saved.
const staysOpen = 20 * time.Second

// files are those of the items, as they are on the disk.
type files struct {
	*base
	disk  *disk.Disk
	roots *knownRoots

	complete func(path string, r io.ReaderAt, size int64) bool // Options.Complete
	recheck  func(root, path string)                           // see Options; may be nil
}

// itemFile is the file of an item as a transfer.Source: still that version, and at rest.
type itemFile struct {
	*disk.File
	path     string
	forced   bool // a person asked that it is sent as it is
	complete func(path string, r io.ReaderAt, size int64) bool
	now      func() time.Time
}

func (f *files) source(j *job) *itemFile {
	return &itemFile{File: f.disk.File(j.it.Root, j.it.Path, j.it.Fingerprint), path: j.it.Path, forced: j.it.Forced, complete: f.complete, now: f.now}
}

// inspect tells what the file is by a few reads of it, and, unless it is small, its sample.
func (f *itemFile) inspect(ctx context.Context) (is filetype.Type, sample []byte, err error) {
	r := transfer.NewReaderAt(ctx, f)
	defer r.Release()
	if is, err = filetype.Identify(f.path, r, f.Size()); err == nil && f.Size() > disk.PieceSize {
		sample, err = transfer.Sample(r, f.Size())
	}
	return is, sample, err
}

// Unchanged is that of transfer.Source: besides errors of reading the file it returns a
// *postponeError while a program is at it. What is written through a mapping may not show in the
// times of a file that a program keeps open, so that one is not sure.
func (f *itemFile) Unchanged(ctx context.Context) (sure bool, err error) {
	seen, err := f.Check(ctx)
	if err != nil {
		return false, err
	}
	return f.atRest(ctx, seen)
}

// atRest returns an error while a program has the file open for writing, be it only by a
// mapping, and may be at it: what it writes then may show in no event, and on some filesystems
// not even in the file's times. What was sent keeps until it is checked again. A document
// that its program only keeps open is at rest; sure is false then. A person who asks that the item is
// sent as it is knows better what the program does; that it is still the same version is made
// sure of all the same.
func (f *itemFile) atRest(ctx context.Context, seen disk.Status) (sure bool, err error) {
	if seen.Writer != file.Yes {
		return true, nil
	}
	if f.forced {
		return false, nil
	}
	if f.complete == nil || f.now().Sub(seen.Changed) < staysOpen {
		return false, errStillOpen()
	}
	r := transfer.NewReaderAt(ctx, f)
	defer r.Release()
	if !f.complete(f.path, r, f.Size()) {
		return false, errStillOpen()
	}
	return false, nil
}

func errStillOpen() error {
	return &postponeError{drop.ReasonStillOpen.With(drop.TextOpenForWriting.With())}
}

// closed returns an error while a program has the item's imported file open for writing: it is
// neither moved nor trashed then. What stands in the way otherwise shows when that is tried.
func (f *files) closed(ctx context.Context, j *job) error {
	seen, err := f.source(j).Check(ctx)
	if err != nil && !errors.Is(err, disk.ErrChanged) || seen.Writer != file.Yes {
		return nil
	}
	text := drop.TextOpenBeforeMove
	if j.rule.After == Trash {
		text = drop.TextOpenBeforeTrash
	}
	return &postponeError{drop.ReasonStillOpen.With(text.With())}
}
