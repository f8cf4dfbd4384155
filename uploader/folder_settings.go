package uploader

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// A setting of a folder may be at fault at Scenario: a collection that is not there, an
// asset that is no parent. That is the folder's trouble, told once, and not that of each of its
// files: they wait for it to be mended, in the config or at Scenario, where one short
// request now and then checks it.

// Settings that can be at fault, as the config calls them.
const (
	settingCollectionIDs = "collection_ids"
	settingCollections   = "collections"
	settingSubfolders    = "subfolder_collections"
	settingMaxNew        = "max_new_collections"
	settingParent        = "parent_id"
)

// defaultSettingsEvery is how often a setting at fault is asked for again.
const defaultSettingsEvery = time.Minute

// folderTroubles are the settings at fault. It is safe for concurrent use.
type folderTroubles struct {
	changed chan struct{} // has a token when the settings changed

	mu  sync.Mutex
	all []ledger.FolderTrouble

	saving   sync.Mutex // held while all are written down, so that the latest word is the last
	checking sync.Mutex // held while it is found out what is wrong with a folder's collections
}

func newFolderTroubles() *folderTroubles {
	return &folderTroubles{changed: make(chan struct{}, 1)}
}

// folderRecords are what folders reads and writes down.
type folderRecords interface {
	CollectionID(ctx context.Context, scope, name string) (id string, ok bool, err error)
	RememberCollections(ctx context.Context, scope string, ids map[string]string) error
	ForgetCollection(ctx context.Context, scope, id string) error
	CollectionsMade(ctx context.Context, scope, root string) (n int, err error)
	CollectionMade(ctx context.Context, scope, root, name, id string) error
	FolderTroubles(ctx context.Context) ([]ledger.FolderTrouble, error)
	SetFolderTroubles(ctx context.Context, all []ledger.FolderTrouble) error
	FolderMended(ctx context.Context, root string) error
}

// folders finds the collections that the folders' rules name, and knows which of their settings are at fault.
type folders struct {
	*base
	ledger   folderRecords
	remote   *remote
	names    *collectionNames
	troubles *folderTroubles
	every    time.Duration // see Options.SettingsEvery
	checked  atomic.Bool   // since the start
}

func newFolders(b *base, l folderRecords, r *remote, every time.Duration) *folders {
	if every <= 0 {
		every = defaultSettingsEvery
	}
	return &folders{base: b, ledger: l, remote: r, names: &collectionNames{}, troubles: newFolderTroubles(), every: every}
}

// folderError says that an item waits for its folder's settings.
type folderError struct{ detail drop.Detail }

// Error implements error.
func (e *folderError) Error() string { return e.detail.LogValue().String() }

