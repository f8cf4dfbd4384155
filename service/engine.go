package service

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"scenario-drop/config"
	"scenario-drop/file"
	"scenario-drop/ledger"
	"scenario-drop/logging"
	"scenario-drop/scenario"
	"scenario-drop/status"
	"scenario-drop/uploader"
	"scenario-drop/uploader/guard"
	"scenario-drop/watcher"
)

// engine is what works by the config in force: a watcher and an uploader over one ledger.
// An edit of the config changes what it changes of them; see apply.
type engine struct {
	ledger  *ledger.Ledger
	watcher *watcher.Watcher
	sink    *sink
	scans   *scanMemory
	pins    *file.Pins
	log     *slog.Logger
	other   chan struct{} // holds one: the uploader is another now
	idle    func()        // see uploader.Options; set before Run, or nil

	mu         sync.Mutex // guards what an edit replaces
	config     *config.Config
	uploader   *uploader.Uploader
	api        *scenario.Client
	storage    *scenario.Storage
	sentBefore int64 // bytes, by the uploaders before
}

// Scope names the API host and project of a config in the ledger: contents are known
// under it, and an asset of one project is none of another.
func Scope(c *config.Config) string {
	if c.Scenario.Account != "" {
		return c.Scenario.Account
	}
	return strings.TrimRight(c.Scenario.BaseURL, "/") + "#" + c.Scenario.ProjectID
}

func newEngine(c *config.Config, l *ledger.Ledger, log *slog.Logger) (*engine, error) {
	e := &engine{ledger: l, log: log, pins: file.NewPins(config.RunsAsSystem(), nil), other: make(chan struct{}, 1), config: c}
	var err error
	if e.uploader, e.api, e.storage, err = e.newUploader(c); err != nil {
		return nil, err
	}
	e.sink = newSink(c, l, func() { e.sender().Wake() }, func(folder string) bool { return e.watcher.Shared(folder) }, log)
	e.scans = newScanMemory(l, func() []watcher.FolderStatus { return e.watcher.Folders() }, log)
	folders, err := FoldersKnown(context.Background(), c, l)
	if err != nil {
		return nil, err
	}
	e.watcher = watcher.New(watcher.Options{Folders: folders, Sink: e.sink, Existing: e.sink, Scanned: e.scans.scanned, Pins: e.pins, Log: log})
	return e, nil
}

// newUploader makes what sends by a config.
func (e *engine) newUploader(c *config.Config) (*uploader.Uploader, *scenario.Client, *scenario.Storage, error) {
	api, err := NewClient(c, e.log)
	if err != nil {
		return nil, nil, nil, err
	}
	storage := scenario.NewStorage(scenario.StorageOptions{Connections: config.MaxConnections, Public: api.Public(), Log: e.log})
	return uploader.New(e.uploaderOptions(c, api, storage)), api, storage, nil
}

func (e *engine) uploaderOptions(c *config.Config, api *scenario.Client, storage *scenario.Storage) uploader.Options {
	return uploader.Options{
		Ledger: e.ledger, API: api, Storage: storage, Scope: Scope(c), Settings: settings(c),
		Recheck:  func(root, path string) { e.watcher.Check(root, path) },
		Complete: watcher.Complete,
		Shared:   func(root string) bool { return e.watcher.Shared(root) },
		Pins:     e.pins,
		Idle: func() {
			if e.idle != nil {
				e.idle()
			}
		},
		Log: e.log,
	}
}

// NewClient returns a client for the config's API.
func NewClient(c *config.Config, log *slog.Logger) (*scenario.Client, error) {
	return scenario.New(scenario.Options{BaseURL: c.Scenario.BaseURL, Key: c.Scenario.Credentials.Key, Secret: c.Scenario.Credentials.Secret,
		ProjectID: c.Scenario.ProjectID, Log: log})
}

// Run works until ctx ends.
func (e *engine) Run(ctx context.Context) error {
	if err := takeUpExisting(ctx, e.ledger, e.inForce()); err != nil && ctx.Err() == nil {
		e.log.Warn("since when files are sent could not be written down; it is tried again before any is", logging.Failure("existing"), "why", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return e.send(ctx) })
	g.Go(func() error { return e.scans.Run(ctx) })
	g.Go(func() error { return e.settleGap(ctx) })
	g.Go(func() error { return newResolver(e.ledger, e.watcher, e.log).Run(ctx) })
	g.Go(func() error {
		err := e.watcher.Run(ctx)
		if unresponsive, ok := errors.AsType[*watcher.UnresponsiveError](err); ok {
			// Whoever asked for the end need not wait for them.
			e.log.Warn("folders that hang were left behind", "folders", unresponsive.Folders, "why", unresponsive)
			return nil
		}
		return err
	})
	return g.Wait()
}

