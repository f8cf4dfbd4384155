// Package cli is the command line of Scenario Drop: it reads flags and the config,
// calls the other packages, and says what came of it, to people or as JSON. docs/cli.md
// describes every command with its JSON and its exit codes.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service"
)

// Process is what a command gets from the process it runs in.
type Process struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(name string) string
}

// OS is the process we are.
func OS() Process {
	return Process{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}
}

// Main runs a command line to its end and returns the exit code. An interrupt or a
// SIGTERM asks the command to end in good order; a second one ends the process at once.
func Main(p Process) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return run(ctx, p)
}

// run is Main without the signals.
func run(ctx context.Context, p Process) int {
	out := &output{to: p.Stdout}
	a := &app{Process: p, out: out}
	root := a.root()
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(out)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.reached {
		err = usageError(err) // cobra did not like the words
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("write the output: %w", out.err)
	}
	err = a.tellWhose(err)
	a.complain(err)
	return exitCode(err)
}

// app is one run of the program.
type app struct {
	Process
	out     *output // stdout
	config  string  // --config
	profile profiles
	reached bool // a command's own code, past flags and arguments
}

// Groups of the commands in the help.
const (
	groupStart   = "start"
	groupDaily   = "daily"
	groupService = "service"
	groupOther   = "other"
)

const welcome = `Scenario Drop sends files you save into folders to Scenario: once, whole, and into the right collection.

Three commands to begin with:

  scenario-drop demo      try it now: no account and no settings needed
  scenario-drop init      set it up: your API key and your folders
  scenario-drop run       start it; from then on just save files into the folders

All commands: scenario-drop help
`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "scenario-drop",
		Short:         "Files dropped into folders become assets on Scenario",
		Long:          "Scenario Drop watches folders and makes every finished file in them an asset on Scenario, in the right collection.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(cmd, args[0])
		},
		RunE: a.does(func(context.Context, []string) error {
			_, err := io.WriteString(a.out, welcome)
			return err
		}),
		SuggestionsMinimumDistance: 2,
	}
	root.PersistentFlags().StringVar(&a.config, "config", "", "the config `file` (default: $SCENARIO_DROP_CONFIG, else yours, else the system's)")
	if err := root.MarkPersistentFlagFilename("config", "toml"); err != nil {
		panic(err) // the flag is defined one line above
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		// A command that does not exist is said before the flags that it would have.
		if name := firstWord(a.Args); cmd == root && name != "" {
			if found, _, _ := root.Find([]string{name}); found == root {
				return unknownCommand(root, name)
			}
		}
		return flagError(cmd, err)
	})
	a.profile.addFlags(root)
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "To begin with:"},
		&cobra.Group{ID: groupDaily, Title: "Day by day:"},
		&cobra.Group{ID: groupService, Title: "As a service of this computer:"},
		&cobra.Group{ID: groupOther, Title: "Other:"},
	)
	for _, c := range []struct {
		group string
		make  func() *cobra.Command
	}{
		{groupStart, a.demoCommand}, {groupStart, a.initCommand}, {groupStart, a.checkCommand}, {groupStart, a.runCommand},
		{groupDaily, a.statusCommand}, {groupDaily, a.openCommand}, {groupDaily, a.historyCommand}, {groupDaily, a.whyCommand},
		{groupDaily, a.retryCommand}, {groupDaily, a.linkExistingCommand}, {groupDaily, a.pauseCommand}, {groupDaily, a.resumeCommand}, {groupDaily, a.onceCommand}, {groupDaily, a.verifyCommand},
		{groupService, a.installCommand}, {groupService, a.uninstallCommand}, {groupService, a.startCommand}, {groupService, a.stopCommand}, {groupService, a.restartCommand},
		{groupOther, a.standinCommand}, {groupOther, a.versionCommand},
	} {
		cmd := c.make()
		cmd.GroupID = c.group
		root.AddCommand(cmd)
	}
	earlier := a.linkExistingCommand() // its name before
	earlier.Use, earlier.Hidden = "adopt [PATH…] | --all", true
	root.AddCommand(earlier)
	root.SetHelpCommand(a.helpCommand(root))
	root.SetHelpCommandGroupID(groupOther)
	root.SetCompletionCommandGroupID(groupOther)
	root.InitDefaultCompletionCmd()
	if shells, _, err := root.Find([]string{"completion"}); err == nil && shells != root {
		shells.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() } // so that its arguments are checked
	}
	return root
}

// does makes a command's own code of f.
func (a *app) does(f func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.reached = true
		return a.profile.around(func() error { return f(cmd.Context(), args) })
	}
}

// helpCommand is the library's, which answers a mistyped name with the help for all.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range root.Commands() {
				if len(args) == 0 && c.IsAvailableCommand() {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: a.does(func(_ context.Context, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 || found == root && len(args) > 0 {
				return usageError(unknownCommand(root, args[len(args)-max(1, len(rest))]))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		}),
	}
}

// firstWord is the first argument that is no flag; "" if there is none.
func firstWord(args []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
			return ""
		case args[i] == "--config":
			i++
		case !strings.HasPrefix(args[i], "-"):
			return args[i]
		}
	}
	return ""
}

func unknownCommand(cmd *cobra.Command, name string) error {
	text := fmt.Sprintf("there is no command %q", name)
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		text += fmt.Sprintf("; did you mean %q?", near[0])
	} else {
		text += "; all commands: scenario-drop help"
	}
	return errors.New(text)
}

// complain says an error to the person at stderr, or to the program that asked for JSON.
func (a *app) complain(err error) {
	text := errorText(err)
	switch {
	case text == "":
	case wantsJSON(a.Args) && a.out.err == nil && a.line(errorReport{viewOf(err)}) == nil:
	default:
		a.note("%s", text)
	}
}

// tellWhose adds to the error of what is another account's how to ask as that.
func (a *app) tellWhose(err error) error {
	other, ok := errors.AsType[*service.OtherAccountError](err)
	if !ok {
		return err
	}
	how := config.AskAs(other.Owner, slices.Clone(a.Args)...)
	if how == "" {
		return other
	}
	return fmt.Errorf("%w; ask as it: %s", other, how)
}