// waiting returns the folders of which no file is taken up.
func (f *folderTroubles) waiting() (roots []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.all {
		if root := string(t.Root); t.Waits && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

// find returns a trouble of a folder's setting.
func (f *folderTroubles) find(root, setting string) (t ledger.FolderTrouble, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.index(root, setting)
	if i < 0 {
		return t, false
	}
	return f.all[i], true
}

func (f *folderTroubles) index(root, setting string) int {
	return slices.IndexFunc(f.all, func(t ledger.FolderTrouble) bool { return string(t.Root) == root && t.Setting == setting })
}

func (f *folderTroubles) list() []ledger.FolderTrouble {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.all)
}

// FolderTroubles returns what is wrong with the settings of each folder, by its path.
func (u *Uploader) FolderTroubles() map[string]drop.Detail {
	return TroublesByFolder(u.folders.troubles.list())
}

// TroublesByFolder sorts troubles by the paths of their folders.
func TroublesByFolder(all []ledger.FolderTrouble) map[string]drop.Detail {
	by := map[string]drop.Detail{}
	for _, t := range all {
		by[string(t.Root)] = by[string(t.Root)].And(t.Detail)
	}
	return by
}

// WaitingFolders returns the folders whose files wait for their settings.
func (u *Uploader) WaitingFolders() []string { return u.folders.troubles.waiting() }

// folderInTrouble notes a setting at fault, and returns the error with which an item waits
// for it.
func (f *folders) folderInTrouble(ctx context.Context, root string, t ledger.FolderTrouble) error {
	t.Root, t.Since = []byte(root), f.now()
	f.troubles.mu.Lock()
	i := f.troubles.index(root, t.Setting)
	switch {
	case i < 0:
		f.troubles.all = append(f.troubles.all, t)
	case f.troubles.all[i].Value == t.Value && f.troubles.all[i].Detail == t.Detail:
		f.troubles.mu.Unlock()
		return &folderError{t.Detail}
	default:
		t.Since = f.troubles.all[i].Since
		f.troubles.all[i] = t
	}
	f.troubles.mu.Unlock()
	if i < 0 {
		f.logAtFault(t)
	}
	if err := f.saveFolderTroubles(ctx); err != nil {
		return err
	}
	return &folderError{t.Detail}
}

func (f *folders) logAtFault(t ledger.FolderTrouble) {
	root := string(t.Root)
	f.log.Warn("a setting of a folder is at fault", logging.Failure(settingFailure(root, t.Setting)), "folder", root, "setting", t.Setting, "why", t.Detail)
}

func settingFailure(root, setting string) string { return "setting:" + setting + ":" + root }

func (f *folders) saveFolderTroubles(ctx context.Context) error {
	f.troubles.saving.Lock()
	defer f.troubles.saving.Unlock()
	return f.ledger.SetFolderTroubles(ctx, f.troubles.list())
}

// settingMended ends a trouble, and has the folder's files go on.
func (f *folders) settingMended(ctx context.Context, root, setting string) error {
	f.troubles.mu.Lock()
	i := f.troubles.index(root, setting)
	if i < 0 {
		f.troubles.mu.Unlock()
		return nil
	}
	since := f.troubles.all[i].Since
	f.troubles.all = slices.Delete(f.troubles.all, i, i+1)
	f.troubles.mu.Unlock()
	f.log.Info("the folder's setting is in order again", logging.Recovery(settingFailure(root, setting)), "folder", root, "setting", setting,
		"after", f.now().Sub(since).Round(time.Millisecond))
	err := f.saveFolderTroubles(ctx)
	if err == nil {
		err = f.ledger.FolderMended(ctx, root)
	}
	f.wake()
	return err
}

// Begin makes ready what was left when files were last sent. It is called before Run.
func (u *Uploader) Begin(ctx context.Context) error {
	all, err := u.folders.ledger.FolderTroubles(ctx)
	if err != nil {
		return err
	}
	u.folders.troubles.mu.Lock()
	u.folders.troubles.all = all
	u.folders.troubles.mu.Unlock()
	if err := u.folders.dropOldSettings(ctx); err != nil {
		return err
	}
	for _, t := range u.folders.troubles.list() {
		u.folders.logAtFault(t)
	}
	return u.refusals.tryNotAllowed(ctx)
}

// StillSet returns the troubles of settings that rules still have.
func StillSet(all []ledger.FolderTrouble, rules map[string]Rule) (still []ledger.FolderTrouble) {
	for _, t := range all {
		if rule, watched := rules[string(t.Root)]; watched && rule.has(t.Setting, t.Value) {
			still = append(still, t)
		}
	}
	return still
}

// dropOldSettings ends the troubles of settings that the config does not have any more.
// Should what it has now be no better, the next file tells.
func (f *folders) dropOldSettings(ctx context.Context) error {
	for _, t := range f.troubles.list() {
		rule, watched := f.rule(string(t.Root))
		if !watched || !rule.has(t.Setting, t.Value) {
			if err := f.settingMended(ctx, string(t.Root), t.Setting); err != nil {
				return err
			}
		}
	}
	return nil
}

// has reports whether a rule still has the value of a setting.
func (r Rule) has(setting, value string) bool {
	switch setting {
	case settingCollectionIDs:
		return slices.Contains(r.CollectionIDs, value)
	case settingCollections:
		return slices.Contains(r.Collections, value)
	case settingSubfolders:
		return r.SubfolderCollections
	case settingMaxNew:
		return r.SubfolderCollections && strconv.Itoa(r.MaxNewCollections) == value
	case settingParent:
		return r.ParentID == value
	}
	return false
}

// checkSettings checks now and then, and when the config changed, whether the settings at
// fault are in order again.
func (f *folders) checkSettings(ctx context.Context) error {
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	for {
		err := f.dropOldSettings(ctx)
		for _, t := range f.troubles.list() {
			if err == nil {
				err = f.checkSetting(ctx, t)
			}
		}
		if err != nil && ctx.Err() == nil {
			f.written.failed(err)
		}
		f.checked.Store(true)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-f.troubles.changed:
		}
	}
}

