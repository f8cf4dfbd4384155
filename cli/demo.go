package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"scenario-drop/config"
	"scenario-drop/drop"
	"scenario-drop/ledger"
	"scenario-drop/samples"
	"scenario-drop/service"
	"scenario-drop/standin"
	"scenario-drop/status"
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
		Long:  "Run the whole product against a test server on this computer, in place of Scenario. A few sample files go through; then drop files of your own into the folder it names. Ctrl-C ends it. Nothing in that folder is ever removed, and the demo goes on from there when it is started again.",
		Args:  noArguments,
		RunE:  a.does(func(ctx context.Context, _ []string) error { return d.run(ctx) }),
	}
	cmd.Flags().StringVar(&d.dir, "dir", "", "use this `folder`, which the demo makes if it is missing (default: \""+demoName+"\" among your documents)")
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
	dir         string // of --dir; "" is the person's own
	place       demoPlace
	samplesOnly bool
	config      *config.Config
	waiting     map[string]bool // sample files not imported yet, by path
	samples     int
	failed      int
}

func (d *demo) run(ctx context.Context) (err error) {
	if d.place, err = newDemoPlace(d.dir); err != nil {
		return err
	}
	if err := d.place.make(); err != nil {
		return err
	}
	server, err := d.server()
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
		return d.drive(ctx, stop, server)
	})
	if err := g.Wait(); err != nil {
		return err
	}
	return d.goodbye()
}

// server makes the stand-in, which nobody else can use: its secrets are new with each
// start and told to nobody, and where the system tells whose a connection is, those of other
// accounts are refused.
func (d *demo) server() (*standin.Server, error) {
	log, _ := newLog(d.Stderr, "text", 8)
	server, err := standin.New(standin.Options{
		Dir: filepath.Join(d.place.account, "standin"), Keep: true, ImportDelay: 300 * time.Millisecond, Log: log,
		Key: rand.Text(), Secret: rand.Text(), AdminToken: rand.Text(), OwnAccount: standin.CanTellAccounts("127.0.0.1:0"),
	})
	if errors.Is(err, standin.ErrInUse) {
		return nil, fmt.Errorf("another demo is running with the account in %s; end it first, or give this one a folder of its own: scenario-drop demo --dir FOLDER", d.place.account)
	}
	return server, err
}

// drive runs the daemon and shows what it does until ctx is done.
func (d *demo) drive(ctx context.Context, stop func(), server *standin.Server) error {
	d.config = demoConfig(d.place, server)
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
		err = d.writeSamples(ctx, l)
	}
	if err != nil {
		return errors.Join(err, daemon.Close())
	}
	d.say("Scenario Drop demo, with a test server on this computer in place of Scenario.")
	d.say("")
	d.say("  Drop files into  %s", printable(d.place.drop))
	d.say("  Its account is   %s", printable(d.place.account))
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
func demoConfig(place demoPlace, server *standin.Server) *config.Config {
	c := config.Default()
	c.DataDir = filepath.Join(place.account, "data")
	c.Scenario.BaseURL, c.Scenario.Account = server.BaseURL(), server.ID()
	c.Scenario.Credentials = config.Credentials{Key: server.Key(), Secret: server.Secret(), Source: "demo"}
	if l, err := net.Listen("tcp", c.Status.Listen); err != nil {
		c.Status.Listen = "127.0.0.1:0"
	} else {
		l.Close()
	}
	for _, f := range demoFolders {
		w := config.DefaultWatch(filepath.Join(place.drop, f.name))
		w.Kind, w.Collections = f.kind, []string{f.name}
		if f.kind == "model" {
			w.OnChange = "new"
		}
		c.Watches = append(c.Watches, w)
	}
	rest := config.DefaultWatch(place.drop)
	rest.Kind, rest.Collections = "auto", []string{filepath.Base(place.drop)}
	c.Watches = append(c.Watches, rest)
	return c
}

// writeSamples puts the samples into their folders. Those that a demo before imported
// are left as they are, and so is every file that is no sample.
func (d *demo) writeSamples(ctx context.Context, l *ledger.Ledger) error {
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
			path := filepath.Join(d.place.drop, f.name, s.Name)
			it, err := l.Find(ctx, path)
			if err == nil && it.State == drop.Imported {
				continue
			}
			if err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return err
			}
			ours, err := writeSample(path, data)
			if err != nil {
				return err
			}
			if !ours {
				d.say("%s is a file of your own; the sample of that name is not put there.", printable(path))
				continue
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
		d.say("There is no new sample to import. Now drop a file of your own into the folder; Ctrl-C ends the demo.")
		if d.samplesOnly {
			return nil
		}
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for over := false; ; {
		// The last check comes after the end, so that nothing that happened goes unsaid.
		items, last, err := l.Ended(context.WithoutCancel(ctx), seen, 100)
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
	if it.State == drop.Imported {
		d.say("%s: imported as %s %s into %s", printable(path), it.Kind, it.Asset, quoted(d.collections(it)))
	} else {
		d.say("%s: %s. %s", printable(path), status.StateName(it.State), it.Detail)
	}
	if !d.waiting[it.Path] {
		return
	}
	delete(d.waiting, it.Path)
	if it.State != drop.Imported {
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

// goodbye ends the demo with a word on what stays behind, which is everything.
func (d *demo) goodbye() error {
	d.say("")
	d.say("Goodbye! Nothing was removed: your files are in %s,", printable(d.place.drop))
	d.say("and what the demo imported is in %s. Start it again and it goes on from there.", printable(d.place.account))
	d.say("Set it up for your own account with: scenario-drop init")
	if d.failed > 0 {
		return exit(codeSomeFiles)
	}
	return nil
}
