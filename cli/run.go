package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service"
	"scenario-drop/service/install"
)

// endWithin is how long the daemon may take to end in good order. After that the
// process ends all the same; the ledger is made for that.
const endWithin = 8 * time.Second

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Watch the folders and send what is saved into them, until it is stopped",
		Long:  "Watch the folders of the config and send what is saved into them, in the foreground, until Ctrl-C or SIGTERM. This is what the service runs. What is being done then resumes with the next start. SIGHUP has it read the config again at once.",
		Args:  noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			reload, stop := daemonSignals()
			defer stop()
			return install.Run(ctx, func(ctx context.Context, ready func()) error { return a.daemon(ctx, reload, ready) })
		}),
	}
}

// daemon runs until ctx is done. A value on reload has it read the config again.
func (a *app) daemon(ctx context.Context, reload <-chan struct{}, ready func()) (err error) {
	if install.StartedByManager() {
		boundFile(os.Stderr)
	}
	c, err := a.load(config.Loader{})
	if err != nil {
		a.logFailure(err)
		return err
	}
	var to io.Writer = a.Stderr
	if err := service.RefuseExposed(c.DataDir); err != nil { // nor is its log written there
		return err
	}
	if install.StartedByManager() {
		f := newLogFile(c.DataDir)
		defer f.Close() // a log that cannot be written is no reason to end, nor to fail at the end
		to = f
	}
	log, level, stop := daemonLog(to, c.Log.Format, c.Log.Level)
	defer stop()
	for _, w := range c.Warnings {
		log.Warn("the config works, but", "what", w.String())
	}
	d, err := service.Open(ctx, service.Options{Config: c, Doing: "run", Version: versionText(), Log: log, SetLevel: level.Set, Ready: ready, Reload: reload})
	if err != nil {
		if install.StartedByManager() {
			log.Error("scenario-drop cannot start", "why", err)
		}
		return err
	}
	return a.runDaemon(ctx, d)
}

// runDaemon runs d until ctx is done, and closes it.
func (a *app) runDaemon(ctx context.Context, d *service.Daemon) error {
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	select {
	case err := <-ended:
		return errors.Join(err, d.Close())
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return errors.Join(err, d.Close())
	case <-time.After(endWithin):
		d.Log.Warn("something hangs and is left behind; what was being done resumes with the next start")
		return nil
	}
}

// logFailure writes why the daemon cannot start where a person can find it, if nobody
// reads stderr. The config says where the data directory is, so without one that can be
// used it is the one that belongs to the config's place.
func (a *app) logFailure(err error) {
	if !install.StartedByManager() {
		return
	}
	f := newLogFile(a.usualDataDir())
	defer f.Close()
	log, _ := newLog(f, "text", 0)
	log.Error("scenario-drop cannot start", "why", err)
}

// usualDataDir is where the data of the config in use belongs where it does not say.
func (a *app) usualDataDir() string {
	file, err := config.Find(a.config, a.Getenv)
	if err != nil {
		return config.Default().DataDir
	}
	return config.DefaultDataDir(file)
}
