package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service"
	"scenario-drop/status"
)

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
