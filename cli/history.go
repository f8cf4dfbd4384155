package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"scenario-drop/service"
	"scenario-drop/status"
)

func (a *app) historyCommand() *cobra.Command {
	var failed, asJSON bool
	var limit int
	cmd := &cobra.Command{
		Use:   "history",
		Short: "What became of the files, newest first",
		Args:  noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			if limit < 1 {
				return usagef("--limit must be at least 1")
			}
			return a.history(ctx, limit, failed, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&failed, "failed", false, "only files that failed or need attention, or are imported with something left to be done")
	cmd.Flags().IntVar(&limit, "limit", 50, "at most `N` files")
	jsonFlag(cmd, &asJSON)
	return cmd
}

// historyReport is what `history --json` writes.
type historyReport struct {
	Files []status.File `json:"files"`
}

func (a *app) history(ctx context.Context, limit int, failed, asJSON bool) error {
	c, err := a.reach()
	if err != nil {
		return err
	}
	r := historyReport{Files: []status.File{}}
	l, err := service.OpenLedgerReadOnly(ctx, c.DataDir)
	if err != nil {
		return err
	}
	if l != nil {
		defer l.Close()
		if r.Files, err = service.RecentFiles(ctx, l, limit, failed); err != nil {
			return err
		}
	}
	if asJSON {
		return a.document(r)
	}
	for _, f := range r.Files {
		a.say("%s  %s: %s", f.Updated.Local().Format(time.DateTime), printable(f.Path), sentence(f))
	}
	switch {
	case len(r.Files) > 0:
	case failed:
		a.say("No file failed or needs attention.")
	default:
		a.say("No files yet.")
	}
	return nil
}
