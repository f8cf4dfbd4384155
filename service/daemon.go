// Package service puts the parts together: the daemon with its lock, ledger, watcher,
// uploader and status server, and the single pass of `once`.
package service

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/events"
	"scenario-drop/ledger"
	"scenario-drop/status"
)

// LedgerPath returns where the ledger of a data directory is.
func LedgerPath(dataDir string) string { return filepath.Join(dataDir, "ledger.db") }

// Options are what a Daemon works with.
type Options struct {
	Config   *config.Config
	Doing    string // the command, for whoever finds the lock held
	Version  string
	Log      *slog.Logger
	SetLevel func(slog.Level) // told when an edit of the config changes the log level; nil: not told
	Ready    func()           // called once everything runs; nil: not told
	Reload   <-chan struct{}  // orders to read the config again, whether or not it changed; nil: none
}

// Daemon is the whole product at work: it owns the lock of its data directory until
// Close. Its methods are safe for concurrent use.
type Daemon struct {
	Options
	lock    *lock
	ledger  *ledger.Ledger
	events  *events.Hub
	server  *status.Server
	started time.Time

	engine *engine

	asked chan struct{} // holds one: something was asked of all files

	mu          sync.Mutex
	configError string
	next        *lock // of the data directory that the config names now; nil: its own
}

// Open takes the lock of the config's data directory, opens the ledger there and
// listens for control. It starts nothing. It fails with a *LockedError when another
// process works there.
func Open(ctx context.Context, o Options) (*Daemon, error) {
	if err := CheckPlace(o.Config); err != nil {
		return nil, err
	}
	l, err := lockDir(o.Config.DataDir, o.Doing)
	if err != nil {
		return nil, err
	}
	d := &Daemon{Options: o, lock: l, events: events.New(events.Kept, nil), started: time.Now(), asked: make(chan struct{}, 1)}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Daemon) open(ctx context.Context) (err error) {
	if d.ledger, err = openLedger(ctx, d.Config.DataDir, d.Log, ledger.PublishTo(d.events.Publish)); err != nil {
		return err
	}
	if d.engine, err = newEngine(d.Config, d.ledger, d.Log); err != nil {
		return err
	}
	access, err := pageAccess(d.Config)
	if err != nil {
		return err
	}
	d.server, err = status.NewServer(status.Options{Daemon: d, Events: d.events, DataDir: d.Config.DataDir, Listen: d.Config.Status.Listen, Access: access, Log: d.Log})
	return err
}

// Page returns the address that opens the status page; "" when it is off.
func (d *Daemon) Page() string { return d.server.Address() }

// Close gives up what Open took. Run must have returned.
func (d *Daemon) Close() error {
	var err error
	if d.ledger != nil {
		err = d.ledger.Close()
	}
	d.mu.Lock()
	d.releaseNext()
	d.mu.Unlock()
	return errors.Join(err, d.lock.release())
}

// Run works until ctx ends. Everything that is under way then is left so that the next
// run goes on from there. It ends by itself, with a *ledger.DamagedError, when the ledger
// turns out to be damaged: the next Open puts a sound one in its place.
func (d *Daemon) Run(ctx context.Context) error {
	outer := ctx
	if err := d.restorePause(ctx); err != nil && !stopped(outer, err) {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.server.Run(ctx) })
	g.Go(func() error { return d.engine.Run(ctx) })
	g.Go(func() error { return newObserver(d.events, d.engine).Run(ctx) })
	g.Go(func() error { return newMaintenance(d.ledger, d.Log).Run(ctx) })
	g.Go(func() error { return d.doAsked(ctx) })
	g.Go(func() error { return watchDescriptors(ctx, d.Log) })
	if d.Config.File != "" {
		g.Go(func() error {
			return config.Loader{Reload: d.Reload}.Follow(ctx, d.Config, func(c *config.Config, err error) { d.edited(ctx, c, err) })
		})
	}
	d.Log.Info("scenario-drop runs", "version", d.Version, "config", d.Config.File, "data", d.Config.DataDir, "folders", len(d.Config.Watches))
	if d.Ready != nil {
		d.Ready()
	}
	err := g.Wait()
	if stopped(outer, err) {
		err = nil
	}
	if err == nil {
		d.Log.Info("scenario-drop ends; what is being done resumes with the next start")
	}
	return err
}

// edited puts the edited config in force, as far as it means anything else than the one
// before; or says what is wrong with it, which leaves that one in force.
func (d *Daemon) edited(ctx context.Context, c *config.Config, err error) {
	if err != nil {
		d.refuse(err)
		return
	}
	ch := diff(d.engine.inForce(), c)
	if err := d.changePage(c); err != nil {
		d.refuse(err)
		return
	}
	if err := d.engine.apply(ctx, c, ch); err != nil {
		d.refuse(err)
		return
	}
	d.configRead("")
	d.keepNext(c.DataDir)
	if ch.level && d.SetLevel != nil {
		d.SetLevel(c.Log.Level)
	}
	if len(ch.later) > 0 {
		d.Log.Warn("a part of the edited config takes effect with the next start", "what", strings.Join(ch.later, ", "))
	}
	if !ch.any() {
		d.Log.Info("the config was read again; it means what it meant before", "config", c.File)
		return
	}
	d.Log.Info("the edited config is in force", "config", c.File, "folders", len(c.Watches))
}

func (d *Daemon) refuse(err error) {
	d.Log.Error("the edited config has problems and is not taken; the one before stays in force", "failure", "config", "problems", err)
	d.configRead(err.Error())
}

// configRead keeps what is wrong with the newest edit of the config; "": nothing.
func (d *Daemon) configRead(problems string) {
	d.mu.Lock()
	d.configError = problems
	d.mu.Unlock()
	d.events.Publish(drop.ConfigRead{Problems: problems})
}

// stopped reports whether an error is no more than the end of ctx.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
