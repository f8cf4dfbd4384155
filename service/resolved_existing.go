package service

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/watcher"
)

// existingPass is how far the files of a folder that were there before were asked for after a scan.
type existingPass struct {
	scan time.Time       // after which all of them were
	last ledger.Existing // the one to go on after; zero: none was asked for
	gone question[[]int64]
}

// existing ends some of what was noted of files that were there before and are not there any more, so
// that nobody counts them: all of them once after each scan. It reports whether there are more to ask for.
func (r *resolver) existing(ctx context.Context, f watcher.FolderStatus, p *existingPass) (more bool, err error) {
	if f.Err != "" || f.LastScan.IsZero() || p.scan.Equal(f.LastScan) {
		return false, nil
	}
	if p.gone.answer == nil {
		var page []ledger.Existing
		for page, err = range r.ledger.ExistingPages(ctx, f.Path, p.last) {
			break
		}
		if err != nil {
			return false, err
		}
		if len(page) == 0 {
			p.scan, p.last = f.LastScan, ledger.Existing{}
			return false, nil
		}
		p.last = page[len(page)-1]
		p.gone.ask(func() []int64 { return notedGone(f.Path, page) })
	}
	gone, answered := p.gone.wait(ctx)
	if len(gone) == 0 || len(watcher.Unavailable([]string{f.Path}, resolvedWait)) > 0 {
		return answered, nil
	}
	return true, r.ledger.ExistingGone(ctx, gone)
}

// endExistingGone is the same for all files of the folders of this computer at once.
func (e *engine) endExistingGone(ctx context.Context) error {
	for _, f := range e.watcher.Folders() {
		if f.Remote || f.Err != "" || f.LastScan.IsZero() || !e.sink.skipsExisting(f.Path) {
			continue
		}
		for page, err := range e.ledger.ExistingPages(ctx, f.Path, ledger.Existing{}) {
			if err != nil {
				return err
			}
			gone := notedGone(f.Path, page)
			if len(gone) == 0 || vacant(f.Path) {
				continue
			}
			if err := e.ledger.ExistingGone(ctx, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// notedGone returns the items of those that are not there any more.
func notedGone(root string, noted []ledger.Existing) (gone []int64) {
	for _, e := range noted {
		if _, _, err := file.Lstat(root, e.Path); errors.Is(err, fs.ErrNotExist) {
			gone = append(gone, e.ID)
		}
	}
	return gone
}
