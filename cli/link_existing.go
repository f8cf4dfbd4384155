package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/ledger"
	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) linkExistingCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "link-existing [PATH…] | --all",
		Short: "Take files as what Scenario seems to hold already, in place of sending them",
		Long: `After a local database was lost, files that Scenario seems to hold already (an asset has the same name and size) are not sent
until you say what to do. This command takes them as those assets: nothing is sent, they join their folder's collections, and
count as imported. Since nobody compared their bytes with Scenario's, after_upload leaves them where they are. To send one
all the same: scenario-drop retry PATH. Without a daemon it takes effect with the next start.`,
		RunE: a.does(func(ctx context.Context, args []string) error {
			switch {
			case all && len(args) > 0:
				return usagef("--all means all files that wait for an answer; name files, or give --all, not both")
			case !all && len(args) == 0:
				return usagef("which files? Name them, or give --all; to see them: scenario-drop history --failed")
			}
			return a.linkExisting(ctx, args)
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "all files that Scenario seems to hold already")
	return cmd
}

func (a *app) linkExisting(ctx context.Context, args []string) error {
	c, paths, err := a.filesNamed(args)
	if err != nil {
		return err
	}
	when := "now"
	sum, err := linkExistingOnline(ctx, c.Config, paths)
	if errors.Is(err, status.ErrNotRunning) {
		when = "with the next start"
		sum, err = service.LinkExistingOffline(ctx, c.DataDir, paths)
	}
	switch {
	case err != nil:
		return err
	case sum.Queued > 0:
		a.say("%s taken as what Scenario holds, %s.", count(sum.Queued, "file is", "files are"), when)
	case sum.Unknown == 0 && len(paths) > 0:
		return errors.New("none of these files waits for an answer; what became of them: scenario-drop why PATH")
	case sum.Unknown == 0:
		a.say("No file waits for an answer.")
	}
	if sum.Unknown > 0 {
		a.note("Of %s no asset is known that could be taken for it; to look again: scenario-drop retry, to send one: scenario-drop retry PATH", files(sum.Unknown))
	}
	return nil
}

func linkExistingOnline(ctx context.Context, c *config.Config, paths []string) (ledger.LinkedExisting, error) {
	client, err := service.Dial(c.DataDir)
	if err != nil {
		return ledger.LinkedExisting{}, err
	}
	return client.LinkExisting(ctx, paths)
}
