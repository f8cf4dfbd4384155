package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"scenario-drop/file"
)

// Recovery tells what Recover did.
type Recovery struct {
	SetAside string    // where the damaged ledger is now; "" when it was missing
	Backup   string    // the backup that took its place; "" when there was no good one
	Taken    time.Time // when that was made
	Bad      []string  // later backups, which are damaged too
}

// Recover puts a sound ledger in the place of the one at path, for which Open gave a
// *DamagedError: the latest sound backup or, without one, an empty ledger. The new one
// has it written down that an earlier ledger was lost (see Unreconciled) before it takes its
// place. The damaged files are kept, as ledger-damaged-….db beside it. Only whoever holds
// the daemon's lock may call it.
//
// A crash at any moment leaves either the damaged ledger, or none but the signs of it, or the
// whole new one, so that Open and Recover again lead to the same end. If it fails for
// want of space, everything is as it was.
func Recover(ctx context.Context, path string, now func() time.Time) (Recovery, error) {
	if now == nil {
		now = time.Now
	}
	r := newRestoring(path, now)
	for _, step := range r.steps() {
		if err := step(ctx); err != nil {
			return r.Recovery, fmt.Errorf("put a sound ledger in the place of %s: %w", path, err)
		}
	}
	return r.Recovery, nil
}

// restoring is a recovery under way.
type restoring struct {
	Recovery
	path  string // of the ledger
	fresh string // what is to take its place
	aside string // where the damaged one goes
	now   func() time.Time

	generation int64 // that of the ledger that was lost
}

func newRestoring(path string, now func() time.Time) *restoring {
	at := now().UTC()
	r := &restoring{path: path, fresh: path + "-restored", now: now}
	for r.aside == "" || exists(r.aside) {
		r.aside = filepath.Join(filepath.Dir(path), "ledger-damaged-"+at.Format(backupTime)+".db")
		at = at.Add(time.Second)
	}
	return r
}

// siblings are the files that SQLite keeps beside a database.
var siblings = [...]string{"-wal", "-shm", "-journal"}

// steps are the steps of a recovery. After each of them a crash does no harm:
//
//   - Until the new ledger is whole and durable, the damaged one is where it was.
//   - The database is set aside before its journal, and durably: without its journal it
//     might pass for a sound ledger that only knows less.
//   - The journal is gone before the new ledger comes: it would be applied to that.
//   - That the ledger is missing in between is known from the state file.
func (r *restoring) steps() []func(context.Context) error {
	steps := []func(context.Context) error{
		r.choose,
		r.clear,
		r.copy,
		r.unreconciled,
		func(context.Context) error { return writeState(r.path, state{known: true, generation: r.generation}) },
		func(context.Context) error { return r.setAside("") },
	}
	for _, suffix := range siblings {
		steps = append(steps, func(context.Context) error { return r.setAside(suffix) })
	}
	return append(steps, func(context.Context) error { return place(r.fresh, r.path) })
}

// choose finds the latest sound backup.
func (r *restoring) choose(ctx context.Context) error {
	all, err := backups(r.path)
	if err != nil {
		return err
	}
	for _, b := range slices.Backward(all) {
		v, err := soundCopy(ctx, b.path)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			r.Bad = append(r.Bad, b.path)
			continue
		case v > newest():
			return fmt.Errorf("%s: %w", b.path, ErrNewer)
		}
		r.Backup, r.Taken = b.path, b.at
		return nil
	}
	return nil
}

// clear removes what an earlier recovery left unfinished.
func (r *restoring) clear(context.Context) error {
	return removeAll(r.fresh, append(siblings[:], "")...)
}

func removeAll(path string, suffixes ...string) error {
	for _, suffix := range suffixes {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copy makes a copy of the chosen backup.
func (r *restoring) copy(context.Context) (err error) {
	to, err := os.OpenFile(r.fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if r.Backup == "" {
		return nil
	}
	from, err := os.Open(r.Backup)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	_, err = io.Copy(to, from)
	return err
}

// unreconciled brings the copy up to date and writes into it that a ledger was lost.
func (r *restoring) unreconciled(ctx context.Context) error {
	l, err := openToWrite(ctx, r.fresh, r.now, options{})
	if err != nil {
		return err
	}
	last, err := readState(r.path)
	if err == nil {
		r.generation = last.generation
		err = l.catchUp(ctx, last.generation)
	}
	if err == nil {
		err = l.SetUnreconciled(ctx, Unreconciled{Before: r.now(), Lost: true})
	}
	if err = errors.Join(err, l.closeFiles()); err != nil {
		return err
	}
	if exists(r.fresh + "-wal") {
		return errors.New("not everything is in the database yet") // the last to close it sees to that
	}
	if _, err = soundCopy(ctx, r.fresh); err != nil {
		return err
	}
	return removeAll(r.fresh, siblings[:]...) // made by the check
}

// setAside moves a file of the damaged ledger out of the way, if it is there.
func (r *restoring) setAside(suffix string) error {
	err := os.Rename(r.path+suffix, r.aside+suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if suffix == "" {
		r.SetAside = r.aside
	}
	return file.SyncDir(filepath.Dir(r.path))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