// begin makes what an earlier uploader or process left ready to be gone on with: claims are let
// go, for the lock says that nobody else works on this ledger.
func (e *engine) begin(ctx context.Context, u *uploader.Uploader) error {
	e.watcher.InspectFolders(answerWithin) // else what waits from before could go without being compared
	if err := e.ledger.ReleaseAll(ctx); err != nil {
		return err
	}
	if _, err := recheckKinds(ctx, e.inForce(), e.ledger); err != nil {
		return err
	}
	if err := e.limitVersionWaits(ctx, e.inForce()); err != nil {
		return err
	}
	return u.Begin(ctx)
}

// send runs the uploader, and after an edit of [scenario] the one in its place.
func (e *engine) send(ctx context.Context) error {
	for ctx.Err() == nil {
		u, api, storage := e.newest()
		if err := e.begin(ctx, u); err != nil {
			return err
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- u.Run(running) }()
		var err error
		replaced := false
		select {
		case <-e.other:
			replaced = true
			stop()
			err = <-ended
		case err = <-ended:
			stop()
		}
		api.CloseIdleConnections()
		storage.CloseIdleConnections()
		if err != nil || !replaced {
			return err
		}
	}
	return ctx.Err()
}

// newest is the uploader to run now. What was said of an edit up to here is about it: it must not
// end it again, as where two edits came while the one before was ending.
func (e *engine) newest() (*uploader.Uploader, *scenario.Client, *scenario.Storage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case <-e.other:
	default:
	}
	return e.uploader, e.api, e.storage
}

// apply puts another config in force, of which ch tells how it differs. It fails, with
// nothing changed, if no client can be made by it.
func (e *engine) apply(ctx context.Context, c *config.Config, ch changes) error {
	folders, err := FoldersKnown(ctx, c, e.ledger)
	if err != nil {
		return err
	}
	var other newClient
	if ch.account {
		if other.uploader, other.api, other.storage, err = e.newUploader(c); err != nil {
			return err
		}
	}
	// First, so that no scan by the rules of before notes what a folder does not skip any more.
	e.sink.setRules(c)
	if err := takeUpExisting(ctx, e.ledger, c); err != nil {
		e.sink.setRules(e.inForce())
		return err
	}
	if ch.account {
		e.replaceUploader(other)
	} else if ch.settings {
		e.sender().SetSettings(settings(c))
	}
	e.mu.Lock()
	e.config = c
	e.mu.Unlock()
	if ch.settings {
		if err := e.limitVersionWaits(ctx, c); err != nil && ctx.Err() == nil {
			e.log.Warn("versions that wait for version_interval keep the time that they had", "why", err)
		}
	}
	if ch.folders {
		e.watcher.SetFolders(folders)
	}
	for _, path := range ch.rescan {
		e.watcher.RescanFolder(path)
	}
	if n, err := recheckKinds(ctx, c, e.ledger); err != nil && ctx.Err() == nil {
		e.log.Warn("files that were held or ignored for what they are could not be judged again; that is done with the next start", "why", err)
	} else if n > 0 {
		e.sender().Wake()
	}
	if err := e.sender().TryNotAllowed(ctx); err != nil && ctx.Err() == nil {
		e.log.Debug("what Scenario did not allow is tried later", "why", err)
	}
	return nil
}

// newClient is what talks to Scenario by another config.
type newClient struct {
	uploader *uploader.Uploader
	api      *scenario.Client
	storage  *scenario.Storage
}

func (e *engine) replaceUploader(n newClient) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if until, paused := e.uploader.Paused(); paused {
		n.uploader.Pause(until)
	}
	e.sentBefore += e.uploader.BytesSent()
	e.uploader, e.api, e.storage = n.uploader, n.api, n.storage
	select {
	case e.other <- struct{}{}:
	default: // the one before has not begun, and will not
	}
}

// rescan scans the folders that paths lie in, or all of them if there are none.
func (e *engine) rescan(paths []string) {
	if len(paths) == 0 {
		e.watcher.Rescan()
		return
	}
	folders := map[string]bool{}
	for _, path := range paths {
		innermost := ""
		for _, w := range e.inForce().Watches {
			if below(path, w.Path) && len(w.Path) > len(innermost) {
				innermost = w.Path
			}
		}
		folders[innermost] = true
	}
	for folder := range folders {
		e.watcher.RescanFolder(folder)
	}
}

