package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario-drop/service"
)

func (a *app) openCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "open",
		Short: "Show the status page in the browser",
		Args:  noArguments,
		RunE: a.does(func(ctx context.Context, _ []string) error {
			c, err := a.reach()
			if err != nil {
				return err
			}
			client, err := service.Dial(c.DataDir)
			var page string
			if err == nil {
				page, err = client.Page(ctx)
			}
			if err != nil {
				return err
			}
			if page == "" {
				return errors.New(`the status page is off; set listen under [status] in the config, and restart`)
			}
			a.say("%s", page)
			if err := browse(ctx, page); err != nil {
				return fmt.Errorf("no browser could be opened (%w); open the address above yourself", err)
			}
			return nil
		}),
	}
}

// browse opens an address in the person's browser.
func browse(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case "darwin":
		name = "open"
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = withoutOurs(cmd.Environ())
	return cmd.Run()
}

// withoutOurs is an environment without what is meant for this program alone, such as the
// key: a browser hands its environment on to whatever it starts, and lives long.
func withoutOurs(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name := strings.ToUpper(v) // Windows does not distinguish case
		for _, prefix := range []string{"SCENARIO_", "CREDENTIALS_DIRECTORY=", "AWS_"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	})
}
