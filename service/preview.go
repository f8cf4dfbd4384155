package service

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/filetype"
	"scenario-drop/ledger"
	"scenario-drop/watcher"
)

// Finding is what a pass would make of a file.
type Finding struct {
	Folder, Path string
	Size         int64       // bytes
	State        drop.State  // Queued: it would be sent; Held, Ignored: it would not; else: it is being worked on already
	Reason       drop.Reason // why not
	Detail       drop.Detail
	Kind         string   // as it would be uploaded; "" when it would not be
	Collections  []string // ids and names it would join
	Tags         []string // that its asset would get
}

// Preview scans every folder as Once does, and tells what it would make of each file.
// It writes nothing, asks nobody, and needs no lock. found is called from one goroutine
// at a time; with ignored set, also for what the folders' rules ignore. The error is
// that of watcher.Scan.
func Preview(ctx context.Context, c *config.Config, log *slog.Logger, ignored bool, found func(Finding)) (err error) {
	l, err := OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil {
		return err
	}
	p := &preview{config: c, ledger: l, rules: map[string]config.Watch{}, began: time.Now(), found: found}
	for _, w := range c.Watches {
		p.rules[w.Path] = w
	}
	if l != nil {
		defer func() { err = errors.Join(err, l.Close()) }()
		if _, p.running, err = LockHolder(c.DataDir); err != nil {
			return err
		}
		if err := p.onTheWay(ctx); err != nil {
			return err
		}
	}
	folders, err := FoldersKnown(ctx, c, l)
	if err != nil {
		return err
	}
	p.folders = folders
	w := watcher.New(watcher.Options{Folders: folders, Sink: p, Existing: p, Log: log})
	p.shared = w.Shared
	err = w.Scan(ctx)
	if ignored {
		for _, w := range c.Watches {
			err = errors.Join(err, p.ignored(ctx, folders, w), p.noted(ctx, w))
		}
	}
	return err
}

// preview is a sink that keeps nothing.
type preview struct {
	config  *config.Config
	folders []watcher.Folder
	ledger  *ledger.Ledger // nil: there is none yet
	running bool           // somebody works with the ledger
	rules   map[string]config.Watch
	began   time.Time // which is the moment for folders that were never scanned with existing = "skip"
	shared  func(folder string) bool

	mu    sync.Mutex
	found func(Finding)
}

func (p *preview) tell(f Finding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found(f)
}

// onTheWay tells of what an earlier pass or daemon left under way.
func (p *preview) onTheWay(ctx context.Context) error {
	for it, err := range p.ledger.Newest(ctx) {
		if err != nil {
			return err
		}
		rule, watched := p.rules[it.Root]
		if watched && it.State.Active() {
			state := it.State
			if state == drop.Preparing && !p.running {
				state = drop.Queued // a claim that a process left behind
			}
			p.tell(Finding{Folder: it.Root, Path: it.Path, Size: it.Fingerprint.Size, State: state, Kind: kindOf(rule, it.Path), Collections: CollectionsOf(rule, it.Path), Tags: rule.Tags})
		}
	}
	return nil
}

func (p *preview) Known(ctx context.Context, dir string) (map[string]file.Fingerprint, error) {
	if p.ledger == nil {
		return nil, nil
	}
	known, err := p.ledger.Known(ctx, dir)
	if err != nil {
		return nil, err
	}
	// What a folder skipped that does not any more is sent by the next pass.
	if _, skips := existingOwner(p.config, dir); !skips {
		names, err := p.ledger.ExistingIn(ctx, dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			delete(known, name)
		}
	}
	return known, nil
}

// judgeExisting is by the rules of now, which no pass may have put in force yet.
func (p *preview) judgeExisting(folder string) ledger.ExistingJudge {
	j := existingJudge(p.ledger, folder, p.shared(folder), p.began)
	for _, f := range p.folders {
		if f.Path == folder {
			j.Rules = f.Existing
		}
	}
	return j
}

// Existing implements watcher.ExistingSink: it tells of files that were there before.
func (p *preview) Existing(ctx context.Context, found []watcher.Candidate) ([]bool, error) {
	before, err := p.judgeExisting(found[0].Folder).Judge(ctx, asFound(found))
	if err != nil {
		return nil, err
	}
	for i, c := range found {
		if before[i] {
			p.tell(Finding{Folder: c.Folder, Path: c.Path, Size: c.Fingerprint.Size, State: drop.Ignored, Reason: drop.ReasonExisting, Detail: drop.TextExisting.With()})
		}
	}
	return before, nil
}

// ExistingDone implements watcher.ExistingSink.
func (p *preview) ExistingDone(context.Context, string, string) error { return nil }

func (p *preview) Ready(ctx context.Context, all []watcher.Candidate) error {
	for _, c := range all {
		f, err := p.judge(ctx, c)
		if err != nil {
			return err
		}
		p.tell(f)
	}
	return nil
}

