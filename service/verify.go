package service

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/reconcile"
	"scenario-drop/scenario"
	"scenario-drop/status"
	"scenario-drop/uploader"
	"scenario-drop/uploader/guard"
	"scenario-drop/watcher"
)

// Verification is what Verify found beside the single files.
type Verification struct {
	Ledger  bool            // it was opened; false without an error: there is none yet
	Folders []status.Folder // what the scans counted
	Removed int             // imported files that were deleted or moved away since: nothing is wrong with that
	Renamed int             // imported files that seem to have another name since
}

// Verified is what Verify found of one file.
type Verified struct {
	Path        string
	Item        ledger.Item // zero for a file that the ledger does not know
	Remote      bool        // its asset was asked for
	SizeUnknown bool        // but Scenario tells only the size of a conversion
	Removed     bool        // it was imported, and is not on this computer any more
	Renamed     bool        // the ledger does not know it, but seems to under another name
	Differences []Difference
}

// Difference is one thing in which disk, ledger and Scenario disagree.
type Difference struct {
	Code     string `json:"code"` // one of the Diff constants
	Sentence string `json:"sentence"`
}

// Codes of differences; they are stable.
const (
	DiffMissing           = "missing"            // the ledger knows it; on disk it is gone, and no asset was made of it
	DiffChanged           = "changed"            // on disk it is another version
	DiffUnreadable        = "unreadable"         // it cannot be read
	DiffNotImported       = "not_imported"       // it is on disk and known, but no asset
	DiffUnfinished        = "unfinished"         // it is an asset, but not all that comes after that is done
	DiffUnknown           = "unknown"            // it is on disk, but not in the ledger
	DiffAssetGone         = "asset_gone"         // Scenario does not have the asset any more
	DiffNotInCollections  = "not_in_collections" // the asset is not in collections that it joined
	DiffNotTagged         = "not_tagged"         // the asset does not have tags that it was given
	DiffSize              = "size"               // Scenario has another size
	DiffPossibleDuplicate = "possible_duplicate" // it is on disk, and not in the ledger, but Scenario seems to hold it
)

// Verify compares the disk with the ledger, and with api (if not nil) also the ledger
// with Scenario. It changes nothing and needs no lock. found is called for every file,
// from one goroutine at a time and in no promised order. Its error is of a class of
// package scenario when Scenario cannot be asked; everything else was compared then.
func Verify(ctx context.Context, c *config.Config, api *scenario.Client, log *slog.Logger, found func(Verified)) (sum Verification, err error) {
	v := &verifier{config: c, scope: Scope(c), api: api, rules: map[string]config.Watch{}, found: found}
	if api != nil {
		v.guard = guard.NewAPI(api, guard.Options{Tries: verifyTries})
	}
	for _, w := range c.Watches {
		v.rules[w.Path] = w
	}
	if v.ledger, err = OpenLedgerReadOnly(ctx, c.DataDir); err != nil {
		return sum, err
	}
	sum.Ledger = v.ledger != nil
	v.missing = map[version]int{}
	var remote error
	if v.ledger != nil {
		defer func() { err = errors.Join(err, v.ledger.Close()) }()
		if remote, err = v.known(ctx); err != nil {
			return sum, err
		}
	}
	if err := v.reconcileWhatIsUnknown(ctx); err != nil {
		return sum, err
	}
	folders, err := FoldersKnown(ctx, c, v.ledger)
	if err != nil {
		return sum, err
	}
	v.began = time.Now()
	w := watcher.New(watcher.Options{Folders: folders, Sink: v, Existing: v, Log: log})
	v.shared = w.Shared
	err = w.Scan(ctx)
	for i, f := range w.Folders() {
		sum.Folders = append(sum.Folders, folder(f, c.Watches[i].Kind, nil))
	}
	if v.ledger != nil {
		if err := addExisting(ctx, v.ledger, c, sum.Folders, map[drop.State]int{}); err != nil {
			return sum, err
		}
	}
	sum.Removed, sum.Renamed = v.removed-v.moved, v.moved
	return sum, errors.Join(err, remote, v.unlisted)
}

type verifier struct {
	config *config.Config
	ledger *ledger.Ledger // nil: there is none yet
	scope  string
	api    *scenario.Client // nil: only disk and ledger are compared
	guard  *guard.API       // of api
	rules  map[string]config.Watch

	unreconciled ledger.UnreconciledList
	sendRules    map[string]uploader.Rule
	catalog      *reconcile.Catalog // nil: Scenario is not asked

	missing map[version]int // imported files that are not where they were

	began  time.Time // of the scan
	shared func(folder string) bool

	mu       sync.Mutex
	removed  int // imported files that are not where they were
	moved    int // of them, those found under another name
	found    func(Verified)
	unlisted error // why files could not be compared with what Scenario lists
}

func (v *verifier) tell(f Verified) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.found(f)
}

