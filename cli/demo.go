package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/samples"
	"scenario-drop/service"
	"scenario-drop/standin"
)

// demoFolders are the folders of the demo by the kind of their files; each is a
// collection, too.
var demoFolders = []struct{ name, kind string }{
	{"Images", "image"}, {"Models 3D", "3d"}, {"Audio", "audio"}, {"Video", "video"}, {"Models", "model"},
}

func (a *app) demoCommand() *cobra.Command {
	d := demo{app: a}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try it now: no account and no settings needed",
		Long:  "Run the whole product against a stand-in for Scenario on this computer. A few sample files go through; then drop files of your own into the folder it names. Ctrl-C ends it.",
		Args:  noArguments,
		RunE:  a.does(func(ctx context.Context, _ []string) error { return d.run(ctx) }),
	}
	cmd.Flags().StringVar(&d.dir, "dir", "", "use this `folder` and keep what is in it afterwards (default: a temporary one)")
	completeDirectory(cmd, "dir")
	cmd.Flags().BoolVar(&d.samplesOnly, "exit-after-samples", false, "end once the samples are imported")
	if err := cmd.Flags().MarkHidden("exit-after-samples"); err != nil {
		panic(err) // the flag is defined one line above
	}
	return cmd
}

// demo is the product on a stand-in.
type demo struct {
	*app
	dir         string
	temporary   bool // dir is ours and removed at the end
	samplesOnly bool
	config      *config.Config
	waiting     map[string]bool // sample files not imported yet, by path
	samples     int
	failed      int
}

func (d *demo) run(ctx context.Context) (err error) {
	drop, clean, err := d.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clean()) }()
	server, err := standin.New(standin.Options{Dir: filepath.Join(d.dir, "standin"), ImportDelay: 300 * time.Millisecond})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	// The stand-in is there until the daemon has ended, so that no request fails at the end.
	serving, close := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error { return server.Run(serving) })
	g.Go(func() error {
		defer close()
		return d.drive(ctx, stop, drop, server)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return d.goodbye(drop)
}

// folder makes the folder to drop into. clean removes what is temporary.
func (d *demo) folder() (drop string, clean func() error, err error) {
	clean = func() error { return nil }
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "scenario-drop-demo-"); err != nil {
			return "", clean, err
		}
		d.temporary = true
		dir := d.dir
		clean = func() error { return os.RemoveAll(dir) }
	} else if d.dir, err = filepath.Abs(d.dir); err != nil {
		return "", clean, err
	}
	drop = filepath.Join(d.dir, "Drop")
	for _, f := range demoFolders {
		if err := os.MkdirAll(filepath.Join(drop, f.name), 0o700); err != nil {
			return "", clean, errors.Join(err, clean())
		}
	}
	return drop, clean, nil
}

// drive runs the daemon and shows what it does until ctx is done.
func (d *demo) drive(ctx context.Context, stop func(), drop string, server *standin.Server) error {
	d.config = demoConfig(d.dir, drop, server)
	log, _ := newLog(d.Stderr, "text", 8) // errors; what is done is shown below
	daemon, err := service.Open(ctx, service.Options{Config: d.config, Doing: "demo", Version: versionText(), Log: log})
	if err != nil {
		return err
	}
	l, err := service.OpenLedgerReadOnly(ctx, d.config.DataDir)
	if err != nil {
		return errors.Join(err, daemon.Close())
	}
	defer l.Close()
	seen, err := l.LastEntry(ctx)
	if err == nil {
		err = d.writeSamples(ctx, l, drop)
	}
	if err != nil {
		return errors.Join(err, daemon.Close())
	}
	d.say("Scenario Drop demo, on a stand-in for Scenario on this computer.")
	d.say("")
	d.say("  Drop files into  %s", drop)
	d.say("  Status page      %s", daemon.Page())
	d.say("")
	running := make(chan error, 1)
	go func() { running <- d.runDaemon(ctx, daemon) }()
	err = d.follow(ctx, l, seen)
	stop()
	return errors.Join(err, <-running)
}

