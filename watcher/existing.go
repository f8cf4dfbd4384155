package watcher

import (
	"context"
	"fmt"
)

// asksExisting reports whether files that are new to a scan may have been there before.
func (r *run) asksExisting() bool { return r.f.Existing != "" && r.f.w.before != nil }

// leaveExisting has a piece's files that were there before count as no news.
func (r *run) leaveExisting(ctx context.Context, piece []*batch) error {
	if !r.asksExisting() {
		return nil
	}
	var news []*entry
	var found []Candidate
	for _, b := range piece {
		if b.stops != r.scan.stops {
			continue
		}
		for i := range b.files {
			if e := &b.files[i]; e.news {
				news = append(news, e)
				found = append(found, Candidate{Folder: r.f.Path, Path: join(b.path, e.Name()), Fingerprint: e.fp})
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	r.f.status.begin(r.f.Path, r.now())
	defer r.f.status.end()
	before, err := r.f.w.before.Existing(ctx, found)
	if err != nil {
		return fmt.Errorf("note which files were there before: %w", err)
	}
	for i, e := range news {
		e.news = !before[i]
	}
	return nil
}

// tellExisting tells the sink that all of the folder was scanned, if it was.
func (r *run) tellExisting(ctx context.Context) error {
	if !r.existingDone {
		return nil
	}
	if err := r.f.w.before.ExistingDone(ctx, r.f.Path, r.f.Existing); err != nil {
		return fmt.Errorf("note that all files from before are known: %w", err)
	}
	r.existingDone = false
	return nil
}