// known compares every file that the ledger knows. remote is why Scenario could not be
// asked; what follows is compared without it.
func (v *verifier) known(ctx context.Context) (remote, err error) {
	batch := &remoteBatch{v: v}
	unavailable := watcher.Unavailable(Paths(v.config), answerWithin) // nothing is known of their files but that; the scan says so, once
	for it, err := range v.ledger.Newest(ctx) {
		if err != nil {
			return nil, err
		}
		f := Verified{Path: it.Path, Item: it}
		rule, watched := v.rules[it.Root]
		if watched && unavailable[it.Root] == "" {
			d, differs := onDisk(it, rule)
			if differs && d.Code == DiffMissing && it.Asset != "" {
				differs = false
				v.notedMissing(it)
				f.Removed = true
			}
			if differs {
				f.Differences = append(f.Differences, d)
			}
		}
		if v.api == nil || it.Asset == "" || it.Scope != v.scope {
			v.tell(f)
		} else if err := batch.add(ctx, f); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	err = batch.flush(ctx)
	return batch.err, err
}

// maxMissing bounds what is kept of files that are not where they were, to know them again
// under another name.
const maxMissing = 200_000

// version tells a file again whose name changed, as far as that can be told without reading it.
type version struct{ size, modTime int64 }

// notedMissing counts an imported file that was deleted, moved or renamed since: that is a
// person's right, and nothing is wrong with it.
func (v *verifier) notedMissing(it ledger.Item) {
	v.removed++
	if len(v.missing) < maxMissing {
		v.missing[version{it.Fingerprint.Size, it.Fingerprint.ModTime}]++
	}
}

// renamed reports whether a file that the ledger does not know is one that was imported under
// another name. The next run or pass finds out by its content, and sends nothing.
func (v *verifier) renamed(fp file.Fingerprint) bool {
	key := version{fp.Size, fp.ModTime}
	if v.missing[key] == 0 {
		return false
	}
	v.missing[key]--
	return true
}

// onDisk compares the newest version that the ledger knows of a file with what is there.
func onDisk(it ledger.Item, rule config.Watch) (d Difference, differs bool) {
	fp, _, err := file.Lstat(it.Root, it.Path)
	imported := it.State == drop.Imported
	switch {
	case errors.Is(err, fs.ErrNotExist):
		tidied := imported && rule.AfterUpload != "keep"
		if tidied || !imported && !it.State.Active() {
			return d, false
		}
		return Difference{DiffMissing, status.Words(drop.TextMissing.With()) + " " + status.Sentence(it, time.Now())}, true
	case err != nil:
		return Difference{DiffUnreadable, status.Words(drop.TextCannotStat.With("why", err.Error()))}, true
	case fp.Size != it.Fingerprint.Size || fp.ModTime != it.Fingerprint.ModTime:
		if it.State == drop.Ignored || imported && rule.OnChange == "ignore" {
			return d, false
		}
		return Difference{DiffChanged, status.Words(drop.TextChangedSince.With())}, true
	case imported || it.State == drop.Ignored:
		return d, false
	case it.AfterImport():
		return Difference{DiffUnfinished, status.Sentence(it, time.Now())}, true
	}
	return Difference{DiffNotImported, status.Sentence(it, time.Now())}, true
}

// Known, Ready and Held make a sink of the verifier that finds what the ledger does not
// know.

func (v *verifier) Known(ctx context.Context, dir string) (map[string]file.Fingerprint, error) {
	if v.ledger == nil {
		return nil, nil
	}
	return v.ledger.Known(ctx, dir)
}

// Existing implements watcher.ExistingSink: what was there before, and stays at home, is no difference.
func (v *verifier) Existing(ctx context.Context, found []watcher.Candidate) ([]bool, error) {
	return existingJudge(v.ledger, found[0].Folder, v.shared(found[0].Folder), v.began).Judge(ctx, asFound(found))
}

// ExistingDone implements watcher.ExistingSink.
func (v *verifier) ExistingDone(context.Context, string, string) error { return nil }

func (v *verifier) Ready(ctx context.Context, all []watcher.Candidate) error {
	for _, c := range all {
		d := Difference{DiffUnknown, status.Words(drop.TextNotSeen.With())}
		if err := v.unknown(ctx, c.Path, c.Fingerprint, func() Difference { return v.possibleDuplicate(ctx, c, d) }); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) Held(ctx context.Context, h watcher.Held) error {
	if h.Reason == drop.ReasonGone {
		return nil
	}
	return v.unknown(ctx, h.Path, h.Fingerprint, func() Difference { return Difference{DiffUnknown, status.Words(h.Detail)} })
}

func (v *verifier) unknown(ctx context.Context, path string, fp file.Fingerprint, difference func() Difference) error {
	if v.ledger != nil {
		switch _, err := v.ledger.Find(ctx, path); {
		case err == nil:
			return nil // compared already
		case !errors.Is(err, ledger.ErrNotFound):
			return err
		}
	}
	v.mu.Lock()
	renamed := v.renamed(fp)
	if renamed {
		v.moved++
	}
	v.mu.Unlock()
	f := Verified{Path: path, Renamed: renamed}
	if !renamed {
		f.Differences = []Difference{difference()}
	}
	v.tell(f)
	return nil
}