// demoConfig is a config as a person would write it: a folder for each kind, and for what
// is dropped beside them the kind that it turns out to be.
func demoConfig(dir, drop string, server *standin.Server) *config.Config {
	c := config.Default()
	c.DataDir = filepath.Join(dir, "data")
	c.Scenario.BaseURL = server.BaseURL()
	c.Scenario.Credentials = config.Credentials{Key: server.Key(), Secret: server.Secret(), Source: "demo"}
	if l, err := net.Listen("tcp", c.Status.Listen); err != nil {
		c.Status.Listen = "127.0.0.1:0"
	} else {
		l.Close()
	}
	for _, f := range demoFolders {
		w := config.DefaultWatch(filepath.Join(drop, f.name))
		w.Kind, w.Collections = f.kind, []string{f.name}
		if f.kind == "model" {
			w.OnChange = "new"
		}
		c.Watches = append(c.Watches, w)
	}
	rest := config.DefaultWatch(drop)
	rest.Kind, rest.Collections = "auto", []string{filepath.Base(drop)}
	c.Watches = append(c.Watches, rest)
	return c
}

// writeSamples puts the samples into their folders. Those that a demo before imported
// are left as they are.
func (d *demo) writeSamples(ctx context.Context, l *ledger.Ledger, drop string) error {
	d.waiting = map[string]bool{}
	for _, s := range samples.All() {
		data, err := s.Data()
		if err != nil {
			return fmt.Errorf("make the sample %s: %w", s.Name, err)
		}
		for _, f := range demoFolders {
			if f.kind != s.Kind {
				continue
			}
			path := filepath.Join(drop, f.name, s.Name)
			it, err := l.Find(ctx, path)
			if err == nil && it.State == ledger.Imported {
				continue
			}
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				return err
			}
			d.waiting[path] = true
			d.samples++
		}
	}
	return nil
}

// follow says what becomes of each file, until ctx is done.
func (d *demo) follow(ctx context.Context, l *ledger.Ledger, seen int64) error {
	if d.samples == 0 {
		d.say("The samples were imported by the demo before. Now drop a file of your own into the folder; Ctrl-C ends the demo.")
		if d.samplesOnly {
			return nil
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for over := false; ; {
		// The last look comes after the end, so that nothing that happened goes unsaid.
		items, last, err := l.Rested(context.WithoutCancel(ctx), seen, 100)
		if err != nil {
			return err
		}
		if len(items) > 0 {
			seen = last
		}
		for _, it := range items {
			d.show(it)
			if d.samplesOnly && len(d.waiting) == 0 {
				return nil
			}
		}
		if over {
			return nil
		}
		select {
		case <-ctx.Done():
			over = true
		case <-tick.C:
		}
	}
}

// show says what became of one file.
func (d *demo) show(it ledger.Item) {
	path := it.Path
	if rel, err := filepath.Rel(filepath.Dir(it.Root), it.Path); err == nil {
		path = rel
	}
	if it.State == ledger.Imported {
		d.say("%s: imported as %s %s into %s", printable(path), it.Kind, it.Asset, quoted(d.collections(it)))
	} else {
		d.say("%s: %s. %s", printable(path), stateWords(it.State), it.Detail)
	}
	if !d.waiting[it.Path] {
		return
	}
	delete(d.waiting, it.Path)
	if it.State != ledger.Imported {
		d.failed++
	}
	if len(d.waiting) == 0 {
		d.say("")
		d.say("%d of %d samples imported. Now drop a file of your own into the folder; Ctrl-C ends the demo.", d.samples-d.failed, d.samples)
	}
}

func (d *demo) collections(it ledger.Item) []string {
	for _, w := range d.config.Watches {
		if w.Path == it.Root {
			return service.CollectionsOf(w, it.Path)
		}
	}
	return nil
}

// goodbye ends the demo with a word on what is left of it.
func (d *demo) goodbye(drop string) error {
	d.say("")
	if d.temporary {
		d.say("Goodbye! The demo's folder is removed. Set it up for your own account with: scenario-drop init")
	} else {
		d.say("Goodbye! Your files are still in %s. Set it up for your own account with: scenario-drop init", drop)
	}
	if d.failed > 0 {
		return exit(codeSomeFiles)
	}
	return nil
}
