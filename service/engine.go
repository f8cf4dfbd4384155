package service

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/scenario"
	"scenario-drop/uploader"
	"scenario-drop/watcher"
)

// engine is what works by one version of the config: a watcher and an uploader over
// one ledger. An edit of the config makes a new one.
type engine struct {
	config   *config.Config
	ledger   *ledger.Ledger
	watcher  *watcher.Watcher
	uploader *uploader.Uploader
	scans    *scanMemory
	api      *scenario.Client
	storage  *scenario.Storage
	log      *slog.Logger
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
	api, err := NewClient(c, log)
	if err != nil {
		return nil, err
	}
	storage := scenario.NewStorage(scenario.StorageOptions{Connections: config.MaxConnections, Public: api.Public(), Log: log})
	var w *watcher.Watcher // neither runs before both are made
	u := uploader.New(uploader.Options{
		Ledger: l, API: api, Storage: storage, Scope: Scope(c), Settings: settings(c),
		LookAgain: func(root, path string) { w.Look(root, path) },
		Log:       log,
	})
	scans := newScanMemory(l, func() []watcher.FolderStatus { return w.Folders() }, log)
	w = watcher.New(watcher.Options{Folders: Folders(c), Sink: newSink(c, l, u.Wake, log), Scanned: scans.scanned, Log: log})
	return &engine{config: c, ledger: l, watcher: w, uploader: u, scans: scans, api: api, storage: storage, log: log}, nil
}

// NewClient returns a client for the config's API.
func NewClient(c *config.Config, log *slog.Logger) (*scenario.Client, error) {
	return scenario.New(scenario.Options{BaseURL: c.Scenario.BaseURL, Key: c.Scenario.Credentials.Key, Secret: c.Scenario.Credentials.Secret,
		ProjectID: c.Scenario.ProjectID, Log: log})
}

// Run works until ctx ends. Claims that an earlier engine or process left are let go
// first: the lock says that nobody else works on this ledger.
func (e *engine) Run(ctx context.Context) error {
	if err := e.begin(ctx); err != nil {
		return err
	}
	defer e.close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return e.uploader.Run(ctx) })
	g.Go(func() error { return e.scans.Run(ctx) })
	g.Go(func() error {
		err := e.watcher.Run(ctx)
		if silent, ok := errors.AsType[*watcher.SilentError](err); ok {
			// Whoever asked for the end, or for a new engine, need not wait for them.
			e.log.Warn("folders that hang were left behind", "folders", silent.Folders, "why", silent)
			return nil
		}
		return err
	})
	return g.Wait()
}

// begin makes what an earlier engine or process left ready to be gone on with.
func (e *engine) begin(ctx context.Context) error {
	if err := e.ledger.ReleaseAll(ctx); err != nil {
		return err
	}
	return e.uploader.TryNotAllowed(ctx)
}

// trouble says why nothing can be done at the moment; "" when something can.
func (e *engine) trouble() string {
	if t, ok := e.ledger.Trouble(); ok {
		return t.String()
	}
	if c, ok := e.uploader.Trouble(); ok {
		return c.String()
	}
	return ""
}

func (e *engine) close() {
	e.api.CloseIdleConnections()
	e.storage.CloseIdleConnections()
}

func newSink(c *config.Config, l *ledger.Ledger, wake func(), log *slog.Logger) *sink {
	s := &sink{ledger: l, rules: map[string]config.Watch{}, wake: wake, log: log}
	for _, w := range c.Watches {
		s.rules[w.Path] = w
	}
	return s
}

// Folders returns what the watcher is to know of the config's folders.
func Folders(c *config.Config) []watcher.Folder {
	var all []watcher.Folder
	for _, w := range c.Watches {
		f := watcher.Folder{Path: w.Path, Recursive: w.Recursive, Include: w.Include, Exclude: w.Exclude,
			Settle: w.Settle, SettleAuto: w.SettleAuto, Poll: pollMode(w.Poll), Rescan: w.Rescan}
		for _, other := range c.Watches {
			if other.AfterUpload == "move" {
				f.Skip = append(f.Skip, other.MoveTo)
			}
		}
		all = append(all, f)
	}
	return all
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
		Bandwidth: func(t time.Time) uploader.Limit { return uploader.Limit(c.Upload.Bandwidth.At(t)) },
		Direct:    c.Upload.SmallImages == "direct",
	}
}

func rules(c *config.Config) map[string]uploader.Rule {
	all := map[string]uploader.Rule{}
	for _, w := range c.Watches {
		all[w.Path] = uploader.Rule{Root: w.Path, Kind: w.Kind, CollectionIDs: w.CollectionIDs, Collections: w.Collections,
			SubfolderCollections: w.SubfolderCollections, Hide: w.Hide, ParentID: w.ParentID, Versions: w.OnChange == "version",
			After: after(w.AfterUpload), MoveTo: w.MoveTo}
	}
	return all
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