// judge is the read-only form of what Ledger.Admit makes of a candidate.
func (p *preview) judge(ctx context.Context, c watcher.Candidate) (Finding, error) {
	rule := p.rules[c.Folder]
	s := observation(c, rule)
	f := Finding{Folder: c.Folder, Path: c.Path, Size: c.Fingerprint.Size, State: s.State, Reason: s.Reason, Detail: s.Detail}
	if f.State == drop.Queued && s.IgnoreChanges && p.ledger != nil {
		switch it, err := p.ledger.Find(ctx, c.Path); {
		case errors.Is(err, ledger.ErrNotFound):
		case err != nil:
			return f, err
		case it.Asset != "" || it.Hold == ledger.HoldChange:
			f.State, f.Reason, f.Detail = drop.Ignored, drop.ReasonChangeIgnored, drop.TextChangeIgnored.With()
		}
	}
	if f.State == drop.Queued {
		p.byWhatItIs(&f, rule)
	}
	return f, nil
}

func (p *preview) Held(_ context.Context, h watcher.Held) error {
	if h.Reason != drop.ReasonGone {
		p.tell(Finding{Folder: h.Folder, Path: h.Path, Size: h.Fingerprint.Size, State: drop.Held, Reason: h.Reason, Detail: h.Detail})
	}
	return nil
}

// byWhatItIs tells as what kind a file would be sent, or why it would not, as the uploader does.
func (p *preview) byWhatItIs(f *Finding, w config.Watch) {
	rule := filetype.Rule{Kind: w.Kind, SendOthers: w.OtherKinds == "send"}
	if named := includeNames(w); named != nil {
		rule.Included = named(f.Path)
	}
	is := typeOf(f.Folder, f.Path)
	v, kind := rule.Judge(is)
	switch v {
	case filetype.Hold:
		f.State, f.Reason, f.Detail = drop.Held, drop.ReasonOtherKind, rule.Explain(v, f.Path, is)
	case filetype.Ignore:
		f.State, f.Reason, f.Detail = drop.Ignored, drop.ReasonNoAsset, rule.Explain(v, f.Path, is)
	default:
		f.Kind, f.Collections, f.Tags = kind, CollectionsOf(w, f.Path), w.Tags
	}
}

// typeOf tells what a file is; by its name alone where it cannot be read, which the pass itself
// would report.
func typeOf(root, path string) filetype.Type {
	if f, fp, err := file.Open(root, path); err == nil {
		defer f.Close() // it was only read
		if is, err := filetype.Identify(path, f, fp.Size); err == nil {
			return is
		}
	}
	return filetype.Of(path, nil)
}

// kindOf is the kind that a file that is being worked on is sent as.
func kindOf(w config.Watch, path string) string {
	_, kind := filetype.Rule{Kind: w.Kind, Forced: true}.Judge(typeOf(w.Path, path))
	return kind
}

// CollectionsOf lists the collections that a folder's rule puts a file into, by id and
// by name.
func CollectionsOf(w config.Watch, path string) []string {
	all := append([]string{}, w.CollectionIDs...)
	all = append(all, w.Collections...)
	if !w.SubfolderCollections {
		return all
	}
	rel, err := filepath.Rel(w.Path, path)
	if err != nil {
		return all
	}
	// Only the first folder counts, as in the uploader.
	if first, _, below := strings.Cut(filepath.ToSlash(rel), "/"); below && first != ".." {
		all = append(all, first)
	}
	return all
}

// noted tells of the files of a folder that were there before and are noted as such.
func (p *preview) noted(ctx context.Context, w config.Watch) error {
	if p.ledger == nil || w.Existing != skipExisting {
		return nil
	}
	for page, err := range p.ledger.ExistingPages(ctx, w.Path, ledger.Existing{}) {
		if err != nil {
			return err
		}
		for _, e := range page {
			if fp, _, err := file.Lstat(w.Path, e.Path); err == nil && fp.ModTime == e.Fingerprint.ModTime && fp.Size == e.Fingerprint.Size {
				p.tell(Finding{Folder: w.Path, Path: e.Path, Size: fp.Size, State: drop.Ignored, Reason: drop.ReasonExisting, Detail: drop.TextExisting.With()})
			}
		}
	}
	return nil
}

// ignored tells of what the rules of a folder ignore, one entry for a whole directory.
func (p *preview) ignored(ctx context.Context, folders []watcher.Folder, w config.Watch) error {
	return filepath.WalkDir(w.Path, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && d != nil && d.IsDir():
			return fs.SkipDir // the scan said so already
		case err != nil || path == w.Path:
			return nil
		}
		if _, nested := p.rules[path]; nested {
			return fs.SkipDir // has a walk of its own
		}
		e := watcher.Explain(folders, path)
		if e.Accepted || d.IsDir() && e.Rule == drop.ReasonNoFile {
			return nil
		}
		p.tell(Finding{Folder: w.Path, Path: path, State: drop.Ignored, Reason: e.Rule, Detail: e.Detail})
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
}
