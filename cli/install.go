package cli

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"scenario-drop/config"
	"scenario-drop/service/install"
)

// scopeFlags are --user and --system.
type scopeFlags struct{ user, system bool }

func (s *scopeFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.user, "user", false, "your own service, which runs while you are logged in")
	cmd.Flags().BoolVar(&s.system, "system", false, "the computer's service, which runs from boot on (needs administrator rights)")
}

func (s *scopeFlags) scope() (install.Scope, error) {
	switch {
	case s.user && s.system:
		return 0, usagef("--user or --system, not both")
	case s.user:
		return install.User, nil
	case s.system:
		return install.System, nil
	}
	return install.DefaultScope(), nil
}

func (a *app) installCommand() *cobra.Command {
	var flags scopeFlags
	var runAs string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Make it a service that starts automatically",
		Long:  "Make Scenario Drop a service of this computer, which starts at login (--user) or at boot (--system) and runs with the config in use now. It is not started yet.",
		Args:  noArguments,
		RunE: a.does(func(context.Context, []string) error {
			scope, err := flags.scope()
			if err != nil {
				return err
			}
			file, err := a.serviceConfig(scope)
			if err != nil {
				return err
			}
			c, err := config.Loader{SkipCredentials: true, SkipFolders: true, Getenv: a.Getenv}.Load(file)
			if err != nil {
				return err
			}
			done, err := install.Install(install.Options{Scope: scope, ConfigFile: file, RunAs: runAs})
			if err != nil {
				return err
			}
			if done.Changed {
				a.say("Installed: %s, with the config %s.", done.Path, file)
			} else {
				a.say("It is installed like this already: %s.", done.Path)
			}
			if note := writeDataDir(c); note != "" {
				a.say("%s", note)
			}
			if done.Changed {
				a.sayInstalled(scope, done.RunAs)
			}
			return nil
		}),
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&runAs, "run-as", "", "the `account` of a --system service (Linux and macOS)")
	return cmd
}

// sayInstalled says when a new service runs, and what to type.
func (a *app) sayInstalled(scope install.Scope, runAs string) {
	sudo := ""
	switch {
	case scope == install.User:
		a.say("It runs while you are logged in.")
		if runtime.GOOS == "linux" {
			a.say("To let it run without you being logged in: loginctl enable-linger")
		}
	case runtime.GOOS == "windows":
		a.say("It starts with Windows.")
	default:
		sudo = "sudo "
		a.say("It starts at boot.")
	}
	if runAs != "" {
		a.say("It runs as the account %s, which must be able to read the config and the folders.", runAs)
	}
	a.say("Start it now with: %sscenario-drop start --%s", sudo, scope)
}

// serviceConfig is the config for a service: that of --config or the environment, or
// else the system's for the system's service, if it has one, before the person's own.
func (a *app) serviceConfig(scope install.Scope) (string, error) {
	if a.config == "" && a.Getenv(config.EnvFile) == "" && scope == install.System {
		if file := config.SystemFile(a.Getenv); exists(file) {
			return file, nil
		}
	}
	return config.Find(a.config, a.Getenv)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func (a *app) uninstallCommand() *cobra.Command {
	var flags scopeFlags
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Stop the service and remove it; your files, the config and the local database stay",
		Args:  noArguments,
		RunE: a.does(func(context.Context, []string) error {
			scope, err := flags.scope()
			if err != nil {
				return err
			}
			done, err := install.Uninstall(install.Options{Scope: scope})
			if err != nil {
				return err
			}
			if !done.Changed {
				a.say("There was no service to remove.")
				return nil
			}
			a.say("Removed: %s.", done.Path)
			a.say("Your files, the config and the local database are still there.")
			return nil
		}),
	}
	flags.add(cmd)
	return cmd
}

func (a *app) startCommand() *cobra.Command {
	return a.serviceCommand("start", "Start the service", a.checked(install.Start), "Started. See what it does with: scenario-drop status")
}

func (a *app) stopCommand() *cobra.Command {
	return a.serviceCommand("stop", "Stop the service; what is being done resumes with the next start", install.Stop, "Stopped.")
}

func (a *app) restartCommand() *cobra.Command {
	return a.serviceCommand("restart", "Stop the service and start it again", a.checked(install.Restart), "Restarted.")
}

// checked does it only if the config that the service reads has no problems: it would not
// start with them, and one that runs goes on by the config before.
func (a *app) checked(do func(install.Options) error) func(install.Options) error {
	return func(o install.Options) error {
		file, err := install.ConfigFile(o)
		if errors.Is(err, install.ErrConfigUnknown) {
			file, err = a.serviceConfig(o.Scope)
		}
		if err == nil {
			err = a.fitForAService(file)
		}
		if problems, ok := errors.AsType[config.Problems](err); ok {
			a.note("The config of the service has problems, so the service is left as it is:")
			return problems
		}
		return do(o) // which says what else is wrong
	}
}

// fitForAService says what keeps a service from starting with a config.
func (a *app) fitForAService(file string) error {
	_, err := config.Loader{ForAService: true, Getenv: a.Getenv}.Load(file)
	return err
}

func (a *app) serviceCommand(name, short string, do func(install.Options) error, done string) *cobra.Command {
	var flags scopeFlags
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Args:  noArguments,
		RunE: a.does(func(context.Context, []string) error {
			scope, err := flags.scope()
			if err != nil {
				return err
			}
			if err := do(install.Options{Scope: scope}); err != nil {
				return err
			}
			a.say("%s", done)
			return nil
		}),
	}
	flags.add(cmd)
	return cmd
}
