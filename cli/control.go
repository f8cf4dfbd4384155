package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) retryCommand() *cobra.Command {
	var failed bool
	cmd := &cobra.Command{
		Use:   "retry [PATH…]",
		Short: "Try failed files again: those named, or all",
		Long:  "Let failed files be tried again, those named or all of them, and let files that wait for their next try go on at once. Files that may have been sent before, by a local database that was lost, are sent only when they are named. Without a daemon they are tried with the next start.",
		RunE: a.does(func(ctx context.Context, args []string) error {
			if failed && len(args) > 0 {
				return usagef("--failed means all failed files; name files, or give --failed, not both")
			}
			return a.retry(ctx, args)
		}),
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "all failed files, as without a path")
	return cmd
}

func (a *app) retry(ctx context.Context, args []string) error {
	c, paths, err := a.filesNamed(args)
	if err != nil {
		return err
	}
	when := "now"
	n, err := retryOnline(ctx, c.Config, paths)
	if errors.Is(err, status.ErrNotRunning) {
		when = "with the next start"
		n, err = service.RetryOffline(ctx, c.Config, paths)
	}
	switch {
	case err != nil:
		return err
	case len(paths) == 0:
		if err := a.sayAsking(ctx, c.Config); err != nil {
			return err
		}
	}
	switch {
	case n == 0 && len(paths) > 0:
		return errors.New("none of these files failed or waits for another try; what became of them: scenario-drop why PATH")
	case n == 0:
		a.say("No file failed or waits for another try.")
	case n == 1:
		a.say("1 file is tried again %s.", when)
	default:
		a.say("%s are tried again %s.", files(n), when)
	}
	return nil
}

// sayAsking says that a retry of all files left those out that wait for an answer.
func (a *app) sayAsking(ctx context.Context, c *config.Config) error {
	s, err := snapshot(ctx, c)
	if err != nil {
		return err
	}
	if text := s.AskingText(); text != "" {
		a.note("%s", text)
	}
	return nil
}

// filesNamed loads the config and gives the files named the form in which the ledger has
// them.
func (a *app) filesNamed(args []string) (config.Located, []string, error) {
	c, err := a.reach()
	if err != nil {
		return c, nil, err
	}
	paths, err := absolute(args)
	for i, p := range paths {
		paths[i] = asWatched(c.Config, p)
	}
	return c, paths, err
}

func retryOnline(ctx context.Context, c *config.Config, paths []string) (int, error) {
	client, err := service.Dial(c.DataDir)
	if err != nil {
		return 0, err
	}
	return client.Retry(ctx, paths)
}

func (a *app) pauseCommand() *cobra.Command {
	var words string
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Send nothing for a while",
		Long:  "Let the daemon take up no file until it is resumed, or for the time given. Files that are being uploaded are still finished. A pause outlasts a restart.",
		Args:  noArguments,
	}
	cmd.Flags().StringVar(&words, "for", "", "resume automatically after this `time`: 30m, 2h, 1d; or at 18:00, or tomorrow")
	cmd.RunE = a.does(func(ctx context.Context, _ []string) error {
		var until time.Time
		if cmd.Flags().Changed("for") {
			var err error
			if until, err = pauseEnd(words, time.Now()); err != nil {
				return err
			}
		}
		client, err := a.dial()
		if err == nil {
			err = client.Pause(ctx, until)
		}
		if err != nil {
			return err
		}
		text := "Paused until: scenario-drop resume."
		if !until.IsZero() {
			text = "Paused until " + until.Format("2006-01-02 15:04") + "."
		}
		a.say("%s Files that are being uploaded are still finished.", text)
		return nil
	})
	return cmd
}

func (a *app) resumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "End a pause",
		Args:  noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			client, err := a.dial()
			if err == nil {
				err = client.Resume(ctx)
			}
			if err != nil {
				return err
			}
			a.say("Resumed.")
			return nil
		}),
	}
}

// dial finds the running daemon of the config.
func (a *app) dial() (*status.Client, error) {
	c, err := a.reach()
	if err != nil {
		return nil, err
	}
	return service.Dial(c.DataDir)
}
