package uploader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
)

// A setting of a folder may be at fault at Scenario: a collection that is not there, an
// asset that is no parent. That is the folder's trouble, told once, and not that of each of its
// files: they wait for it to be mended, in the config or at Scenario, where one short
// request now and then looks for it.

// Settings that can be at fault, as the config calls them.
const (
	settingCollectionIDs = "collection_ids"
	settingCollections   = "collections"
	settingSubfolders    = "subfolder_collections"
	settingMostNew       = "max_new_collections"
	settingParent        = "parent_id"
)

// defaultSettingsEvery is how often a setting at fault is asked for again.
const defaultSettingsEvery = time.Minute

// folderTroubles are the settings at fault. It is safe for concurrent use.
type folderTroubles struct {
	changed chan struct{} // has a token when the settings changed

	mu  sync.Mutex
	all []ledger.FolderTrouble

	saving  sync.Mutex // held while all are written down, so that the latest word is the last
	looking sync.Mutex // held while it is found out what is wrong with a folder's collections
}

func newFolderTroubles() *folderTroubles {
	return &folderTroubles{changed: make(chan struct{}, 1)}
}

// folderError says that an item waits for its folder's settings.
type folderError struct{ sentence string }

// Error is a sentence for people.
func (e *folderError) Error() string { return e.sentence }

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
func (u *Uploader) FolderTroubles() map[string][]string { return TroublesByFolder(u.folders.list()) }

// TroublesByFolder sorts troubles by the paths of their folders.
func TroublesByFolder(all []ledger.FolderTrouble) map[string][]string {
	by := map[string][]string{}
	for _, t := range all {
		by[string(t.Root)] = append(by[string(t.Root)], t.Sentence)
	}
	return by
}

// leftOut returns the folders of which nothing is taken up that needs their files.
func (u *Uploader) leftOut() []string { return append(u.disk.Busy(), u.folders.waiting()...) }

// WaitingFolders returns the folders whose files wait for their settings.
func (u *Uploader) WaitingFolders() []string { return u.folders.waiting() }

// folderInTrouble notes a setting at fault, and returns the error with which an item waits
// for it.
func (u *Uploader) folderInTrouble(ctx context.Context, root string, t ledger.FolderTrouble) error {
	t.Root, t.Since = []byte(root), u.Now()
	u.folders.mu.Lock()
	i := u.folders.index(root, t.Setting)
	switch {
	case i < 0:
		u.folders.all = append(u.folders.all, t)
	case u.folders.all[i].Value == t.Value && u.folders.all[i].Sentence == t.Sentence:
		u.folders.mu.Unlock()
		return &folderError{t.Sentence}
	default:
		t.Since = u.folders.all[i].Since
		u.folders.all[i] = t
	}
	u.folders.mu.Unlock()
	if i < 0 {
		u.logAtFault(t)
	}
	if err := u.saveFolderTroubles(ctx); err != nil {
		return err
	}
	return &folderError{t.Sentence}
}

func (u *Uploader) logAtFault(t ledger.FolderTrouble) {
	root := string(t.Root)
	u.Log.Warn("a setting of a folder is at fault", logging.Failure(settingFailure(root, t.Setting)), "folder", root, "setting", t.Setting, "why", t.Sentence)
}

func settingFailure(root, setting string) string { return "setting:" + setting + ":" + root }

func (u *Uploader) saveFolderTroubles(ctx context.Context) error {
	u.folders.saving.Lock()
	defer u.folders.saving.Unlock()
	return u.Ledger.SetFolderTroubles(ctx, u.folders.list())
}

// settingMended ends a trouble, and has the folder's files go on.
func (u *Uploader) settingMended(ctx context.Context, root, setting string) error {
	u.folders.mu.Lock()
	i := u.folders.index(root, setting)
	if i < 0 {
		u.folders.mu.Unlock()
		return nil
	}
	since := u.folders.all[i].Since
	u.folders.all = slices.Delete(u.folders.all, i, i+1)
	u.folders.mu.Unlock()
	u.Log.Info("the folder's setting is in order again", logging.Recovery(settingFailure(root, setting)), "folder", root, "setting", setting,
		"after", u.Now().Sub(since).Round(time.Millisecond))
	err := u.saveFolderTroubles(ctx)
	if err == nil {
		err = u.Ledger.FolderMended(ctx, root)
	}
	u.Wake()
	return err
}