// SettingsChecked reports whether the settings that were at fault at the start have been
// asked for.
func (u *Uploader) SettingsChecked() bool { return u.folders.checked.Load() }

// checkSettingsNow has the settings at fault asked for at once.
func (f *folders) checkSettingsNow() {
	select {
	case f.troubles.changed <- struct{}{}:
	default:
	}
}

// checkSetting ends a trouble if Scenario has, or takes, the setting's value now. Its error
// is the ledger's.
func (f *folders) checkSetting(ctx context.Context, t ledger.FolderTrouble) error {
	root, there := string(t.Root), false
	rule, _ := f.rule(root)
	switch t.Setting {
	case settingCollectionIDs:
		there = f.remote.ask(ctx, func(ctx context.Context) error {
			_, err := f.remote.client.GetCollection(ctx, t.Value)
			return err
		}) == nil
	case settingParent:
		gone, err := f.remote.assetGone(ctx, t.Value)
		there = t.Gone && err == nil && !gone
	case settingCollections:
		_, err := f.collectionID(ctx, collectionName(t.Value), nil)
		there = err == nil
	case settingSubfolders:
		_, err := f.subfolderCollection(ctx, rule, t.Value)
		there = err == nil
	case settingMaxNew:
		_, err := f.subfolderCollection(ctx, rule, t.Name)
		there = err == nil
	}
	if !there {
		return nil
	}
	return f.settingMended(ctx, root, t.Setting)
}

// collectionMissing is the trouble of a folder that names a collection which is not there.
func (f *folders) collectionMissing(ctx context.Context, j *job, id string) error {
	return f.folderInTrouble(ctx, j.it.Root, ledger.FolderTrouble{Setting: settingCollectionIDs, Value: id, Waits: true, Gone: true,
		Detail: drop.TextNoSuchCollection.With("collection", id, "folder", j.it.Root, "project", f.project())})
}

// project is the one that the config names; "": that of the API key.
func (b *base) project() string {
	_, project, _ := strings.Cut(b.scope, "#")
	return project
}

// refusedParent notes that Scenario does not take what parent_id of the config names.
func (f *folders) refusedParent(ctx context.Context, j *job, no error) error {
	gone, err := f.remote.assetGone(ctx, j.rule.ParentID)
	if err != nil {
		gone = false
	}
	err = f.folderInTrouble(ctx, j.it.Root, ledger.FolderTrouble{Setting: settingParent, Value: j.rule.ParentID, Gone: gone,
		Detail: drop.TextNoSuchParent.With("parent", j.rule.ParentID, "folder", j.it.Root, "words", words(no))})
	if errors.As(err, new(*folderError)) {
		return nil // they do not wait
	}
	return err
}

// words are Scenario's own, of an error.
func words(err error) string {
	e, ok := errors.AsType[*scenario.Error](err)
	switch {
	case !ok:
		return err.Error()
	case e.Message != "":
		return strings.TrimSuffix(e.Message, ".")
	case e.Class == scenario.NotFound:
		return "it does not exist"
	}
	return "it does not say why"
}
