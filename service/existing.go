package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/status"
	"scenario-drop/watcher"
)

// skipExisting is the value of existing with which only what is saved from now on is sent.
const skipExisting = "skip"

// takeUpExisting puts the setting existing of a config in force.
func takeUpExisting(ctx context.Context, l *ledger.Ledger, c *config.Config) error {
	folders, err := FoldersKnown(ctx, c, l)
	if err != nil {
		return err
	}
	var skip []ledger.ExistingFolder
	for _, f := range folders {
		if f.Existing != "" {
			skip = append(skip, ledger.ExistingFolder{Root: f.Path, Rules: f.Existing})
		}
	}
	return l.TakeUpExisting(ctx, skip, func(path string) (string, bool) { return existingOwner(c, path) })
}

// existingOwner is the watch folder that a path belongs to, and whether it skips what was there
// before; "" if none does.
func existingOwner(c *config.Config, path string) (root string, skips bool) {
	for _, w := range c.Watches {
		if rel, err := filepath.Rel(w.Path, path); err == nil && filepath.IsLocal(rel) && len(w.Path) > len(root) {
			root, skips = w.Path, w.Existing == skipExisting
		}
	}
	return root, skips
}

// existingRules stands for all by which a folder takes files, so that another value means
// that files may be taken which were there all the time.
func existingRules(f watcher.Folder, c *config.Config) string {
	var inner []string
	for _, w := range c.Watches {
		if w.Path != f.Path && below(w.Path, f.Path) {
			inner = append(inner, w.Path)
		}
	}
	text, err := json.Marshal([]any{f.Recursive, f.Include, f.Exclude, f.Skip, inner})
	if err != nil {
		panic(err) // there is nothing in it that JSON cannot hold
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// vacant reports whether nothing is at a path.
func vacant(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// existingJudge tells the files of a folder that were there before.
func existingJudge(l *ledger.Ledger, root string, shared bool, since time.Time) ledger.ExistingJudge {
	j := ledger.ExistingJudge{Ledger: l, Root: root, Now: time.Now(), Since: since, Vacant: vacant}
	if shared {
		j.Slack = watcher.ClockMargin
	}
	return j
}

// Existing implements watcher.ExistingSink.
func (s *sink) Existing(ctx context.Context, found []watcher.Candidate) ([]bool, error) {
	if len(found) == 0 {
		return nil, nil
	}
	root := found[0].Folder
	if !s.skipsExisting(root) {
		return make([]bool, len(found)), nil
	}
	switch _, ok, err := s.ledger.ExistingSince(ctx, root); {
	case err != nil:
		return nil, err
	case !ok: // it could not be written down when the config was put in force
		if err := takeUpExisting(ctx, s.ledger, s.config.Load()); err != nil {
			return nil, err
		}
	}
	return existingJudge(s.ledger, root, s.shared(root), time.Time{}).Note(ctx, asFound(found))
}

func asFound(found []watcher.Candidate) []ledger.Found {
	all := make([]ledger.Found, len(found))
	for i, c := range found {
		all[i] = ledger.Found{Path: c.Path, Fingerprint: c.Fingerprint}
	}
	return all
}

// ExistingDone implements watcher.ExistingSink.
func (s *sink) ExistingDone(ctx context.Context, folder, existing string) error {
	return s.ledger.ExistingComplete(ctx, folder, existing)
}

func (s *sink) skipsExisting(root string) bool {
	return (*s.rules.Load())[root].Existing == skipExisting
}

// withoutExisting are those of finished files that were not there before.
func (s *sink) withoutExisting(ctx context.Context, found []watcher.Candidate) ([]watcher.Candidate, error) {
	if len(found) == 0 || !s.skipsExisting(found[0].Folder) {
		return found, nil
	}
	before, err := s.Existing(ctx, found)
	if err != nil {
		return nil, err
	}
	var rest []watcher.Candidate
	for i, c := range found {
		if !before[i] {
			rest = append(rest, c)
		}
	}
	return rest, nil
}

// addExisting counts files that were there before among what the folders ignore, and no
// longer among counts, where each of them is an ignored file of its own.
func addExisting(ctx context.Context, l *ledger.Ledger, c *config.Config, folders []status.Folder, counts map[drop.State]int) error {
	for _, w := range c.Watches {
		if w.Existing != skipExisting {
			continue
		}
		n, err := l.CountExisting(ctx, w.Path)
		if err != nil {
			return err
		}
		for i := range folders {
			if f := &folders[i]; f.Path == w.Path && n > 0 {
				f.Ignored.Add(status.Ignored{Count: n, ByRule: map[drop.Reason]status.IgnoredCount{drop.ReasonExisting: {Files: n}}})
			}
		}
		if counts[drop.Ignored] -= n; counts[drop.Ignored] <= 0 {
			delete(counts, drop.Ignored)
		}
	}
	return nil
}

// retryPaths puts files that failed back to work, and has those taken that were there before; of
// a directory, all of those in it. It returns how many.
func retryPaths(ctx context.Context, l *ledger.Ledger, paths []string) (n int, err error) {
	if n, err = l.Retry(ctx, paths); err != nil {
		return n, err
	}
	for _, path := range paths {
		some, err := l.AskExisting(ctx, path)
		n += some
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