// Begin makes ready what was left when files were last sent. It is called before Run.
func (u *Uploader) Begin(ctx context.Context) error {
	all, err := u.Ledger.FolderTroubles(ctx)
	if err != nil {
		return err
	}
	u.folders.mu.Lock()
	u.folders.all = all
	u.folders.mu.Unlock()
	if err := u.dropOldSettings(ctx); err != nil {
		return err
	}
	for _, t := range u.folders.list() {
		u.logAtFault(t)
	}
	return u.TryNotAllowed(ctx)
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
func (u *Uploader) dropOldSettings(ctx context.Context) error {
	for _, t := range u.folders.list() {
		rule, watched := u.rule(string(t.Root))
		if !watched || !rule.has(t.Setting, t.Value) {
			if err := u.settingMended(ctx, string(t.Root), t.Setting); err != nil {
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
	case settingMostNew:
		return r.SubfolderCollections && strconv.Itoa(r.MaxNewCollections) == value
	case settingParent:
		return r.ParentID == value
	}
	return false
}

// checkSettings looks now and then, and when the config changed, whether the settings at
// fault are in order again.
func (u *Uploader) checkSettings(ctx context.Context) error {
	tick := time.NewTicker(u.SettingsEvery)
	defer tick.Stop()
	for {
		err := u.dropOldSettings(ctx)
		for _, t := range u.folders.list() {
			if err == nil {
				err = u.checkSetting(ctx, t)
			}
		}
		if err != nil && ctx.Err() == nil {
			u.written.failed(err)
		}
		u.settingsChecked.Store(true)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-u.folders.changed:
		}
	}
}

// SettingsChecked reports whether the settings that were at fault at the start have been
// asked for.
func (u *Uploader) SettingsChecked() bool { return u.settingsChecked.Load() }

// checkSettingsNow has the settings at fault asked for at once.
func (u *Uploader) checkSettingsNow() {
	select {
	case u.folders.changed <- struct{}{}:
	default:
	}
}

// checkSetting ends a trouble if Scenario has, or takes, the setting's value now. Its error
// is the ledger's.
func (u *Uploader) checkSetting(ctx context.Context, t ledger.FolderTrouble) error {
	root, there := string(t.Root), false
	rule, _ := u.rule(root)
	switch t.Setting {
	case settingCollectionIDs:
		there = u.ask(ctx, func(ctx context.Context) error {
			_, err := u.API.GetCollection(ctx, t.Value)
			return err
		}) == nil
	case settingParent:
		gone, err := u.assetGone(ctx, t.Value)
		there = t.Gone && err == nil && !gone
	case settingCollections:
		_, err := u.collectionID(ctx, collectionName(t.Value), nil)
		there = err == nil
	case settingSubfolders:
		_, err := u.subfolderCollection(ctx, rule, t.Value)
		there = err == nil
	case settingMostNew:
		_, err := u.subfolderCollection(ctx, rule, t.Name)
		there = err == nil
	}
	if !there {
		return nil
	}
	return u.settingMended(ctx, root, t.Setting)
}

// assetGone asks whether an asset is not at Scenario any more.
func (u *Uploader) assetGone(ctx context.Context, id string) (gone bool, err error) {
	err = u.ask(ctx, func(ctx context.Context) error {
		a, err := u.API.GetAsset(ctx, id)
		gone = err == nil && !a.DeletedAt.IsZero()
		return err
	})
	if scenario.ClassOf(err) == scenario.NotFound {
		return true, nil
	}
	return gone, err
}

// collectionMissing is the trouble of a folder that names a collection which is not there.
func (w *worker) collectionMissing(ctx context.Context, id string) error {
	return w.folderInTrouble(ctx, w.it.Root, ledger.FolderTrouble{Setting: settingCollectionIDs, Value: id, Waits: true, Gone: true,
		Sentence: fmt.Sprintf("The collection %s, which collection_ids names for the folder %s, does not exist in %s. Correct collection_ids (or project_id) in the config. The folder's files wait, and are sent automatically after that.",
			id, w.it.Root, w.projectText())})
}

func (u *Uploader) projectText() string {
	if _, project, _ := strings.Cut(u.Scope, "#"); project != "" {
		return "the project " + project
	}
	return "the project of the API key"
}

// refusedParent notes that Scenario does not take what parent_id of the config names.
func (w *worker) refusedParent(ctx context.Context, no error) error {
	gone, err := w.assetGone(ctx, w.rule.ParentID)
	if err != nil {
		gone = false
	}
	err = w.folderInTrouble(ctx, w.it.Root, ledger.FolderTrouble{Setting: settingParent, Value: w.rule.ParentID, Gone: gone,
		Sentence: fmt.Sprintf("Scenario does not take the asset %s, which parent_id names for the folder %s, as a parent: %s. Its files are sent without a parent until parent_id is corrected in the config.",
			w.rule.ParentID, w.it.Root, words(no))})
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