// sender is the uploader of now.
func (e *engine) sender() *uploader.Uploader {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.uploader
}

// inForce is the config of now.
func (e *engine) inForce() *config.Config {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.config
}

// bytesSent is how many bytes of parts have left since the start.
func (e *engine) bytesSent() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sentBefore + e.uploader.BytesSent()
}

// pause and resume hold for the uploader of now, and go over to the next.
func (e *engine) pause(until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.uploader.Pause(until)
}

func (e *engine) resume() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.uploader.Resume()
}

// trouble says why nothing can be done at the moment; "" when something can.
func (e *engine) trouble() string {
	if t, ok := e.ledger.Trouble(); ok {
		return status.Words(t.Detail())
	}
	if c, ok := e.sender().Trouble(); ok {
		return status.Words(c.Detail())
	}
	return ""
}

// close is for an engine whose Run was not called.
func (e *engine) close() {
	e.api.CloseIdleConnections()
	e.storage.CloseIdleConnections()
}

// Folders returns what the watcher is to know of the config's folders.
//
// movedInto are directories that files were moved into under earlier configs. What lies
// there is nobody's new work, unless a watch folder is set there.
func Folders(c *config.Config, movedInto []string) []watcher.Folder {
	var all []watcher.Folder
	for _, w := range c.Watches {
		f := watcher.Folder{Path: w.Path, Recursive: w.Recursive, Include: w.Include, Exclude: w.Exclude, AssetsOnly: w.Kind == "auto",
			Settle: w.Settle, SettleAuto: w.SettleAuto, Removed: w.AfterUpload != "keep", Poll: pollMode(w.Poll), Rescan: w.Rescan}
		for _, other := range c.Watches {
			if other.AfterUpload == "move" && below(other.MoveTo, w.Path) {
				f.Skip = append(f.Skip, other.MoveTo)
			}
		}
		for _, dir := range movedInto {
			if below(dir, w.Path) && !slices.Contains(f.Skip, dir) {
				f.Skip = append(f.Skip, dir)
			}
		}
		if w.Existing == skipExisting {
			f.Existing = existingRules(f, c)
		}
		all = append(all, f)
	}
	return all
}

// below reports whether a path may lie in a folder, by their spelling: a folder that does not
// concern another must not have it watched again.
func below(path, folder string) bool {
	key := func(s string) string { return strings.ToLower(norm.NFC.String(s)) } // not all filesystems tell them apart
	rel, err := filepath.Rel(key(folder), key(path))
	return err == nil && filepath.IsLocal(rel)
}

func pollMode(poll string) watcher.PollMode {
	switch poll {
	case "always":
		return watcher.PollAlways
	case "never":
		return watcher.PollNever
	}
	return watcher.PollAuto
}

// settings are what the uploader is to know of a config.
func settings(c *config.Config) uploader.Settings {
	return uploader.Settings{
		Rules: rules(c), FilesAtOnce: c.Upload.FilesAtOnce, Connections: c.Upload.Connections, PartSize: c.Upload.PartSize,
		Bandwidth: func(t time.Time) guard.Limit { return guard.Limit(c.Upload.Bandwidth.At(t)) },
	}
}

func rules(c *config.Config) map[string]uploader.Rule {
	all := map[string]uploader.Rule{}
	for _, w := range c.Watches {
		all[w.Path] = uploader.Rule{Root: w.Path, Kind: w.Kind, SendOthers: w.OtherKinds == "send", Included: includeNames(w), CollectionIDs: w.CollectionIDs, Collections: w.Collections,
			SubfolderCollections: w.SubfolderCollections, Tags: w.Tags, MaxNewCollections: w.MaxNewCollections, Hide: w.Hide, ParentID: w.ParentID, Versions: w.OnChange == "version",
			After: after(w.AfterUpload), MoveTo: w.MoveTo}
	}
	return all
}

// includeNames tells which files of a folder its include patterns name.
func includeNames(w config.Watch) func(path string) bool {
	return watcher.IncludeNames(watcher.Folder{Path: w.Path, Include: w.Include})
}

func after(what string) uploader.After {
	switch what {
	case "move":
		return uploader.Move
	case "trash":
		return uploader.Trash
	}
	return uploader.Keep
}
